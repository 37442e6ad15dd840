import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type KyselyPlugin, sql } from 'kysely'
import { createAgent } from '#app/agents.ts'
import { transact } from '#app/context.ts'
import type { TableFollower } from '#app/follow-routing.ts'
import type { RoutingChange } from '#app/ports.ts'
import { publish } from '#app/publish.ts'
import { deployAsSip, removeSipEndpoint } from '#app/sip-endpoints.ts'
import { createVersion } from '#app/versions.ts'
import { decideRoute } from '#core/route.ts'
import { emptyRoutingTable, type RoutingTable } from '#core/routing-table.ts'
import { HEALTHY } from '#core/serve.ts'
import { readHorizon, trailIsBroken } from '#store/changes.ts'
import { startTestApp, type TestApp } from '#tests/harness/app.ts'
import { testFollower } from '#tests/harness/follower.ts'
import { seedNumbers } from '#tests/harness/seed.ts'
import { fillDefaults } from '#wire/parse-agent-config.ts'

let t: TestApp
/** Follows by being told, as the voice thread beside the API does. */
const told = emptyRoutingTable()
/** Follows by asking the database, as another machine does. */
const asking = emptyRoutingTable()
let asker: TableFollower

before(async () => {
  let follower: TableFollower | null = null
  t = await startTestApp({ routing: { changed: async change => follower?.changed(change) } })
  follower = testFollower(t, told)
  asker = testFollower(t, asking)
  await follower.load()
  await asker.load()
})
after(() => t.close())

const answerOf = (table: RoutingTable, user: string): string => {
  const step = decideRoute(
    table,
    {
      call_id: 'c',
      source: { address: '127.0.0.1', port: 1, transport: 'udp' },
      user,
      request_uri: '',
      from_user: null,
      asserted_user: null,
      codecs: ['PCMU'],
      authorization: [],
      x_headers: {},
    },
    {
      draining: false,
      now_ms: t.clock.now_ms(),
      health: HEALTHY,
      authenticate: () => ({ kind: 'refused', reason: 'credentials_missing' }),
    },
  )
  assert.ok(step.kind === 'decided')
  const { outcome } = step
  if (outcome.kind === 'answer') return `${outcome.agent_id}:${outcome.version}`
  return outcome.kind === 'refuse' ? outcome.reason : outcome.kind
}

const agentWith = async (versions: number): Promise<string> => {
  const { id } = await createAgent(t.app, t.caller, {
    name: 'A',
    description: null,
    active: true,
    is_demo: false,
    metadata: {},
  })
  for (let n = 1; n <= versions; n++)
    await createVersion(t.app, t.caller, id, {
      config: fillDefaults({ starting_message: `v${n} of {{who}}`, dynamic_variables: { who: 'us' } }),
      brings_instructions: false,
    })
  return id
}
/** As a use case tells it that changed these by itself. */
const tell = async (change: Partial<RoutingChange>): Promise<void> => {
  await transact(t.app, async (_, touch) => touch(change))
}
const put = (
  agent: string,
  version: number,
  phone_numbers: readonly string[],
  unassign_phone_numbers: readonly string[] = [],
) => publish(t.app, t.caller, agent, version, { phone_numbers, unassign_phone_numbers, direction: 'inbound' })

/** What is true for the process that was told is true at once; for the one that asks, after it asked. */
const everywhere = async (user: string, expected: string): Promise<void> => {
  assert.equal(answerOf(told, user), expected, 'told')
  await asker.poll()
  assert.equal(answerOf(asking, user), expected, 'asking')
  const anew = emptyRoutingTable()
  await testFollower(t, anew).load()
  assert.equal(answerOf(anew, user), expected, 'loaded anew')
}

test('a publish, a later one, a roll back, and an unassignment', async () => {
  const [number = ''] = await seedNumbers(t, 1)
  const agent = await agentWith(2)
  await put(agent, 1, [number])
  await everywhere(number, `${agent}:1`)
  await put(agent, 2, [number])
  await everywhere(number, `${agent}:2`)
  await put(agent, 1, [number])
  await everywhere(number, `${agent}:1`)
  await put(agent, 1, [], [number])
  await everywhere(number, 'slot_empty')
})

test('a SIP endpoint follows the latest published version, a pinned one stays, a removed one is gone', async () => {
  const agent = await agentWith(3)
  await put(agent, 1, [])
  await everywhere(agent, 'sip_endpoint_unknown')
  await deployAsSip(t.app, t.caller, agent, { version: null })
  await everywhere(agent, `${agent}:1`)
  await put(agent, 3, [])
  await everywhere(agent, `${agent}:3`)
  await put(agent, 2, [])
  await everywhere(agent, `${agent}:3`)
  await deployAsSip(t.app, t.caller, agent, { version: 1 })
  await everywhere(agent, `${agent}:1`)
  await removeSipEndpoint(t.app, t.caller, agent)
  await everywhere(agent, 'sip_endpoint_unknown')
})

