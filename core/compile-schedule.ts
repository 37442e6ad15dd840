/** Wall-clock rules become instants: for each stretch of one offset, local dates are shifted by it and clipped to it. */
import { planDays, type Run } from '#core/day-plan.ts'
import { DAY_MINUTES } from '#core/local-time.ts'
import type { ClockState, CompiledSchedule, ScheduleRules, ZoneOffsets } from '#core/schedule.ts'

const MINUTE_MS = 60_000
const DAY_MS = DAY_MINUTES * MINUTE_MS

const dayAt = (utc_ms: number, offset_ms: number): number => Math.floor((utc_ms + offset_ms) / DAY_MS)

/** What holds from an instant on; two that say the same are one. */
type States = { readonly starts: number[]; readonly states: ClockState[] }

const append = ({ starts, states }: States, start_ms: number, state: ClockState): void => {
  if (starts.at(-1) === start_ms) {
    starts.pop()
    states.pop()
  }
  const before = states.at(-1)
  if (before !== undefined && before.open === state.open && before.rule === state.rule) return
  starts.push(start_ms)
  states.push(state)
}

const appendDay = (
  into: States,
  runs: readonly Run[],
  midnight_ms: number,
  from_ms: number,
  until_ms: number,
): void => {
  for (const { start_minute, state } of runs) {
    const start_ms = midnight_ms + start_minute * MINUTE_MS
    if (start_ms >= until_ms) return
    append(into, Math.max(start_ms, from_ms), state)
  }
}

/**
 * `rules` from `from_ms` until before `until_ms` (milliseconds since the epoch). `offsets`: of the schedule's zone, for all
 * of that time, at least one. Throws RangeError on rules that `scheduleFaults` finds fault with.
 */
export const compileSchedule = (
  rules: ScheduleRules,
  offsets: ZoneOffsets,
  from_ms: number,
  until_ms: number,
): CompiledSchedule => {
  // A day more at both ends than any offset can reach.
  const runsOf = planDays(rules, dayAt(from_ms, -DAY_MS), dayAt(until_ms, DAY_MS))
  const found: States = { starts: [], states: [] }
  offsets.forEach(({ from_ms: offset_from_ms, offset_ms }, n) => {
    const start_ms = n === 0 ? from_ms : Math.max(from_ms, offset_from_ms)
    const end_ms = Math.min(until_ms, offsets[n + 1]?.from_ms ?? until_ms)
    if (start_ms >= end_ms) return
    for (let day = dayAt(start_ms, offset_ms); day <= dayAt(end_ms - 1, offset_ms); day++) {
      appendDay(found, runsOf(day), day * DAY_MS - offset_ms, start_ms, end_ms)
    }
  })
  return { from_ms, until_ms, starts: Float64Array.from(found.starts), states: found.states }
}
