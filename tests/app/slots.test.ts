import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { createAgent } from '#app/agents.ts'
import { deleteAgent } from '#app/delete-agent.ts'
import { getInboundRouting, putInboundRouting } from '#app/inbound-routing.ts'
import { changeRouting, getRouting } from '#app/number-routing.ts'
import { publish } from '#app/publish.ts'
import { Refused } from '#app/refused.ts'
import { createSchedule, deleteSchedule, getSchedule } from '#app/schedules.ts'
import { getSlot, putSlot } from '#app/slots.ts'
import { createVersion } from '#app/versions.ts'
import { listAudit } from '#store/audit.ts'
import { startTestApp, type TestApp } from '#tests/harness/app.ts'
import { seedNumbers } from '#tests/harness/seed.ts'
import { fillDefaults } from '#wire/parse-agent-config.ts'

let t: TestApp
const routed: { readonly [list: string]: readonly string[] }[] = []
before(async () => {
  t = await startTestApp({
    max_connections: 20,
    routing: {
      changed: async change => {
        routed.push(change)
      },
    },
  })
})
after(() => t.close())

const stub = async (name: string): Promise<string> => {
  const input = { name, description: null, active: true, is_demo: false, metadata: {} }
  return (await createAgent(t.app, t.caller, input)).id
}
const draft = async (agent_id: string): Promise<number> => {
  const input = { config: fillDefaults({}), brings_instructions: false }
  return (await createVersion(t.app, t.caller, agent_id, input)).version
}
const put = (agent_id: string, version: number, phone_numbers: readonly string[], keep_split = false) =>
  publish(t.app, t.caller, agent_id, version, {
    ...{ phone_numbers, unassign_phone_numbers: [], direction: 'inbound' as const },
    keep_split,
  })
const liveAgent = async (name: string): Promise<string> => {
  const id = await stub(name)
  await put(id, await draft(id), [])
  return id
}
const numberOf = async (): Promise<string> => (await seedNumbers(t, 1))[0] ?? ''

const shown = async (phone_number: string, direction: 'inbound' | 'outbound' = 'inbound') =>
  (await getSlot(t.app, t.caller, phone_number, direction)).entries.map(({ agent_id, version, weight_bp, arm }) => ({
    ...{ agent_id, version, weight_bp, arm },
  }))

const refusedWith = (code: string, about?: readonly string[]) => (error: unknown) => {
  assert.ok(error instanceof Refused, String(error))
  assert.equal(error.refusal.code, code)
  if (about) assert.deepEqual(error.refusal.about, about)
  return true
}

test('a slot holds what it was given; given again, nothing is written', async () => {
  const [a, b, number] = [await liveAgent('a'), await liveAgent('b'), await numberOf()]
  const wanted = [
    { agent_id: a, version: 1, weight: 0.7 },
    { agent_id: b, version: null, weight: 0.3, arm: 'new voice' },
  ]
  const slot = await putSlot(t.app, t.caller, number, 'inbound', wanted)
  const expected = [
    { agent_id: a, version: 1, weight_bp: 7000, arm: `${a}:1` },
    { agent_id: b, version: null, weight_bp: 3000, arm: 'new voice' },
  ]
  assert.deepEqual(await shown(number), expected)
  assert.deepEqual(await shown(number, 'outbound'), [])
  const told = routed.length
  const again = await putSlot(t.app, t.caller, number, 'inbound', wanted)
  assert.deepEqual(again, slot)
  assert.equal(routed.length, told)
  await putSlot(t.app, t.caller, number, 'inbound', [])
  assert.deepEqual(await shown(number), [])
  const { items } = await listAudit(t.app.db, t.caller.organization_id, { limit: 9, after: null }, { subject: slot.id })
  assert.deepEqual(
    items.map(({ action, before, after }) => ({ action, before, after })),
    [
      { action: 'phone_number.slots', before: { inbound: expected }, after: { inbound: [] } },
      { action: 'phone_number.slots', before: { inbound: [] }, after: { inbound: expected } },
    ],
  )
})

/** PostgreSQL squeezes what repeats itself. */
const incompressible = (n: number): string => createHash('sha512').update(`${n}`).digest('hex').slice(0, 100)

