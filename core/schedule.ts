/**
 * Calendars: wall-clock rules in a time zone, compiled to instants before any call comes, so that a decision does no
 * zone arithmetic. A schedule is open at an instant if its rules are open at what the clock on the wall shows then; a gap
 * or an overlap of the clock needs no rule of its own.
 */

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Weekday = (typeof WEEKDAYS)[number]

/** `HH:MM`; `end` may be 24:00, and before `start`: the window then ends on the next day. */
export type WeeklyRule = {
  readonly days: readonly Weekday[]
  readonly start: string
  readonly end: string
  readonly name: string
}

/** One date, or `from` to `to`, both included (`YYYY-MM-DD`); closed, or open from `start` to `end`. */
export type DateRule = ({ readonly date: string } | { readonly from: string; readonly to: string }) &
  ({ readonly closed: true } | { readonly start: string; readonly end: string }) & { readonly name: string }

export type ScheduleRules = { readonly weekly: readonly WeeklyRule[]; readonly dates: readonly DateRule[] }

/** How far a zone's clock is ahead of UTC from an instant on, in order; the first one holds before it as well. */
export type ZoneOffsets = readonly { readonly from_ms: number; readonly offset_ms: number }[]

/** `rule`: the name of the rule that says so; null when none does (closed). */
export type ClockState = { readonly open: boolean; readonly rule: string | null }

/** `states[i]` holds from `starts[i]` (milliseconds since the epoch) to the next start, the last one to `until_ms`. */
export type CompiledSchedule = {
  readonly from_ms: number
  readonly until_ms: number
  readonly starts: Float64Array
  readonly states: readonly ClockState[]
}

/** null: outside what was compiled. */
export const stateAt = ({ from_ms, until_ms, starts, states }: CompiledSchedule, now_ms: number): ClockState | null => {
  if (now_ms < from_ms || now_ms >= until_ms) return null
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((starts[middle] ?? 0) <= now_ms) low = middle
    else high = middle - 1
  }
  return states[low] ?? null
}

/** `rule`: the name of the rule that opens. */
export type Opening = { readonly opens_ms: number; readonly closes_ms: number; readonly rule: string | null }

/** When it is open, in order, cut at both ends of what was compiled; where one rule takes over from another, two of them. */
export const openings = ({ until_ms, starts, states }: CompiledSchedule): readonly Opening[] =>
  states.flatMap(({ open, rule }, n) =>
    open ? [{ opens_ms: starts[n] ?? until_ms, closes_ms: starts[n + 1] ?? until_ms, rule }] : [],
  )
