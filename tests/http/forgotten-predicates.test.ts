/**
 * Every query as if its author had forgotten to ask for the organization: the condition is taken out of the SQL on its way to
 * the server. Row-level security alone must then keep organizations apart; without it they are not, which shows that the
 * conditions are really gone.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import pg from 'pg'
import { buildHttpServer } from '#http/server.ts'
import { effectsBetween, snapshot } from '#tests/harness/effects.ts'
import { ask, type Request } from '#tests/harness/http.ts'
import { type Actor, startWorld, type World } from '#tests/harness/world.ts'
import type { Operation } from '#wire/operation.ts'
import { type OperationId, operationList } from '#wire/operations.ts'

let world: World
let unguarded: World
let forgotten = 0

/** The same length of parameters, and true for all of them. */
const forget = (text: string): string =>
  text.replace(/(?:\b\w+\.|"\w+"\.)?"?organization_id"? = (\$\d+)(?!:)/g, (_, parameter) => {
    forgotten++
    return `${parameter}::text is not null`
  })

const query = pg.Client.prototype.query
before(async () => {
  world = await startWorld()
  await fill()
  const everything = { of: () => world.app.system, close: async () => {} }
  const app = { ...world.app, tenants: everything, callers: new Map() }
  const ready = () => ({ ready: true, roles: {} })
  const server = await buildHttpServer({
    app,
    log: world.log,
    database_answers: async () => true,
    rate_limit_rps: 0,
    ready,
  })
  unguarded = { ...world, server }
  pg.Client.prototype.query = function (this: pg.Client, first: unknown, ...rest: unknown[]) {
    const changed =
      typeof first === 'object' && first !== null && 'text' in first && typeof first.text === 'string'
        ? // Under its name a connection knows the statement with its conditions.
          { ...first, name: undefined, text: forget(first.text) }
        : typeof first === 'string'
          ? forget(first)
          : first
    return Reflect.apply(query, this, [changed, ...rest])
  } as typeof query
})
after(async () => {
  pg.Client.prototype.query = query
  await unguarded.server.close()
  await world.close()
})

const ids = new Map<string, string>()
const keep = async (name: string, key: string, request: Request, actor: Actor = 'admin'): Promise<void> => {
  const answer = await ask(world, actor, request)
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  ids.set(name, String((answer.body as Record<string, unknown>)[key]))
}

/** One of everything, the admin's. */
const fill = async (): Promise<void> => {
  await keep('agents', 'id', { method: 'POST', path: '/core/agents', body: { name: 'Ours' } })
  const agent = `/core/agents/${ids.get('agents')}`
  await keep('version', 'version', { method: 'POST', path: `${agent}/versions`, body: { config: {} } })
  await keep('draft', 'version', { method: 'POST', path: `${agent}/versions`, body: { config: {} } })
  await keep('number', 'id', { method: 'POST', path: '/core/phone-numbers', body: { phone_number: '+15551230001' } })
  const numbers = { phone_numbers: ['+15551230001'], direction: 'both' }
  await ask(world, 'admin', { method: 'POST', path: `${agent}/versions/1/publish`, body: numbers })
  await ask(world, 'admin', { method: 'POST', path: `${agent}/deploy-as-sip` })
  await keep('trunks', 'id', { method: 'POST', path: '/core/trunks', body: { name: 'Ours' } })
  await keep('schedules', 'id', { method: 'POST', path: '/core/schedules', body: { name: 'Ours', timezone: 'UTC' } })
  const fallback = { enabled: true, fallback_agent_id: ids.get('agents') }
  await ask(world, 'admin', { method: 'PUT', path: '/core/inbound-routing', body: fallback })
  await keep('organization-pats', 'key_id', {
    method: 'POST',
    path: '/admin/organization-pats',
    body: { name: 'Ours' },
  })
  await keep('members', 'user_id', { method: 'GET', path: '/admin/members/me' }, 'viewer')
  await keep('pats', 'key_id', { method: 'POST', path: '/admin/users/me/pats', body: { name: 'Ours' } }, 'person')
  ids.set('workflows', '0197f0a8-7c1e-7d34-9a51-c0ffee000002')
  await sql`insert into workflows (id, organization_id, type, status, input, job_id, finished_at)
    values (${ids.get('workflows')}, ${world.admin.organization_id}, 'create_demo', 'cancelled', '{}', gen_random_uuid(), now())`.execute(
    world.app.system,
  )
  await sql`insert into workflow_steps (organization_id, workflow_id, position, name)
    values (${world.admin.organization_id}, ${ids.get('workflows')}, 0, 'read')`.execute(world.app.system)
  await keep('knowledge-base', 'id', { method: 'POST', path: '/knowledge-base/datasets', body: { name: 'Ours' } })
  const sources = `/knowledge-base/datasets/${ids.get('knowledge-base')}/sources`
  await keep('source', 'id', { method: 'POST', path: sources, body: { text: 'Opening hours' } })
  ids.set('conversations', '0197f0a8-7c1e-7d34-9a51-c0ffee000001')
  await sql`insert into conversations (id, organization_id, direction, channel, status, user_id, agent_id, routing,
      created_at, updated_at)
    values (${ids.get('conversations')}, ${world.admin.organization_id}, 'inbound', 'telephone', 'completed', '+15557654321',
      ${ids.get('agents')}, '{}', now(), now())`.execute(world.app.system)
}

