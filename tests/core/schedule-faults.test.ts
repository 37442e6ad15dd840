import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseDate, weekdayOf } from '#core/local-time.ts'
import { type DateRule, WEEKDAYS, type WeeklyRule } from '#core/schedule.ts'
import { scheduleFaults } from '#core/schedule-faults.ts'

const WEEKLY: WeeklyRule = { days: ['mon'], start: '09:00', end: '17:00', name: 'office' }

const pointers = (weekly: readonly WeeklyRule[], dates: readonly DateRule[]): readonly string[] =>
  scheduleFaults({ weekly, dates }).map(({ path }) => path.join('/'))

test('what is wrong with weekly rules is found where it is', () => {
  const table: readonly (readonly [Partial<WeeklyRule>, readonly string[]])[] = [
    [{}, []],
    [{ start: '00:00', end: '24:00' }, []],
    [{ start: '22:00', end: '02:00' }, []],
    [{ start: '09:00', end: '09:00' }, []],
    [{ start: '23:59', end: '00:00' }, []],
    [{ start: '24:00' }, ['weekly/1/start']],
    [{ end: '24:01' }, ['weekly/1/end']],
    [{ start: '9:00', end: '17:60' }, ['weekly/1/start', 'weekly/1/end']],
    [{ start: '09:00:00' }, ['weekly/1/start']],
    [{ end: '25:00' }, ['weekly/1/end']],
    [{ end: '' }, ['weekly/1/end']],
    [{ days: [] }, ['weekly/1/days']],
    [{ days: ['mon', 'tue', 'mon'] }, ['weekly/1/days/2']],
  ]
  for (const [rule, expected] of table) {
    assert.deepEqual(pointers([WEEKLY, { ...WEEKLY, ...rule }], []), expected, JSON.stringify(rule))
  }
})

test('what is wrong with dates is found where it is', () => {
  const closed = { closed: true, name: 'closed' } as const
  const table: readonly (readonly [DateRule, readonly string[]])[] = [
    [{ date: '2028-02-29', ...closed }, []],
    [{ date: '2000-02-29', ...closed }, []],
    [{ date: '2026-02-29', ...closed }, ['dates/0/date']],
    [{ date: '2100-02-29', ...closed }, ['dates/0/date']],
    [{ date: '2026-02-30', ...closed }, ['dates/0/date']],
    [{ date: '2026-04-31', ...closed }, ['dates/0/date']],
    [{ date: '2026-13-01', ...closed }, ['dates/0/date']],
    [{ date: '2026-00-01', ...closed }, ['dates/0/date']],
    [{ date: '2026-01-00', ...closed }, ['dates/0/date']],
    [{ date: '2026-1-1', ...closed }, ['dates/0/date']],
    [{ date: '24.12.2026', ...closed }, ['dates/0/date']],
    [{ from: '2026-12-24', to: '2026-12-24', ...closed }, []],
    [{ from: '2026-12-31', to: '2027-01-01', ...closed }, []],
    [{ from: '2026-12-24', to: '2026-12-23', ...closed }, ['dates/0/to']],
    [{ from: '2026-12-32', to: '2026-02-30', ...closed }, ['dates/0/from', 'dates/0/to']],
    [{ date: '2026-12-24', start: '09:00', end: '12:00', name: 'short' }, []],
    [{ date: '2026-12-24', start: '09.00', end: '12:00', name: 'short' }, ['dates/0/start']],
    [{ date: '2026-12-32', start: '09:00', end: '36:00', name: 'short' }, ['dates/0/date', 'dates/0/end']],
  ]
  for (const [rule, expected] of table) assert.deepEqual(pointers([], [rule]), expected, JSON.stringify(rule))
})

test('each fault says what to do', () => {
  const rules = { weekly: [{ ...WEEKLY, start: '24:00' }], dates: [] }
  assert.deepEqual(scheduleFaults(rules), [
    { path: ['weekly', 0, 'start'], message: 'must be a time from 00:00 to 23:59, such as 09:00' },
  ])
})

test('days are counted as the language counts them', () => {
  // From 0000-01-01 to 9999-12-31.
  fc.assert(
    fc.property(fc.integer({ min: -719_528, max: 2_932_896 }), day => {
      const date = new Date(day * 86_400_000)
      assert.equal(parseDate(date.toISOString().slice(0, 10)), day)
      assert.equal(WEEKDAYS[weekdayOf(day)], WEEKDAYS[(date.getUTCDay() + 6) % 7])
    }),
    { numRuns: 2_000 },
  )
})
