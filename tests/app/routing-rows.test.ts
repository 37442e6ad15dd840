/** What a routing table holds of a number besides its slot: loaded, told of, and read back from disk, it is the same. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { v7 } from 'uuid'
import { createAgent } from '#app/agents.ts'
import { transact } from '#app/context.ts'
import { readSnapshot, writeSnapshot } from '#app/edge-snapshot.ts'
import type { TableFollower } from '#app/follow-routing.ts'
import type { RoutingChange } from '#app/ports.ts'
import { publish } from '#app/publish.ts'
import { tableToTexts } from '#app/snapshot-frames.ts'
import { numberWebhookPurpose, organizationWebhookPurpose } from '#app/table-rows.ts'
import { createTrunk } from '#app/trunks.ts'
import { createVersion } from '#app/versions.ts'
import { emptyRoutingTable, PLAIN_ROUTING, type RoutingTable } from '#core/routing-table.ts'
import { stateAt } from '#core/schedule.ts'
import { createSecretBox } from '#store/secret-box.ts'
import { startTestApp, type TestApp } from '#tests/harness/app.ts'
import { makeTempDir } from '#tests/harness/cluster.ts'
import { testFollower } from '#tests/harness/follower.ts'
import { seedNumbers } from '#tests/harness/seed.ts'
import { fillDefaults } from '#wire/parse-agent-config.ts'

let t: TestApp
let directory: string
/** Told at once, as in the process that makes the change. */
const table = emptyRoutingTable()
let follower: TableFollower

before(async () => {
  t = await startTestApp({ routing: { changed: async change => follower?.changed(change) } })
  directory = makeTempDir('snapshot')
  follower = testFollower(t, table)
  await follower.load()
})
after(async () => {
  rmSync(directory, { recursive: true })
  await t.close()
})

const tell = (change: Partial<RoutingChange>): Promise<void> => transact(t.app, async (_, touch) => touch(change))

const agentWith = async (versions: number): Promise<string> => {
  const fields = { name: 'A', description: null, active: true, is_demo: false, metadata: {} }
  const { id } = await createAgent(t.app, t.caller, fields)
  for (let version = 1; version <= versions; version++) {
    await createVersion(t.app, t.caller, id, { config: fillDefaults({}), brings_instructions: false })
    const onto = { phone_numbers: [], unassign_phone_numbers: [], direction: 'inbound' } as const
    await publish(t.app, t.caller, id, version, onto)
  }
  return id
}
const idOf = async (phone_number: string): Promise<string> => {
  const { rows } = await sql<{ id: string }>`select id from phone_numbers where phone_number = ${phone_number}`.execute(
    t.app.db,
  )
  return rows[0]?.id ?? ''
}
const set = async (phone_number: string, fields: Record<string, unknown>): Promise<void> => {
  const id = await idOf(phone_number)
  await t.app.system.updateTable('phone_numbers').set(fields).where('id', '=', id).execute()
  await tell({ number_ids: [id] })
}
const newSchedule = async (after_hours: object | null): Promise<string> => {
  const id = v7()
  const weekly = [
    { days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], start: '09:00', end: '17:00', name: 'day' },
  ]
  await sql`insert into schedules (id, organization_id, name, timezone, weekly, dates, after_hours)
    values (${id}, ${t.caller.organization_id}, 'Hours', 'Europe/Berlin', ${JSON.stringify(weekly)}, '[]',
      ${after_hours && JSON.stringify(after_hours)})`.execute(t.app.system)
  await tell({ schedule_ids: [id] })
  return id
}
const secretOf = (key: Buffer): string => `whsec_${key.toString('base64')}`

/** By what is loaded anew, and by what is written to disk and read again. */
const everywhere = async (look: (table: RoutingTable) => void): Promise<void> => {
  look(table)
  const anew = emptyRoutingTable()
  await testFollower(t, anew).load()
  look(anew)
  const place = { file: join(directory, 'table'), secrets: t.app.secrets, log: t.log }
  await writeSnapshot(place, await follower.between(horizon => tableToTexts(table, horizon ?? assert.fail())), 'test')
  look((await readSnapshot(place, t.clock.now_ms()))?.table ?? assert.fail())
}

test('equal routings are one object, a plain one is the plain one', async () => {
  const [plain = '', one = '', two = '', other = ''] = await seedNumbers(t, 4)
  for (const number of [plain, one, two, other]) await tell({ number_ids: [await idOf(number)] })
  for (const number of [one, two]) await set(number, { message: 'Call again.', forward: '+15550001111' })
  await set(other, { stickiness: 'call' })
  await everywhere(({ numbers }) => {
    assert.equal(numbers.get(plain)?.routing, PLAIN_ROUTING)
    assert.equal(numbers.get(one)?.routing, numbers.get(two)?.routing)
    assert.deepEqual(numbers.get(one)?.routing, { ...PLAIN_ROUTING, message: 'Call again.', forward: '+15550001111' })
    assert.equal(numbers.get(other)?.routing.stickiness, 'call')
  })
})