const bodies = (): Partial<Record<OperationId, unknown>> => ({
  assignNumber: { accountSid: world.other.organization_id, workspaceId: 2, inboundAgents: [] },
  updateAgent: { name: 'Theirs' },
  createVersion: { config: {} },
  updateVersion: { config: {} },
  publishVersion: { phone_numbers: [] },
  deployAsSip: {},
  updateNumber: { label: 'theirs' },
  putSlot: { agents: [] },
  updateNumberRouting: { message: 'theirs' },
  updateSchedule: { name: 'Theirs' },
  simulateRoute: { callers: 1, from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' },
  updateTrunk: { name: 'Theirs' },
  queryDataset: { query: 'opening hours' },
  addSource: { text: 'theirs' },
  changeRole: { role: 'admin' },
  sendMessage: { text: 'Hello' },
  compareVersions: { from_version: 1, to_version: 1 },
})

const QUERIES: Partial<Record<OperationId, string>> = {
  previewSchedule: '?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z',
  diffVersions: '?from=1&to=1',
}

/** Of what the admin's organization has. */
const requestOf = (id: OperationId, row: Operation): Request => {
  const [, room, collection = ''] = row.path.split('/')
  const its_id = row.path.includes('/pats/') ? ids.get('pats') : ids.get(room === 'knowledge-base' ? room : collection)
  const path = row.path
    .replace(/\{(?:id|key_id|user_id)\}/, its_id ?? '')
    .replace('{source_id}', ids.get('source') ?? '')
    .replace('{version}', id === 'updateVersion' ? '2' : '1')
    .replace(/\{(?:phone_)?number\}/, '+15551230001')
    .replace('{direction}', 'inbound')
    // Theirs: whose account it is is asked before any query.
    .replace('{accountSid}', world.other.organization_id)
  const query = QUERIES[id] ?? ''
  const body = bodies()[id]
  return { method: row.method, path: `${path}${query}`, ...(body === undefined ? {} : { body }) }
}

const guarded = operationList().filter(([, row]) => row.scope !== null)
const reads = guarded.filter(([, row]) => row.method === 'GET')
const named = guarded.filter(([, row]) => row.path.includes('{') && row.account_in !== 'path')
const actorFor = (row: Operation): Actor => (row.refusals.includes('person_required') ? 'stranger' : 'other')

describe('with every condition on the organization forgotten', () => {
  for (const [id, row] of named) {
    test(`${id} does not find what is another organization's`, async () => {
      const before_it = await snapshot(world.app.system)
      const answer = await ask(world, actorFor(row), requestOf(id, row))
      assert.equal(answer.status, 404, JSON.stringify(answer.body))
      assert.deepEqual(effectsBetween(before_it, await snapshot(world.app.system)), {})
    })
  }
  for (const [id, row] of reads) {
    test(`${id} shows nothing of ours`, async () => {
      const { body } = await ask(world, actorFor(row), requestOf(id, row))
      const { detail: _, ...said } = { detail: null, ...(Array.isArray(body) ? { body } : (body as object)) }
      for (const secret of [world.admin.organization_id, ...ids.values()].filter(value => value.length > 8))
        assert.ok(!JSON.stringify(said).includes(secret), `${id} shows ${secret}`)
    })
  }
  test('conditions were forgotten, and without row-level security that shows', async () => {
    assert.ok(forgotten > 20, `${forgotten}`)
    const leaking: string[] = []
    for (const [id, row] of reads) {
      const { status, body } = await ask(unguarded, actorFor(row), requestOf(id, row))
      if (status === 200 && JSON.stringify(body).includes(world.admin.organization_id)) leaking.push(id)
    }
    assert.ok(leaking.length >= 8, leaking.join(', '))
  })
})
