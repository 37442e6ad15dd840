/** What a schedule's rules say about each local date, minute by minute, whatever the zone. */
import { DAY_MINUTES, parseDate, parseEnd, parseStart, weekdayOf } from '#core/local-time.ts'
import { type ClockState, type DateRule, type ScheduleRules, WEEKDAYS, type WeeklyRule } from '#core/schedule.ts'

/** From `start_minute` of the local date to the next run's, the last one to midnight. */
export type Run = { readonly start_minute: number; readonly state: ClockState }

/** The part of one date that a rule claims. */
type Claim = { readonly start_minute: number; readonly end_minute: number; readonly state: ClockState }

/** What a window claims of its own date, and of the next one when it crosses midnight. */
type Window = { readonly own: Claim; readonly spill: Claim | null }

type WeeklyWindow = Window & { readonly weekdays: readonly number[] }

type DatePart = { readonly from_day: number; readonly to_day: number; readonly name: string }
/** `window: null`: closed. */
type DateWindow = DatePart & { readonly window: Window | null }

const parsed = (value: number | null, text: string): number => {
  if (value === null) throw new RangeError(`the schedule holds ${JSON.stringify(text)}, which is no time or date`)
  return value
}

const toWindow = ({ start, end, name }: { start: string; end: string; name: string }): Window => {
  const state = { open: true, rule: name }
  const start_minute = parsed(parseStart(start), start)
  const end_minute = parsed(parseEnd(end), end)
  if (end_minute > start_minute) return { own: { start_minute, end_minute, state }, spill: null }
  return {
    own: { start_minute, end_minute: DAY_MINUTES, state },
    spill: { start_minute: 0, end_minute, state },
  }
}

const toWeeklyWindow = (rule: WeeklyRule): WeeklyWindow => ({
  ...toWindow(rule),
  weekdays: rule.days.map(day => WEEKDAYS.indexOf(day)),
})

const toDateWindow = (rule: DateRule): DateWindow => {
  const [from, to] = 'date' in rule ? [rule.date, rule.date] : [rule.from, rule.to]
  return {
    from_day: parsed(parseDate(from), from),
    to_day: parsed(parseDate(to), to),
    name: rule.name,
    window: 'closed' in rule ? null : toWindow(rule),
  }
}

const covers = ({ from_day, to_day }: DatePart, day: number): boolean => from_day <= day && day <= to_day

/** The first of those from `from` on that nobody holds: `next[n]` leads towards it (union-find with path halving). */
const firstFree = (next: Uint16Array, from: number): number => {
  let n = from
  for (let after = next[n] ?? n; after !== n; after = next[n] ?? n) {
    next[n] = next[after] ?? after
    n = after
  }
  return n
}

/** Who claims first has it, `rest` what nobody claims. Costs n log n, however much the claims overlap. */
const settle = (claims: readonly Claim[], rest: ClockState): readonly Run[] => {
  const cuts = new Set([0, ...claims.flatMap(({ start_minute, end_minute }) => [start_minute, end_minute])])
  cuts.delete(DAY_MINUTES)
  const pieces = [...cuts].sort((one, other) => one - other)
  const index = new Map(pieces.map((minute, n) => [minute, n]))
  const holders: ClockState[] = pieces.map(() => rest)
  const next = new Uint16Array(pieces.length + 1).map((_, n) => n)
  for (const { start_minute, end_minute, state } of claims) {
    const end = index.get(end_minute) ?? pieces.length
    for (let n = firstFree(next, index.get(start_minute) ?? 0); n < end; n = firstFree(next, n)) {
      holders[n] = state
      next[n] = n + 1
    }
  }
  return pieces.map((start_minute, n) => ({ start_minute, state: holders[n] ?? rest }))
}

/** What date rules claim of `day`, in their order; a window of yesterday goes on unless a rule before it closed yesterday. */
const dateClaims = (rules: readonly DateWindow[], day: number): readonly Claim[] => {
  const claims: Claim[] = []
  let closed_yesterday = false
  for (const rule of rules) {
    const yesterday = covers(rule, day - 1)
    const today = covers(rule, day)
    if (rule.window === null) {
      closed_yesterday ||= yesterday
      if (!today) continue
      return [...claims, { start_minute: 0, end_minute: DAY_MINUTES, state: { open: false, rule: rule.name } }]
    }
    if (yesterday && !closed_yesterday && rule.window.spill) claims.push(rule.window.spill)
    if (today) claims.push(rule.window.own)
  }
  return claims
}

const weeklyClaims = (rules: readonly WeeklyWindow[], day: number, yesterday_goes_on: boolean): readonly Claim[] => {
  const today = weekdayOf(day)
  const yesterday = weekdayOf(day - 1)
  return rules.flatMap(({ weekdays, own, spill }) => [
    ...(spill && yesterday_goes_on && weekdays.includes(yesterday) ? [spill] : []),
    ...(weekdays.includes(today) ? [own] : []),
  ])
}

const CLOSED: ClockState = { open: false, rule: null }

/**
 * The runs of any local date (days since 1970-01-01) from `from_day` to `to_day`. A date with date rules is theirs alone,
 * and closed where they open nothing; weekly windows do not run into it or out of it.
 * Throws RangeError on rules that `scheduleFaults` finds fault with.
 */
export const planDays = (rules: ScheduleRules, from_day: number, to_day: number): ((day: number) => readonly Run[]) => {
  const weekly = rules.weekly.map(toWeeklyWindow)
  const dates = rules.dates.map(toDateWindow).filter(rule => rule.from_day <= to_day && rule.to_day >= from_day - 1)
  const ordinary: (readonly Run[] | undefined)[] = []
  const ordinaryRuns = (day: number): readonly Run[] => {
    const weekday = weekdayOf(day)
    const runs = ordinary[weekday] ?? settle(weeklyClaims(weekly, day, true), CLOSED)
    ordinary[weekday] = runs
    return runs
  }
  return day => {
    const near = dates.filter(rule => rule.from_day <= day && rule.to_day >= day - 1)
    if (near.length === 0) return ordinaryRuns(day)
    const claims = dateClaims(near, day)
    const first = near.find(rule => covers(rule, day))
    if (first) return settle(claims, { open: false, rule: first.name })
    // `near` covers yesterday then.
    return settle([...claims, ...weeklyClaims(weekly, day, false)], CLOSED)
  }
}