test('a webhook with its key and budget; one whose secret does not open is asked without', async () => {
  const [signed = '', unsigned = '', blind = ''] = await seedNumbers(t, 3)
  const key = randomBytes(32)
  const url = 'https://hook.example/'
  const webhook_secret = t.app.secrets.seal(secretOf(key), numberWebhookPurpose(await idOf(signed)))
  await set(signed, { webhook_url: url, webhook_secret, webhook_timeout_ms: 700 })
  await set(unsigned, { webhook_url: url })
  // Bound to another number.
  await set(blind, { webhook_url: url, webhook_secret })
  await everywhere(({ numbers }) => {
    const webhook = numbers.get(signed)?.routing.webhook
    assert.deepEqual([webhook?.url, webhook?.timeout_ms], [url, 700])
    assert.deepEqual(Buffer.from(webhook?.secret ?? []), key)
    assert.deepEqual(numbers.get(unsigned)?.routing.webhook, { url, timeout_ms: 2000, secret: null })
    assert.equal(numbers.get(blind)?.routing.webhook?.secret, null)
  })
  assert.ok(t.log.lines.some(line => line.level === 'error' && line.message.includes('without a signature')))
})

test('a schedule: compiled, switched off and on, with agents and their versions after hours', async () => {
  const [number = ''] = await seedNumbers(t, 1)
  const agent_id = await agentWith(2)
  const schedule_id = await newSchedule({ agents: [{ agent_id, version: 1, weight_bp: 10_000, arm: 'night' }] })
  await set(number, { schedule_id, time_routing_enabled: true })
  await everywhere(({ numbers, schedules, agents }) => {
    assert.equal(numbers.get(number)?.routing.schedule_id, schedule_id)
    const schedule = schedules.get(schedule_id) ?? assert.fail()
    const noon = stateAt(schedule.compiled, Date.parse('2026-11-22T11:00:00Z'))
    const evening = stateAt(schedule.compiled, Date.parse('2026-11-22T16:00:00Z'))
    assert.deepEqual([noon, evening?.open], [{ open: true, rule: 'day' }, false])
    assert.equal(schedule.after_hours.kind, 'agents')
    assert.deepEqual([...(agents.get(agent_id)?.versions.keys() ?? [])].sort(), [1, 2])
  })
  await sql`update schedules set after_hours = '{"message": "Closed."}' where id = ${schedule_id}`.execute(t.app.system)
  await tell({ schedule_ids: [schedule_id] })
  await set(number, { time_routing_enabled: false })
  await everywhere(({ numbers, schedules }) => {
    assert.equal(numbers.get(number)?.routing, PLAIN_ROUTING)
    assert.deepEqual(schedules.get(schedule_id)?.after_hours, { kind: 'message', text: 'Closed.' })
  })
})

test('a calendar that runs out is compiled again', async () => {
  const id = await newSchedule(null)
  const until = () => table.schedules.get(id)?.compiled.until_ms ?? 0
  const before_ms = until()
  follower.renew()
  assert.equal(until(), before_ms)
  t.clock.advance(31 * 86_400_000)
  follower.renew()
  assert.equal(until() - before_ms, 31 * 86_400_000)
  t.clock.advance(-31 * 86_400_000)
})

test('agents that only a fallback names are followed; a configuration that is switched off is gone', async () => {
  const [number = ''] = await seedNumbers(t, 1)
  const [last_resort, for_all] = [await agentWith(1), await agentWith(1)]
  const { organization_id } = t.caller
  await set(number, { default_agent_id: last_resort })
  const key = randomBytes(32)
  const secret = t.app.secrets.seal(secretOf(key), organizationWebhookPurpose(organization_id))
  await sql`insert into inbound_routing (organization_id, enabled, webhook_url, webhook_secret, fallback_agent_id)
    values (${organization_id}, true, 'https://hook.example/', ${secret}, ${for_all})`.execute(t.app.system)
  await tell({ organization_ids: [organization_id] })
  await everywhere(({ numbers, agents, inbound_routing }) => {
    assert.equal(numbers.get(number)?.routing.default_agent_id, last_resort)
    const its = inbound_routing.get(organization_id)
    assert.deepEqual([its?.fallback_agent_id, its?.webhook?.timeout_ms], [for_all, 2000])
    assert.deepEqual(Buffer.from(its?.webhook?.secret ?? []), key)
    for (const id of [last_resort, for_all]) assert.equal(agents.get(id)?.latest_published?.version, 1)
  })
  await sql`update inbound_routing set enabled = false`.execute(t.app.system)
  await tell({ organization_ids: [organization_id] })
  await everywhere(({ inbound_routing }) => assert.equal(inbound_routing.size, 0))
})

