import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createAgent } from '#app/agents.ts'
import { changeRouting } from '#app/number-routing.ts'
import { registerNumber } from '#app/phone-numbers.ts'
import { publish } from '#app/publish.ts'
import type { Proposal } from '#app/route-table-of-number.ts'
import { createSchedule } from '#app/schedules.ts'
import { type SimulationInput, simulateRoute } from '#app/simulate-route.ts'
import { putSlot } from '#app/slots.ts'
import { createVersion } from '#app/versions.ts'
import { WEEKDAYS } from '#core/schedule.ts'
import { countOf, movesOf } from '#core/simulate.ts'
import { startTestApp, type TestApp } from '#tests/harness/app.ts'

const NUMBER = '+15551234567'
const CALLERS = 10_000
const SPAN = { from_ms: Date.parse('2026-11-23T00:00:00Z'), until_ms: Date.parse('2026-11-30T00:00:00Z') }

let t: TestApp
let agent_id: string

const share = (version: number, weight: number, arm: string) => ({ agent_id, version, weight, arm })
const control = (weight: number) => share(1, weight, 'control')
const greeting = (weight: number) => share(2, weight, 'greeting')

before(async () => {
  t = await startTestApp()
  const { app, caller } = t
  await registerNumber(app, caller, { phone_number: NUMBER, base_number: null, trunk_id: null })
  const fields = { name: 'Anna', description: null, active: true, is_demo: false, metadata: {} }
  agent_id = (await createAgent(app, caller, fields)).id
  for (const version of [1, 2, 3]) {
    await createVersion(app, caller, agent_id, { config: app.default_config, brings_instructions: false })
    const nowhere = { phone_numbers: [], unassign_phone_numbers: [], direction: 'inbound' } as const
    await publish(app, caller, agent_id, version, nowhere)
  }
  await putSlot(app, caller, NUMBER, 'inbound', [control(0.95), greeting(0.05)])
})
after(() => t.close())

const simulate = async (proposal: Proposal | null = null, more: Partial<SimulationInput> = {}) => {
  const input = { direction: 'inbound', callers: CALLERS, proposal, ...SPAN, ...more } as const
  const { simulation, ...rest } = await simulateRoute(t.app, t.caller, NUMBER, input)
  const arms = Object.fromEntries([...simulation.arms.values()].map(({ arm, callers }) => [arm, callers]))
  const moves = movesOf(simulation).map(({ from, to, callers }) => [from, to, callers] as const)
  return { ...rest, simulation, arms, moves }
}
const answers = (version: number) => ({ kind: 'answer', agent_id, version }) as const

test('the same callers, the same shares; without a proposal nobody moves', async () => {
  const first = await simulate()
  const second = await simulate()
  assert.deepEqual(first.arms, second.arms)
  assert.deepEqual(first.moves, [])
  const { control: most = 0, greeting: few = 0 } = first.arms
  assert.equal(most + few, CALLERS)
  // 0.05 ± 6 standard deviations.
  assert.ok(Math.abs(few - 0.05 * CALLERS) < 6 * Math.sqrt(CALLERS * 0.05 * 0.95), `${few}`)
})

test('from 5 % to 10 % the first 5 % stay, and callers move only to the arm that grew', async () => {
  const today = await simulate()
  const grown = await simulate({ inbound: [control(0.9), greeting(0.1)] })
  const gained = (grown.arms.greeting ?? 0) - (today.arms.greeting ?? 0)
  assert.ok(gained > 0)
  assert.deepEqual(grown.moves, [[answers(1), answers(2), gained]])
})

test('the order of a list moves nobody', async () => {
  assert.deepEqual((await simulate({ inbound: [greeting(0.05), control(0.95)] })).moves, [])
})

test('a new version under an old name inherits its callers', async () => {
  const today = await simulate()
  const { moves } = await simulate({ inbound: [control(0.95), share(3, 0.05, 'greeting')] })
  assert.deepEqual(moves, [[answers(2), answers(3), today.arms.greeting]])
})

test('an arm that goes away moves its own callers only', async () => {
  const today = await simulate()
  const { moves } = await simulate({ inbound: [control(1)] })
  assert.deepEqual(moves, [[answers(2), answers(1), today.arms.greeting]])
})

test('what is proposed in place of the slot: forwarded, spoken to, or nobody', async () => {
  const ended = async (routing: NonNullable<Proposal['routing']>) => {
    const { simulation, moves } = await simulate({ inbound: [], routing }, { callers: 100 })
    const counts = (['answer', 'forward', 'message', 'nobody'] as const).map(kind => countOf(simulation, kind))
    assert.equal(
      moves.reduce((sum, [, , callers]) => sum + callers, 0),
      100,
    )
    return counts
  }
  assert.deepEqual(await ended({ forward: '+15557654321' }), [0, 100, 0, 0])
  assert.deepEqual(await ended({ message: 'Nobody is here.' }), [0, 0, 100, 0])
  assert.deepEqual(await ended({}), [0, 0, 0, 100])
  assert.deepEqual(await ended({ default_agent_id: agent_id }), [100, 0, 0, 0])
})

test('callers as a trunk may write them are the same callers', async () => {
  const callers = ['+4930123456', '004930123456', '+49 (30) 123456']
  const { simulation } = await simulate(null, { callers })
  assert.deepEqual([...simulation.arms.values()].map(({ callers }) => callers).toSorted(), [0, 3])
})

test('they call when it is open for the first time; never open, when the time begins', async () => {
  const schedule = {
    name: 'hours',
    timezone: 'UTC',
    weekly: [{ days: ['wed', 'thu'], start: '09:00', end: '17:00', name: 'office' }],
    dates: [],
    after_hours: { message: 'Closed.' },
  } as const
  const open = await simulate({ schedule }, { callers: 10 })
  assert.equal(open.simulation.at_ms, Date.parse('2026-11-25T09:00:00Z'))
  assert.equal(open.open_ms, 16 * 3_600_000)
  assert.equal(open.openings?.length, 2)
  assert.equal(countOf(open.simulation, 'answer'), 10)
  const closed = await simulate({ schedule: { ...schedule, weekly: [] } }, { callers: 10 })
  assert.deepEqual([closed.simulation.at_ms, closed.open_ms], [SPAN.from_ms, 0])
  assert.equal(countOf(closed.simulation, 'message'), 10)
  const always = await simulate(null, { callers: 10 })
  assert.deepEqual([always.openings, always.open_ms], [null, SPAN.until_ms - SPAN.from_ms])
})

test('a saved schedule is computed for all of a year', async () => {
  const rules = {
    weekly: [{ days: WEEKDAYS, start: '09:00', end: '10:00', name: 'daily' }],
    dates: [],
    after_hours: null,
  }
  const schedule = await createSchedule(t.app, t.caller, { name: 'hours', timezone: 'Europe/Berlin', ...rules })
  await changeRouting(t.app, t.caller, NUMBER, { time_routing_enabled: true, schedule_id: schedule.id })
  const until_ms = Date.parse('2027-11-23T00:00:00Z')
  const year = await simulate(null, { callers: 1, until_ms })
  assert.deepEqual([year.openings?.length, year.open_ms], [365, 365 * 3_600_000])
  const out = await simulate(null, { callers: 1, direction: 'outbound' })
  assert.equal(out.openings, null)
  await changeRouting(t.app, t.caller, NUMBER, { time_routing_enabled: false })
})
