/** Compiled calendars against a second opinion: each instant read off luxon's wall clock and judged by text comparison. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DateTime } from 'luxon'
import { zoneOffsets } from '#app/zone-offsets.ts'
import { compileSchedule } from '#core/compile-schedule.ts'
import { type ClockState, type DateRule, openings, type ScheduleRules, stateAt, WEEKDAYS } from '#core/schedule.ts'
import { scheduleFaults } from '#core/schedule-faults.ts'

const ZONES = [
  'America/New_York',
  'Europe/Berlin',
  'Australia/Lord_Howe',
  'America/Phoenix',
  'Asia/Tokyo',
  'Pacific/Apia',
  'Africa/Casablanca',
  'Asia/Kolkata',
  'America/St_Johns',
  'America/Havana',
  'Asia/Tehran',
  'Antarctica/Troll',
]
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const SINCE = Date.UTC(2009, 0)
const UNTIL = Date.UTC(2031, 0)

const CHANGES = ZONES.map(zone =>
  zoneOffsets(zone, SINCE, UNTIL)
    .map(({ from_ms }) => from_ms)
    .filter(at => at > SINCE),
)

const two = (n: number): string => String(n).padStart(2, '0')

/** A date as written and its weekday, by the calendar alone. */
const dateOf = (plain: DateTime) => ({ date: plain.toISODate(), weekday: WEEKDAYS[plain.weekday - 1] })

const clockOf = (zone: string, at: number) => {
  const local = DateTime.fromMillis(at, { zone })
  const plain = DateTime.utc(local.year, local.month, local.day)
  return {
    time: `${two(local.hour)}:${two(local.minute)}:${two(local.second)}.${String(local.millisecond).padStart(3, '0')}`,
    today: dateOf(plain),
    yesterday: dateOf(plain.minus({ days: 1 })),
  }
}

const names = (rule: DateRule, date: string | null): boolean =>
  'date' in rule ? rule.date === date : date !== null && rule.from <= date && date <= rule.to

/** `17:00` sorts before `17:00:00.000`, so `>=` and `<` of texts are those of the times. */
const judge = (
  { weekly, dates }: ScheduleRules,
  { time, today, yesterday }: ReturnType<typeof clockOf>,
): ClockState => {
  const begun = ({ start, end }: { start: string; end: string }) => time >= start && (end <= start || time < end)
  const goesOn = ({ start, end }: { start: string; end: string }) => end <= start && time < end
  for (const [n, rule] of dates.entries()) {
    const shut_yesterday = dates.slice(0, n).some(other => 'closed' in other && names(other, yesterday.date))
    if (!('closed' in rule) && names(rule, yesterday.date) && !shut_yesterday && goesOn(rule)) {
      return { open: true, rule: rule.name }
    }
    if (!names(rule, today.date)) continue
    if ('closed' in rule) return { open: false, rule: rule.name }
    if (begun(rule)) return { open: true, rule: rule.name }
  }
  const dated = dates.find(rule => names(rule, today.date))
  if (dated) return { open: false, rule: dated.name }
  const quiet_night = dates.some(rule => names(rule, yesterday.date))
  const open = weekly.find(
    rule =>
      (rule.days.some(day => day === today.weekday) && begun(rule)) ||
      (rule.days.some(day => day === yesterday.weekday) && !quiet_night && goesOn(rule)),
  )
  return { open: open !== undefined, rule: open?.name ?? null }
}

const anyTime = fc
  .tuple(fc.nat(23), fc.oneof(fc.constantFrom(0, 15, 30, 59), fc.nat(59)))
  .map(([hour, minute]) => `${two(hour)}:${two(minute)}`)
/** Clocks change at 0:00 to 4:00; so windows begin and end there more often than elsewhere. */
const start = fc.oneof(anyTime, fc.constantFrom('00:00', '01:00', '01:30', '02:00', '02:30', '03:00', '23:30', '23:59'))
const end = fc.oneof(start, fc.constant('24:00'))
const name = fc.constantFrom('a', 'b', 'c', 'd')
const weeklyRule = fc.record({ days: fc.subarray([...WEEKDAYS], { minLength: 1 }), start, end, name })

/** Days before and after the time in question, in place of dates. */
const around = fc.integer({ min: -4, max: 4 })
const dateRule = fc.record({ days: fc.tuple(around, around), closed: fc.boolean(), start, end, name })

