/** When the database is gone, frozen, or something fails that nobody foresaw. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import type { App } from '#app/context.ts'
import { buildHttpServer } from '#http/server.ts'
import { type Db, openDatabase } from '#store/database.ts'
import { openProbe, type Probe } from '#store/probe.ts'
import { type Answer, ask, asker, type Request } from '#tests/harness/http.ts'
import { startWorld, type World } from '#tests/harness/world.ts'
import { operationList } from '#wire/operations.ts'

let world: World
before(async () => {
  world = await startWorld()
})
after(() => world.close())

const SOME_ID = '0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d'
const values = (): Readonly<Record<string, string>> => ({
  id: SOME_ID,
  source_id: SOME_ID,
  version: '1',
  phone_number: '+15551230001',
  key_id: 'abcd',
  user_id: SOME_ID,
  number: '+15551230001',
  direction: 'inbound',
  accountSid: world.admin.organization_id,
})
const bodies = (): Readonly<Record<string, unknown>> => ({
  assignNumber: { accountSid: world.admin.organization_id, workspaceId: 1 },
  createApiKey: { name: 'x' },
  createOrganization: { name: 'x', slug: 'x' },
  addMember: { email: 'x@example.test', name: 'x' },
  changeRole: { role: 'viewer' },
  beginConversation: { channel: 'text', agent_id: SOME_ID },
  sendMessage: { text: 'x' },
  eraseUser: { user_id: 'x' },
  createPersonalToken: { name: 'x' },
  createTrunk: { name: 'x' },
  updateTrunk: { name: 'x' },
  updateAgent: { name: 'x' },
  updateNumber: { label: 'x' },
  createAgent: { name: 'x' },
  createVersion: { config: {} },
  updateVersion: { config: {} },
  registerNumber: { phone_number: '+15551230001' },
  putSlot: { agents: [] },
  updateNumberRouting: { message: 'x' },
  createSchedule: { name: 'x', timezone: 'UTC', weekly: [] },
  updateSchedule: { name: 'x' },
  putInboundRouting: { enabled: false },
  simulateRoute: { callers: 1, from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' },
  compareVersions: { from_version: 1, to_version: 1 },
  putLanguageModel: { base_url: 'https://a.example', model: 'm' },
  createDataset: { name: 'x' },
  queryDataset: { query: 'x' },
  addSource: { text: 'x' },
  createFromWebsite: { company_name: 'x', company_website: 'https://a.example' },
  createDemo: { company_website: 'https://a.example' },
})
const QUERIES: Readonly<Record<string, string>> = {
  diffVersions: '?from=1&to=1',
  previewSchedule: '?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z',
}
const requests = () =>
  operationList().map(([id, row]) => ({
    id,
    asker: asker(row),
    guarded: row.scope !== null,
    request: {
      method: row.method,
      path: `${row.path.replace(/\{(\w+)\}/g, (_, name) => values()[name] ?? '')}${QUERIES[id] ?? ''}`,
      ...(bodies()[id] ? { body: bodies()[id] } : {}),
    } satisfies Request,
  }))

/** They ask no database. */
const CANNOT_FAIL = ['getAgentConfigSchema', 'getInstructionBuilderSchema', 'getOwnScopes', 'getLiveness', 'getOpenApi']

const silence = async () => false

const asOther = async (
  app: App,
  answers: () => Promise<boolean>,
  ready: () => Promise<never>,
  work: (other: World) => Promise<void>,
) => {
  const server = await buildHttpServer({ app, log: world.log, database_answers: answers, rate_limit_rps: 0, ready })
  try {
    await work({ ...world, server })
  } finally {
    await server.close()
  }
}

/** The world's app on another database. */
const on = (db: Db): App => ({ ...world.app, db, system: db, tenants: { of: () => db, close: async () => {} } })

const neverReady = async (): Promise<never> => {
  throw new Error('at somewhere (/opt/app/http/server.ts:1:2)')
}

test('a database that is gone: 503, and when to come back', async () => {
  const db = openDatabase({ host: '127.0.0.1', port: 1 }, { max_connections: 1 })
  await asOther({ ...on(db), callers: new Map() }, silence, neverReady, async other => {
    for (const { id, asker, guarded, request } of requests()) {
      if (guarded) assert.equal((await ask(other, asker, request)).status, 503, id)
    }
  })
  await db.destroy()
})

test('what nobody foresaw: 500 says nothing of it, the log everything but secrets', async () => {
  /** Fail in the middle, having authenticated a moment ago. */
  const callers = new Map(world.app.callers)
  for (const actor of ['admin', 'person'] as const) await ask(world, actor, { method: 'GET', path: '/core/trunks' })
  for (const [key, value] of world.app.callers) callers.set(key, value)
  const db = new Proxy(world.app.db, {
    get: () => {
      throw new Error('select secret from api_keys at /opt/app/store/x.ts:1:1')
    },
  })
  await asOther({ ...on(db), callers }, silence, neverReady, async other => {
    for (const { id, asker, request } of requests()) {
      const answer = await ask(other, asker, request)
      const cannot_fail = CANNOT_FAIL.includes(id)
      assert.equal(answer.status, cannot_fail ? 200 : 500, id)
    }
  })
  const lines = world.log.lines.filter(line => line.level === 'error')
  assert.ok(lines.some(line => String(line.fields.reason).includes('select secret')))
  assert.ok(
    lines.every(line => line.fields.request_id && !JSON.stringify(line).includes(String(world.credentials.admin))),
  )
})

describe('a database that is frozen', () => {
  let agent: string
  before(async () => {
    const made = await ask(world, 'admin', { method: 'POST', path: '/core/agents', body: { name: 'x' } })
    agent = (made.body as { id: string }).id
    await ask(world, 'admin', { method: 'POST', path: `/core/agents/${agent}/versions`, body: { config: {} } })
  })
  /** Another session holds the agent's row, so that the request waits as it would for a frozen server. */
  const whileHeld = async (work: () => Promise<void>): Promise<void> => {
    await world.app.db.transaction().execute(async tx => {
      await sql`select from agents where id = ${agent} for update`.execute(tx)
      await work()
    })
  }
  const publish = (): Request => ({ method: 'POST', path: `/core/agents/${agent}/versions/1/publish` })
  test('is 503 soon', async () => {
    await whileHeld(async () => {
      await asOther(world.app, silence, neverReady, async other => {
        assert.equal((await ask(other, 'admin', publish())).status, 503)
      })
    })
  })
  test('is told from one that is at work', async () => {
    const asked = Promise.withResolvers<void>()
    const answers = async () => {
      asked.resolve()
      return true
    }
    await asOther(world.app, answers, neverReady, async other => {
      const answered = Promise.withResolvers<Answer>()
      await whileHeld(async () => {
        answered.resolve(ask(other, 'admin', publish()))
        await asked.promise
      })
      assert.equal((await answered.promise).status, 200)
    })
  })
})

describe('the probe', () => {
  let probe: Probe
  test('says that a database answers', async () => {
    probe = openProbe(world.address, 2000)
    assert.deepEqual(await Promise.all([probe.answers(), probe.answers()]), [true, true])
    await probe.close()
  })
  test('says that nothing is there', async () => {
    probe = openProbe({ host: '127.0.0.1', port: 1 }, 2000)
    assert.equal(await probe.answers(), false)
    await probe.close()
  })
})
