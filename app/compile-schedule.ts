/** Schedules compiled with the offsets of their zone, for as long as a process that answers calls wants them. */
import { zoneOffsets } from '#app/zone-offsets.ts'
import { compileSchedule } from '#core/compile-schedule.ts'
import type { CompiledSchedule, ScheduleRules } from '#core/schedule.ts'

type ZonedRules = { readonly rules: ScheduleRules; readonly timezone: string }

const DAY_MS = 86_400_000
/** A clock that is set back by less finds what it needs. */
const BEHIND_MS = 2 * DAY_MS
/** Twice what is left when it is done again, so that a process looks at each schedule about once a month. */
const AHEAD_MS = 60 * DAY_MS
const RENEW_MS = 30 * DAY_MS

/** From `from_ms` until before `until_ms`. Throws RangeError on faulty rules or an unknown zone: both are refused when saved. */
export const compileBetween = ({ rules, timezone }: ZonedRules, from_ms: number, until_ms: number): CompiledSchedule =>
  compileSchedule(rules, zoneOffsets(timezone, from_ms, until_ms), from_ms, until_ms)

/** For calls that come from `now_ms` on, for 60 days. */
export const compileFor = (schedule: ZonedRules, now_ms: number): CompiledSchedule =>
  compileBetween(schedule, now_ms - BEHIND_MS, now_ms + AHEAD_MS)

/** Whether less than 30 days are left, or the clock was set back to before all of it. */
export const needsCompiling = ({ from_ms, until_ms }: CompiledSchedule, now_ms: number): boolean =>
  now_ms < from_ms || until_ms - now_ms < RENEW_MS