test('an agent switched off, a number deleted, a trunk closed: each is believed', async () => {
  const [number = ''] = await seedNumbers(t, 1)
  const agent = await agentWith(1)
  await put(agent, 1, [number])
  await sql`update agents set active = false where id = ${agent}`.execute(t.app.db)
  await tell({ agent_ids: [agent] })
  await everywhere(number, 'no_entry_available')
  const { rows } = await sql<{
    id: string
    trunk_id: string
  }>`delete from phone_numbers where phone_number = ${number} returning id, trunk_id`.execute(t.app.db)
  await tell({ number_ids: [rows[0]?.id ?? ''] })
  await everywhere(number, 'number_unknown')
  await sql`update trunks set inbound_config = jsonb_set(inbound_config, '{allowed_addresses}', '[]')`.execute(t.app.db)
  await tell({ trunk_ids: [rows[0]?.trunk_id ?? ''] })
  await everywhere(number, 'source_not_accepted')
  await sql`update trunks set inbound_config = jsonb_set(inbound_config, '{allowed_addresses}', '["127.0.0.0/8"]')`.execute(
    t.app.db,
  )
  await tell({ trunk_ids: [rows[0]?.trunk_id ?? ''] })
})

test('a change whose transaction ends after a later one is not missed', async () => {
  const [first = '', second = ''] = await seedNumbers(t, 2)
  const agent = await agentWith(1)
  await put(agent, 1, [])
  await asker.poll()
  const point = async (tx: typeof t.app.db, number: string) => {
    await sql`insert into routing_changes (number_ids, agent_ids, trunk_ids) select array[id], '{}', '{}' from phone_numbers where phone_number = ${number}`.execute(
      tx,
    )
    await sql`update phone_numbers set inbound_assignment_id =
      (select assignment_id from slot_entries where agent_id = ${agent} limit 1) where phone_number = ${number}`.execute(
      tx,
    )
  }
  await put(agent, 1, await seedNumbers(t, 1))
  await t.app.db.transaction().execute(async slow => {
    await point(slow, first)
    await point(t.app.db, second)
    await asker.poll()
    assert.equal(answerOf(asking, second), `${agent}:1`)
    assert.equal(answerOf(asking, first), 'number_unknown')
  })
  await asker.poll()
  assert.equal(answerOf(asking, first), `${agent}:1`)
})

test('the script that a call needs comes with the version', async () => {
  const [number = ''] = await seedNumbers(t, 1)
  const agent = await agentWith(1)
  await put(agent, 1, [number])
  const { starting_message, variables, silence_timeout_seconds } = told.agents.get(agent)?.versions.get(1)?.script ?? {}
  assert.deepEqual([starting_message, variables?.who, silence_timeout_seconds], ['v1 of {{who}}', 'us', 30])
})

test('a trail that may have been pruned is not relied on: everything is read anew, and what is gone goes', async () => {
  const at = (time: string, xid = '9', database = 'a/1') => ({ xid, at: time, database })
  const [midnight, noon] = ['2026-11-22T00:00:00.000000Z', '2026-11-22T12:00:00.000000Z']
  assert.equal(trailIsBroken(at(midnight), at(noon)), false)
  assert.equal(trailIsBroken(at(midnight), at('2026-11-22T12:00:01.000000Z')), true)
  assert.equal(trailIsBroken(at(midnight), at(midnight, '8')), true, 'a backup was put back')
  assert.equal(trailIsBroken(at(midnight), at(midnight, '10')), false)
  assert.equal(trailIsBroken(at(midnight), at(midnight, '10', 'b/1')), true, 'another database')
  const [number = '', gone = ''] = await seedNumbers(t, 2)
  const agent = await agentWith(1)
  await put(agent, 1, [number, gone])
  await everywhere(gone, `${agent}:1`)
  await sql`delete from phone_numbers where phone_number = ${gone}`.execute(t.app.db)
  await asker.load()
  assert.deepEqual([answerOf(asking, gone), answerOf(asking, number)], ['number_unknown', `${agent}:1`])
})

test('a horizon says on which timeline it is: a promoted standby gives the ids of what it lost to others', async () => {
  const { database } = await readHorizon(t.app.db)
  assert.match(database, /^\d+\/\d+\/1$/)
})

test('calls whose webhooks name the same unknown agent while the database hangs ask for it once more at most', async () => {
  const agent = await agentWith(1)
  const { promise: hangs, resolve: answers } = Promise.withResolvers<void>()
  const asked: string[] = []
  const hanging: KyselyPlugin = {
    transformQuery: ({ node, queryId }) => {
      asked.push(queryId.queryId)
      return node
    },
    transformResult: async ({ result }) => {
      await hangs
      return result
    },
  }
  const follower = testFollower(t, emptyRoutingTable(), { db: t.app.system.withPlugin(hanging) })
  const remember = () => follower.remember(t.caller.organization_id, agent, null)
  const first = remember()
  while (asked.length === 0) await new Promise(resolve => setImmediate(resolve))
  const others = Array.from({ length: 50 }, remember)
  answers()
  await Promise.all([first, ...others])
  const asked_for_all = asked.length
  await remember()
  assert.equal(asked_for_all, 2 * (asked.length - asked_for_all))
})