test('twenty entries with the longest arms are more than an index row holds, and are one list all the same', async () => {
  const agents = await Promise.all(Array.from({ length: 20 }, (_, n) => liveAgent(`long ${n}`)))
  const [one = '', two = ''] = await seedNumbers(t, 2)
  const wanted = agents.map((agent_id, n) => ({ agent_id, version: 1, arm: incompressible(n) }))
  for (const number of [one, two]) await putSlot(t.app, t.caller, number, 'inbound', wanted)
  assert.deepEqual(
    (await shown(one)).map(({ weight_bp, arm }) => ({ weight_bp, arm })),
    wanted.map(({ arm }) => ({ weight_bp: 500, arm })),
  )
  const { rows } = await sql<{ lists: number }>`select count(distinct inbound_assignment_id) as lists from phone_numbers
    where phone_number in (${one}, ${two})`.execute(t.app.db)
  assert.equal(rows[0]?.lists, 1)
})

test('who cannot answer is refused by name, and nothing is written', async () => {
  const [live, empty, number] = [await liveAgent('live'), await stub('empty'), await numberOf()]
  await draft(live)
  const foreign = await t.organization(`Other${Date.parse('2026-01-01')}`)
  const other = (
    await createAgent(t.app, foreign.caller, {
      ...{ name: 'x', description: null, active: true, is_demo: false, metadata: {} },
    })
  ).id
  const entry = (agent_id: string, version: number | null) => [
    { agent_id: live, version: 1, weight: 0.5 },
    { agent_id, version, weight: 0.5 },
  ]
  const cases = [
    [other, 1, 'agent_not_found', other],
    [live, 9, 'version_not_found', `version 9 of ${live}`],
    [live, 2, 'version_not_published', `version 2 of ${live}`],
    [empty, null, 'no_published_version', empty],
  ] as const
  for (const [agent_id, version, code, about] of cases)
    await assert.rejects(
      putSlot(t.app, t.caller, number, 'inbound', entry(agent_id, version)),
      refusedWith(code, [about]),
    )
  assert.deepEqual(await shown(number), [])
})

test('a publish that keeps the split puts the version in its agent’s place, or nothing happens', async () => {
  const [a, b] = [await liveAgent('keeps'), await liveAgent('beside')]
  const [one = '', two = '', without = ''] = await seedNumbers(t, 3)
  const split = [
    { agent_id: a, version: 1, weight: 0.2 },
    { agent_id: b, version: 1, weight: 0.8 },
  ]
  for (const number of [one, two]) await putSlot(t.app, t.caller, number, 'inbound', split)
  await putSlot(t.app, t.caller, without, 'inbound', [{ agent_id: b, version: 1 }])
  const next = await draft(a)
  await assert.rejects(put(a, next, [one, without, two], true), refusedWith('slot_without_agent', [without]))
  assert.equal((await shown(one))[0]?.version, 1)
  const answer = await put(a, next, [one, two], true)
  assert.deepEqual(
    answer.map(number => number.inbound.map(({ version, weight_bp, arm }) => [version, weight_bp, arm])),
    [one, two].map(() => [
      [2, 2000, `${a}:1`],
      [1, 8000, `${b}:1`],
    ]),
  )
})

test('a deleted agent is named nowhere any more', async () => {
  const [gone, stays] = [await liveAgent('goes'), await liveAgent('remains')]
  const number = await numberOf()
  const agents = [
    { agent_id: gone, version: null, weight: 0.5 },
    { agent_id: stays, version: 1, weight: 0.5 },
  ]
  const rules = { timezone: 'Europe/Berlin', weekly: [], dates: [] }
  const shared = await createSchedule(t.app, t.caller, { name: 'shared', ...rules, after_hours: { agents } })
  const only = await createSchedule(t.app, t.caller, {
    ...{ name: 'only', ...rules },
    after_hours: { agents: [{ agent_id: gone, version: 1 }] },
  })
  await changeRouting(t.app, t.caller, number, { default_agent_id: gone })
  await putInboundRouting(t.app, t.caller, { enabled: true, fallback_agent_id: gone })
  await deleteAgent(t.app, t.caller, gone)
  assert.equal((await getRouting(t.app, t.caller, number)).default_agent_id, null)
  assert.deepEqual((await getSchedule(t.app, t.caller, shared.id)).after_hours, {
    agents: [{ agent_id: stays, version: 1, weight_bp: 10_000, arm: `${stays}:1` }],
  })
  assert.equal((await getSchedule(t.app, t.caller, only.id)).after_hours, null)
  assert.equal((await getInboundRouting(t.app, t.caller)).fallback_agent_id, null)
  const last = routed.at(-1) ?? {}
  assert.deepEqual(last.schedule_ids?.toSorted(), [shared.id, only.id].toSorted())
  assert.deepEqual([last.number_ids?.length, last.organization_ids], [1, [t.caller.organization_id]])
  const { items } = await listAudit(t.app.db, t.caller.organization_id, { limit: 1, after: null }, { subject: gone })
  assert.partialDeepStrictEqual(items[0]?.before, {
    default_agent_of: [number],
    after_hours: [{ schedule_id: shared.id }, { schedule_id: only.id }],
    fallback_agent_of_organization: true,
  })
})

