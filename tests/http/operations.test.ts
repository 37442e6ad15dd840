/** Every operation with every answer it declares: by scenario, and by what every operation has in common. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { effectsBetween, snapshot } from '#tests/harness/effects.ts'
import {
  type Answer,
  ask,
  asker,
  codeOf,
  type Kept,
  operationOf,
  type Request,
  runScenario,
  type Seen,
} from '#tests/harness/http.ts'
import { type Actor, startWorld, type World } from '#tests/harness/world.ts'
import { backgroundWork } from '#tests/http/background-work.ts'
import { conversationTests } from '#tests/http/conversation-tests.ts'
import { safeWriting } from '#tests/http/safe-writing.ts'
import { samplesOf } from '#tests/http/samples.ts'
import { adminScenarios } from '#tests/http/scenarios-admin.ts'
import { agentLifeScenarios } from '#tests/http/scenarios-agent-life.ts'
import { agentScenarios } from '#tests/http/scenarios-agents.ts'
import { conversationScenarios } from '#tests/http/scenarios-conversations.ts'
import { explainScenarios } from '#tests/http/scenarios-explain.ts'
import { knowledgeScenarios, refreshed } from '#tests/http/scenarios-knowledge.ts'
import { memberScenarios } from '#tests/http/scenarios-members.ts'
import { numberScenarios } from '#tests/http/scenarios-numbers.ts'
import { publishScenarios } from '#tests/http/scenarios-publish.ts'
import { routingScenarios } from '#tests/http/scenarios-routing.ts'
import { siteScenarios } from '#tests/http/scenarios-sites.ts'
import { trunkScenarios } from '#tests/http/scenarios-trunks.ts'
import { uponaiScenarios } from '#tests/http/scenarios-uponai.ts'
import { writingScenarios } from '#tests/http/scenarios-writing.ts'
import { whoMayAsk } from '#tests/http/who-may-ask.ts'
import { refusalsOf } from '#wire/operation.ts'
import { type OperationId, operationList } from '#wire/operations.ts'

let world: World
const kept: Kept = new Map([['slug', 'x']])
const seen: Seen = new Set()

before(async () => {
  world = await startWorld()
  kept.set('organization', world.admin.organization_id)
  kept.set('elsewhere', world.other.organization_id)
})
after(() => world.close())

const idOf = (name: string): string => kept.get(name) ?? ''

const samples = () => samplesOf(idOf)

const refused = async (id: OperationId, actor: Actor, request: Request, code: string): Promise<Answer> => {
  const answer = await ask(world, actor, request)
  assert.equal(codeOf(answer), code, `${id}: ${JSON.stringify(answer.body)}`)
  seen.add(`${id} ${code}`)
  return answer
}

const unchanged = async (work: () => Promise<void>): Promise<void> => {
  const before = await snapshot(world.app.db)
  await work()
  assert.deepEqual(effectsBetween(before, await snapshot(world.app.db)), {})
}

const MODEL_FAULTS = ['model_unreachable', 'model_refused', 'model_overloaded', 'model_broken_stream', 'model_timeout']

const guarded = operationList().filter(([, row]) => row.scope !== null)

describe('scenarios', () => {
  for (const scenario of [
    ...adminScenarios,
    ...memberScenarios,
    ...siteScenarios,
    ...agentScenarios,
    ...publishScenarios,
    ...numberScenarios,
    ...trunkScenarios,
    ...agentLifeScenarios,
    ...knowledgeScenarios,
    ...routingScenarios,
    ...explainScenarios,
    ...uponaiScenarios,
    ...writingScenarios,
    ...conversationScenarios,
  ]) {
    test(scenario.name, () => runScenario(world, scenario, kept, seen))
  }
})

describe('a source whose reading failed', () => {
  test('is read again when that is asked for', async () => {
    await sql`update knowledge_sources set state = 'failed', failure = '{"code":"source_unreadable","detail":"x"}'
      where id = ${idOf('file')}`.execute(world.app.db)
    await runScenario(world, refreshed, kept, seen)
  })
})

describe('while instructions are generated', () => {
  const mark = (generating: boolean) =>
    sql`update agent_versions set generating = ${generating} where agent_id = ${idOf('agent')} and version = 3`.execute(
      world.app.db,
    )
  test('a draft is neither changed nor published; stale, it is not published either', async () => {
    const { updateVersion, publishVersion } = samples()
    const publish = { ...publishVersion, path: publishVersion.path.replace('/1/', '/3/') }
    await mark(true)
    await unchanged(async () => {
      await refused('updateVersion', 'admin', updateVersion, 'version_generating')
      await refused('publishVersion', 'admin', publish, 'publish_generating')
    })
    await mark(false)
    await sql`update agent_versions set dirty = true, manually_edited = false
      where agent_id = ${idOf('agent')} and version = 3`.execute(world.app.db)
    await unchanged(async () => {
      await refused('publishVersion', 'admin', publish, 'publish_stale')
    })
  })
})

describe('a conversation', () => conversationTests({ world: () => world, samples, refused, unchanged }, kept, seen))

describe('background work', () => backgroundWork({ world: () => world, kept, seen, refused }))

describe('who may ask', () => whoMayAsk({ world: () => world, samples, refused, unchanged }))

describe('what may be asked', () => {
  for (const [id, row] of guarded) {
    const declared = refusalsOf(row)
    const ours = (): Request => samples()[id]
    if (declared.includes('cursor_invalid')) {
      for (const cursor of ['%21', 'AAAA', Buffer.from('2026-01-01T00:00:00Z x y').toString('base64url')]) {
        test(`${id} with the cursor ${cursor}`, async () => {
          await refused(id, asker(row), { ...ours(), path: `${ours().path}?cursor=${cursor}` }, 'cursor_invalid')
        })
      }
    }
    if (declared.includes('malformed_json')) {
      const headers = { 'content-type': 'application/json' }
      const bad = ['{', '{"name":"x",}', '{"__proto__":{"a":1}}', Buffer.from([0x22, 0xff, 0x22])]
      test(`${id} with a body that is no JSON, of another type, too large`, () =>
        unchanged(async () => {
          for (const raw of bad) await refused(id, asker(row), { ...ours(), raw, headers }, 'malformed_json')
          const form = { 'content-type': 'application/x-www-form-urlencoded' }
          await refused(id, asker(row), { ...ours(), raw: 'a=1', headers: form }, 'unsupported_media_type')
          const limit_bytes = row.body_limit_bytes ?? 1024 * 1024
          await refused(id, asker(row), { ...ours(), raw: `"${'x'.repeat(limit_bytes)}"`, headers }, 'body_too_large')
        }))
    }
    if (declared.includes('invalid_request')) {
      test(`${id} with something that it does not take`, () =>
        unchanged(async () => {
          const wrong: Request =
            row.path_parameters && row.account_in !== 'path'
              ? { ...ours(), path: row.path.replace(/\{\w+\}/g, 'x'.repeat(200)) }
              : row.query
                ? { ...ours(), path: `${ours().path}?limit=0` }
                : { ...ours(), body: { colour: 'red' } }
          await refused(id, asker(row), wrong, 'invalid_request')
        }))
    }
    if (row.body && !row.body_optional) {
      test(`${id} without a body`, () =>
        unchanged(async () => {
          const { body: _body, ...none } = ours()
          await refused(id, asker(row), none, 'invalid_request')
        }))
    }
  }
})

describe('what makes a write safe', () => {
  // The one before is taken by now.
  before(() => kept.set('slug', 'another'))
  safeWriting({ world: () => world, samples, refused, unchanged })
})

describe('lists', () => {
  const walk = async (path: string, cursorOf: (answer: Answer) => string | undefined): Promise<unknown[]> => {
    const found: unknown[] = []
    let cursor: string | undefined = ''
    while (cursor !== undefined) {
      const more: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
      const answer = await ask(world, 'admin', { method: 'GET', path: `${path}?limit=2${more}` })
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
      found.push(...(answer.body as unknown[]))
      cursor = cursorOf(answer)
    }
    return found
  }
  test('pages lose nothing, also among rows of one instant', async () => {
    await sql`update api_keys set created_at = '2026-01-01T00:00:00Z'`.execute(world.app.db)
    const path = '/admin/organization-pats'
    const whole = (await ask(world, 'admin', { method: 'GET', path: `${path}?limit=100` })).body as { key_id: string }[]
    const paged = await walk(path, answer => answer.headers['x-next-cursor'] as string | undefined)
    assert.ok(whole.length > 4)
    assert.deepEqual(paged, whole)
    seen.add('listApiKeys 200')
  })
  test('the link leads to the next page, filters kept; the last page has none', async () => {
    const first = await ask(world, 'admin', { method: 'GET', path: '/core/phone-numbers?limit=1&phone_number=+1555' })
    const link = String(first.headers.link)
    const next = /^<(.+)>; rel="next"$/.exec(link)?.[1] ?? ''
    assert.equal(operationOf('GET', next)?.id, 'listNumbers')
    const second = await ask(world, 'admin', { method: 'GET', path: next })
    assert.partialDeepStrictEqual(second.body, [{ phone_number: '+15551230001' }])
    assert.equal(second.headers.link, undefined)
    assert.equal(second.headers['x-next-cursor'], undefined)
  })
  test('a cursor that a client made of created_at works too', async () => {
    const numbers = await walk('/core/phone-numbers', answer => {
      const last = (answer.body as { created_at: string }[]).at(-1)
      return last && Buffer.from(last.created_at).toString('base64')
    })
    assert.equal(numbers.length, 2)
  })
})

test('every answer that an operation declares was seen', () => {
  /** These have tests of their own, on servers of their own: away.test.ts, rate-limit.test.ts, comparing.test.ts. */
  const elsewhere = new Set(['internal', 'database_unavailable', 'rate_limited', ...MODEL_FAULTS])
  const missing = operationList().flatMap(([id, row]) => {
    const answers = Object.keys(row.answers).filter(status => status !== '503')
    const codes = [...refusalsOf(row).filter(code => !elsewhere.has(code)), ...answers]
    return codes.filter(code => !seen.has(`${id} ${code}`)).map(code => `${id} ${code}`)
  })
  assert.deepEqual(missing, [])
})
