/** Many callers at once: who would answer which share of them, and who of them would move. */
import type { App, Caller } from '#app/context.ts'
import { inSlices } from '#app/in-slices.ts'
import { oneAtATime } from '#app/one-at-a-time.ts'
import { refuse } from '#app/refused.ts'
import { type Proposal, routeTableOfNumber, type Span } from '#app/route-table-of-number.ts'
import { callerOf } from '#core/e164.ts'
import type { ScheduleRoute } from '#core/routing-table.ts'
import { type Opening, openings } from '#core/schedule.ts'
import { addCaller, type NumberTable, type Simulation, startSimulation } from '#core/simulate.ts'

export type SimulationInput = Span & {
  readonly direction: 'inbound' | 'outbound'
  /** So many from +15550000000 on, or these. */
  readonly callers: number | readonly string[]
  /** null: nothing is. */
  readonly proposal: Proposal | null
}

export type Simulated = {
  readonly span: Span
  readonly simulation: Simulation
  /** null: time routing is off, it is always open. */
  readonly openings: readonly Opening[] | null
  readonly open_ms: number
}

/** About 2 ms with two decisions a caller, 5 with 20 entries a slot: then whatever else waits has its turn. */
const SLICE_CALLERS = 500
/** The thread is shared with everybody. */
const WAITING_LIMIT = 20
const inLine = oneAtATime(WAITING_LIMIT, () => refuse('rate_limited'))

/** `index` below 10,000,000. */
const madeUp = (index: number): string => `+1555${String(index).padStart(7, '0')}`

const run = (simulation: Simulation, callers: SimulationInput['callers']): Promise<void> =>
  typeof callers === 'number'
    ? inSlices(callers, SLICE_CALLERS, index => addCaller(simulation, madeUp(index)))
    : inSlices(callers.length, SLICE_CALLERS, index => addCaller(simulation, callerOf(callers[index] ?? null)))

const scheduleOf = ({ table, number }: NumberTable, direction: SimulationInput['direction']): ScheduleRoute | null => {
  const { schedule_id } = number.routing
  return direction === 'outbound' || schedule_id === null ? null : (table.schedules.get(schedule_id) ?? null)
}

export const simulateRoute = async (
  app: App,
  caller: Caller,
  phone_number: string,
  input: SimulationInput,
): Promise<Simulated> => {
  const { from_ms, until_ms, direction, proposal } = input
  const span = { from_ms, until_ms }
  const { today, side } = await routeTableOfNumber(app, caller, phone_number, proposal ?? {}, span)
  const schedule = scheduleOf(side, direction)
  const open = schedule === null ? null : openings(schedule.compiled)
  const open_ms =
    open === null ? until_ms - from_ms : open.reduce((sum, { opens_ms, closes_ms }) => sum + closes_ms - opens_ms, 0)
  const at_ms = open?.[0]?.opens_ms ?? from_ms
  const simulation = startSimulation({ side, today: proposal === null ? null : today, direction, at_ms })
  await inLine(() => run(simulation, input.callers))
  return { span, simulation, openings: open, open_ms }
}