const toDateRule = (near: number, rule: typeof dateRule extends fc.Arbitrary<infer T> ? T : never): DateRule => {
  const { days, closed, start, end, name } = rule
  const [from = '', to = ''] = days
    .toSorted((one, other) => one - other)
    .map(day => new Date(near + day * DAY_MS).toISOString().slice(0, 10))
  const when = from === to ? { date: from } : { from, to }
  return closed ? { ...when, closed, name } : { ...when, start, end, name }
}

const situation = fc
  .record({
    zone_index: fc.nat(ZONES.length - 1),
    change: fc.option(fc.nat(), { freq: 3 }),
    anywhen: fc.integer({ min: SINCE, max: UNTIL }),
    weekly: fc.array(weeklyRule, { maxLength: 4 }),
    dates: fc.array(dateRule, { maxLength: 3 }),
    anywhere: fc.array(fc.integer({ min: -3 * DAY_MS, max: 3 * DAY_MS - 1 }), { minLength: 2, maxLength: 2 }),
    picks: fc.array(fc.nat(), { minLength: 2, maxLength: 2 }),
  })
  .map(({ zone_index, change, anywhen, weekly, dates, anywhere, picks }) => {
    const changes = CHANGES[zone_index] ?? []
    const near = (change === null ? undefined : changes[change % changes.length]) ?? anywhen
    const rules: ScheduleRules = { weekly, dates: dates.map(rule => toDateRule(near, rule)) }
    return { zone: ZONES[zone_index] ?? 'UTC', near, rules, anywhere, picks }
  })

test('10,000 random schedules say what the wall clock says, by luxon', () => {
  let compared = 0
  fc.assert(
    fc.property(situation, ({ zone, near, rules, anywhere, picks }) => {
      assert.deepEqual(scheduleFaults(rules), [])
      const from = near - 3 * DAY_MS
      const until = near + 3 * DAY_MS
      const compiled = compileSchedule(rules, zoneOffsets(zone, from, until), from, until)
      const starts = [...compiled.starts]
      assert.equal(starts[0], from)
      const edges = picks.map(pick => starts[pick % starts.length] ?? from).flatMap(at => [at - 1, at])
      // Every hour and half hour around the change, where a window that was missed would begin.
      const by_halves = picks.map(pick => near + ((pick % 13) - 6) * (HOUR_MS / 2)).flatMap(at => [at - 1, at])
      for (const at of [near - 1, near, ...edges, ...by_halves, ...anywhere.map(by => near + by)]) {
        if (at < from || at >= until) continue
        compared++
        const got = stateAt(compiled, at)
        const expected = judge(rules, clockOf(zone, at))
        if (got?.open === expected.open && got.rule === expected.rule) continue
        assert.deepEqual(got, expected, `${zone} ${new Date(at).toISOString()}`)
      }
    }),
    { numRuns: 10_000 },
  )
  assert.ok(compared > 90_000, `${compared} instants compared`)
})

test('compiled states follow each other and differ, and openings are the open ones', () => {
  fc.assert(
    fc.property(situation, ({ zone, near, rules }) => {
      const [from, until] = [near - 3 * DAY_MS, near + 3 * DAY_MS]
      const compiled = compileSchedule(rules, zoneOffsets(zone, from, until), from, until)
      assert.equal(compiled.starts.length, compiled.states.length)
      compiled.states.forEach((state, n) => {
        if (n === 0) return
        assert.ok((compiled.starts[n] ?? 0) > (compiled.starts[n - 1] ?? 0))
        assert.notDeepEqual(state, compiled.states[n - 1])
      })
      for (const { opens_ms, closes_ms, rule } of openings(compiled)) {
        assert.deepEqual(stateAt(compiled, opens_ms), { open: true, rule })
        assert.deepEqual(stateAt(compiled, closes_ms - 1), { open: true, rule })
        assert.notDeepEqual(stateAt(compiled, closes_ms), { open: true, rule })
      }
    }),
    { numRuns: 1_000 },
  )
})

test('a part compiled alone says what the whole says', () => {
  fc.assert(
    fc.property(situation, ({ zone, near, rules, anywhere: [one = 0, other = 0] }) => {
      const compile = (from: number, until: number) =>
        compileSchedule(rules, zoneOffsets(zone, from, until), from, until)
      const whole = compile(near - 3 * DAY_MS, near + 3 * DAY_MS)
      const part = compile(near + Math.min(one, other), near + Math.max(one, other))
      for (const at of [part.from_ms, part.until_ms - 1, ...part.starts]) {
        if (at >= part.from_ms && at < part.until_ms) assert.deepEqual(stateAt(part, at), stateAt(whole, at))
      }
    }),
    { numRuns: 1_000 },
  )
})