test('how a trunk calls out; with a password that does not open it does not', async () => {
  const auth = { auth_username: 'us', auth_password: 'correct horse' }
  const outbound_config = {
    address: 'carrier.example:5070',
    transport: 'TCP',
    media_encryption: 'NONE',
    ...auth,
  } as const
  const { id } = await createTrunk(t.app, t.caller, { name: 'Carrier', outbound_config })
  await everywhere(({ trunks }) => {
    const trunk = trunks.get(id)
    assert.equal(trunk?.forwarding, 'redirect')
    const credentials = { username: 'us', password: 'correct horse' }
    assert.deepEqual(trunk?.outbound, { address: 'carrier.example:5070', transport: 'TCP', credentials })
  })
  const blind = emptyRoutingTable()
  await testFollower(t, blind, { secrets: createSecretBox(Buffer.alloc(32, 'wrong')) }).load()
  assert.equal(blind.trunks.get(id)?.outbound, null)
})

test('the outbound slot is loaded like the inbound one', async () => {
  const [number = ''] = await seedNumbers(t, 1)
  const agent_id = await agentWith(1)
  await publish(t.app, t.caller, agent_id, 1, {
    phone_numbers: [number],
    unassign_phone_numbers: [],
    direction: 'outbound',
  })
  await everywhere(({ numbers, trunks }) => {
    const found = numbers.get(number)
    assert.deepEqual([found?.inbound, found?.outbound?.entries[0]?.agent_id], [null, agent_id])
    assert.ok(trunks.has(found?.trunk_id ?? ''))
  })
})

test('who was named by a webhook is kept and followed; another organization’s is not', async () => {
  const other = await t.organization('Elsewhere')
  const agent_id = await agentWith(2)
  const lone = emptyRoutingTable()
  const its = testFollower(t, lone)
  await its.load()
  const { organization_id } = t.caller
  await its.remember(other.caller.organization_id, agent_id, 1)
  assert.equal(lone.agents.has(agent_id), false)
  await its.remember(organization_id, v7(), null)
  await its.remember(organization_id, agent_id, 1)
  assert.deepEqual([...(lone.agents.get(agent_id)?.versions.keys() ?? [])].sort(), [1, 2])
  await sql`update agents set active = false where id = ${agent_id}`.execute(t.app.system)
  await tell({ agent_ids: [agent_id] })
  await its.poll()
  const agent = lone.agents.get(agent_id)
  assert.deepEqual([agent?.active, agent?.versions.has(1)], [false, true])
  await its.remember(organization_id, 'no id at all', null)
  assert.ok(
    t.log.lines.some(line => line.fields.agent === 'no id at all'),
    'said, and nothing thrown',
  )
})

test('what is on disk opens with its key only, and not when a byte of it was changed, or the end is missing', async () => {
  await seedNumbers(t, 20)
  await follower.load()
  const file = join(directory, 'damaged')
  const place = { file, secrets: t.app.secrets, log: t.log }
  const write = async () =>
    writeSnapshot(place, await follower.between(horizon => tableToTexts(table, horizon ?? assert.fail())), 'test')
  const usable = async (as = place) => (await readSnapshot(as, t.clock.now_ms())) !== null
  assert.equal(await usable(), false, 'none was written yet')
  await write()
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.equal(await usable(), true)
  const whole = readFileSync(file)
  assert.equal(whole.includes('+1555'), false, 'numbers can be read')
  assert.equal(await usable({ ...place, secrets: createSecretBox(Buffer.alloc(32, 'wrong')) }), false)
  for (let at = 0; at < whole.length; at += 97) {
    const damaged = Buffer.from(whole)
    damaged[at] = (damaged[at] ?? 0) ^ 1
    writeFileSync(file, damaged)
    assert.equal(await usable(), false, `byte ${at}`)
    writeFileSync(file, whole.subarray(0, at))
    assert.equal(await usable(), false, `cut at ${at}`)
  }
  chmodSync(file, 0o600)
})

test('a follower goes on from the disk: what has changed since comes with the next poll', async () => {
  const [number = ''] = await seedNumbers(t, 1)
  await tell({ number_ids: [await idOf(number)] })
  await follower.poll()
  const place = { file: join(directory, 'older'), secrets: t.app.secrets, log: t.log }
  await writeSnapshot(place, await follower.between(horizon => tableToTexts(table, horizon ?? assert.fail())), 'test')
  await set(number, { message: 'Later.' })
  const { table: older, horizon } = (await readSnapshot(place, t.clock.now_ms())) ?? assert.fail()
  assert.equal(older.numbers.get(number)?.routing.message, null)
  const resumed = testFollower(t, older)
  resumed.resume(horizon)
  await resumed.poll()
  assert.equal(older.numbers.get(number)?.routing.message, 'Later.')
  resumed.resume({ ...horizon, database: 'another' })
  older.numbers.clear()
  await resumed.poll()
  assert.equal(older.numbers.get(number)?.routing.message, 'Later.', 'everything is read anew')
})