test('time routing needs a schedule, and a schedule that is needed stays', async () => {
  const number = await numberOf()
  const { id } = await createSchedule(t.app, t.caller, {
    ...{ name: 'office', timezone: 'Asia/Tokyo', weekly: [], dates: [], after_hours: null },
  })
  const change = (patch: Parameters<typeof changeRouting>[3]) => changeRouting(t.app, t.caller, number, patch)
  await assert.rejects(change({ time_routing_enabled: true }), refusedWith('schedule_missing'))
  await change({ time_routing_enabled: true, schedule_id: id })
  await assert.rejects(change({ schedule_id: null }), refusedWith('schedule_missing'))
  const off = await change({ time_routing_enabled: false })
  assert.equal(off.schedule_id, id)
  assert.deepEqual(await change({ time_routing_enabled: false }), off)
  await assert.rejects(deleteSchedule(t.app, t.caller, id), refusedWith('schedule_in_use', [number]))
  await change({ schedule_id: null })
  await deleteSchedule(t.app, t.caller, id)
  await assert.rejects(change({ schedule_id: id }), refusedWith('schedule_not_found', [id]))
})

test('slots, publishes, fallbacks, schedules and deletions at once: nobody deadlocks, nothing names the deleted', async () => {
  const agents = await Promise.all(Array.from({ length: 6 }, (_, n) => liveAgent(`crowd ${n}`)))
  const numbers = await seedNumbers(t, 6)
  const at = <T>(list: readonly T[], index: number): T => list[index % list.length] as T
  const { id: schedule } = await createSchedule(t.app, t.caller, {
    ...{ name: 'crowd', timezone: 'Asia/Tokyo', weekly: [], dates: [], after_hours: null },
  })
  const gone = agents.slice(3)
  const settled = await Promise.allSettled(
    Array.from({ length: 60 }, (_, n) => {
      const two = [at(agents, n), at(agents, n * 5 + 1)].filter((id, index, all) => all.indexOf(id) === index)
      const number = at(numbers, n * 7)
      if (n % 10 === 9) return deleteAgent(t.app, t.caller, at(gone, Math.floor(n / 10)))
      if (n % 4 === 0) return put(at(agents, n), 1, [number, at(numbers, n + 3)])
      if (n % 4 === 1)
        return changeRouting(t.app, t.caller, number, { default_agent_id: at(agents, n), schedule_id: schedule })
      return putSlot(
        ...([t.app, t.caller, number, n % 2 === 0 ? 'inbound' : 'outbound'] as const),
        two.map(agent_id => ({ agent_id, version: null })),
      )
    }),
  )
  for (const outcome of settled) if (outcome.status === 'rejected') refusedWith('agent_not_found')(outcome.reason)
  for (const agent of gone) await assert.rejects(deleteAgent(t.app, t.caller, agent), refusedWith('agent_not_found'))
  for (const number of numbers) {
    const { default_agent_id } = await getRouting(t.app, t.caller, number)
    const named = [...(await shown(number)), ...(await shown(number, 'outbound'))].map(entry => entry.agent_id)
    for (const id of [...named, default_agent_id]) assert.ok(!gone.includes(id ?? ''), `${number} names ${id}`)
  }
})
