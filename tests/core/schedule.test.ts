import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileBetween } from '#app/compile-schedule.ts'
import { openings, type ScheduleRules, stateAt, WEEKDAYS, type Weekday } from '#core/schedule.ts'

const WORKDAYS: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri']

const weekly = (days: readonly Weekday[], start: string, end: string, name: string) => ({ days, start, end, name })

/** `open/closed rule` at each instant, compiled once for all of them. */
const told = (timezone: string, rules: Partial<ScheduleRules>, instants: readonly string[]): readonly string[] => {
  const times = instants.map(Date.parse)
  const day_ms = 86_400_000
  const compiled = compileBetween(
    { timezone, rules: { weekly: [], dates: [], ...rules } },
    Math.min(...times) - day_ms,
    Math.max(...times) + day_ms,
  )
  return times.map(at => {
    const state = stateAt(compiled, at)
    return `${state?.open ? 'open' : 'closed'} ${state?.rule ?? '-'}`
  })
}

type Row = readonly [instant: string, expected: string]

const check = (timezone: string, rules: Partial<ScheduleRules>, rows: readonly Row[]): void => {
  const got = told(
    timezone,
    rules,
    rows.map(([instant]) => instant),
  )
  assert.deepEqual(
    rows.map(([instant], n) => [instant, got[n]]),
    rows.map(row => [...row]),
  )
}

test('office hours begin on the minute, end before it, and leave the rest closed', () => {
  const rules = { weekly: [weekly(WORKDAYS, '09:00', '17:00', 'office')] }
  check('America/Phoenix', rules, [
    ['2026-07-06T08:59:59.999-07:00', 'closed -'],
    ['2026-07-06T09:00:00.000-07:00', 'open office'],
    ['2026-07-06T16:59:59.999-07:00', 'open office'],
    ['2026-07-06T17:00:00.000-07:00', 'closed -'],
    ['2026-07-05T12:00:00.000-07:00', 'closed -'],
  ])
  check('Asia/Tokyo', rules, [
    ['2026-03-09T08:59:59.999+09:00', 'closed -'],
    ['2026-03-09T09:00:00.000+09:00', 'open office'],
    ['2026-03-08T09:00:00.000+09:00', 'closed -'],
  ])
})

test('office hours stay where the wall clock has them when the clocks change', () => {
  check('America/New_York', { weekly: [weekly(WORKDAYS, '09:00', '17:00', 'office')] }, [
    // 2026-03-08 and 2026-11-01, both Sundays.
    ['2026-03-06T14:00:00.000Z', 'open office'],
    ['2026-03-06T13:59:59.999Z', 'closed -'],
    ['2026-03-09T13:00:00.000Z', 'open office'],
    ['2026-03-09T12:59:59.999Z', 'closed -'],
    ['2026-10-30T13:00:00.000Z', 'open office'],
    ['2026-11-02T13:59:59.999Z', 'closed -'],
    ['2026-11-02T14:00:00.000Z', 'open office'],
  ])
})

test('a window that starts in the gap opens at the first instant that exists', () => {
  const rules = { weekly: [weekly(WEEKDAYS, '02:30', '04:00', 'early')] }
  check('America/New_York', rules, [
    ['2026-03-08T06:59:59.999Z', 'closed -'],
    ['2026-03-08T07:00:00.000Z', 'open early'],
    ['2026-03-08T07:59:59.999Z', 'open early'],
    ['2026-03-08T08:00:00.000Z', 'closed -'],
  ])
  check('Europe/Berlin', rules, [
    ['2026-03-29T00:59:59.999Z', 'closed -'],
    ['2026-03-29T01:00:00.000Z', 'open early'],
    ['2026-03-29T02:00:00.000Z', 'closed -'],
  ])
  // 02:00 becomes 02:30.
  check('Australia/Lord_Howe', { weekly: [weekly(WEEKDAYS, '02:15', '02:45', 'early')] }, [
    ['2026-10-03T15:29:59.999Z', 'closed -'],
    ['2026-10-03T15:30:00.000Z', 'open early'],
    ['2026-10-03T15:44:59.999Z', 'open early'],
    ['2026-10-03T15:45:00.000Z', 'closed -'],
  ])
})

test('a window that lies within the gap does not open that day', () => {
  check('Europe/Berlin', { weekly: [weekly(WEEKDAYS, '02:10', '02:50', 'gone')] }, [
    ['2026-03-28T01:10:00.000Z', 'open gone'],
    ['2026-03-29T00:59:59.999Z', 'closed -'],
    ['2026-03-29T01:00:00.000Z', 'closed -'],
    ['2026-03-29T01:30:00.000Z', 'closed -'],
    ['2026-03-30T00:10:00.000Z', 'open gone'],
  ])
})

test('a window in the overlap is open both times', () => {
  const rules = { weekly: [weekly(WEEKDAYS, '01:15', '01:45', 'twice')] }
  check('America/New_York', rules, [
    ['2026-11-01T05:14:59.999Z', 'closed -'],
    ['2026-11-01T05:15:00.000Z', 'open twice'],
    ['2026-11-01T05:45:00.000Z', 'closed -'],
    ['2026-11-01T06:14:59.999Z', 'closed -'],
    ['2026-11-01T06:15:00.000Z', 'open twice'],
    ['2026-11-01T06:45:00.000Z', 'closed -'],
  ])
  check('Europe/Berlin', { weekly: [weekly(WEEKDAYS, '02:15', '03:30', 'twice')] }, [
    ['2026-10-25T00:15:00.000Z', 'open twice'],
    ['2026-10-25T00:59:59.999Z', 'open twice'],
    ['2026-10-25T01:00:00.000Z', 'closed -'],
    ['2026-10-25T01:15:00.000Z', 'open twice'],
    ['2026-10-25T02:29:59.999Z', 'open twice'],
    ['2026-10-25T02:30:00.000Z', 'closed -'],
  ])
  // 02:00 becomes 01:30.
  check('Australia/Lord_Howe', rules, [
    ['2026-04-04T14:15:00.000Z', 'open twice'],
    ['2026-04-04T14:44:59.999Z', 'open twice'],
    ['2026-04-04T14:45:00.000Z', 'closed -'],
    ['2026-04-04T15:00:00.000Z', 'open twice'],
    ['2026-04-04T15:15:00.000Z', 'closed -'],
  ])
})

test('a window over midnight belongs to the day on which it starts', () => {
  check('Europe/Berlin', { weekly: [weekly(['fri'], '22:00', '02:00', 'night')] }, [
    ['2026-07-10T02:00:00.000+02:00', 'closed -'],
    ['2026-07-10T21:59:59.999+02:00', 'closed -'],
    ['2026-07-10T22:00:00.000+02:00', 'open night'],
    ['2026-07-11T00:00:00.000+02:00', 'open night'],
    ['2026-07-11T01:59:59.999+02:00', 'open night'],
    ['2026-07-11T02:00:00.000+02:00', 'closed -'],
    ['2026-07-11T22:00:00.000+02:00', 'closed -'],
  ])
  // Sunday to Monday goes round the week.
  check('Asia/Tokyo', { weekly: [weekly(['sun'], '23:00', '01:00', 'late')] }, [
    ['2026-07-13T00:59:00.000+09:00', 'open late'],
    ['2026-07-13T01:00:00.000+09:00', 'closed -'],
  ])
})

test('a night over a change of the clocks is an hour shorter or longer', () => {
  const rules = { weekly: [weekly(['sat'], '22:00', '06:00', 'night')] }
  const hours = (timezone: string, from: string, until: string): readonly number[] =>
    openings(compileBetween({ timezone, rules: { ...rules, dates: [] } }, Date.parse(from), Date.parse(until))).map(
      ({ opens_ms, closes_ms }) => (closes_ms - opens_ms) / 3_600_000,
    )
  assert.deepEqual(hours('Europe/Berlin', '2026-03-20T00:00:00Z', '2026-04-03T00:00:00Z'), [8, 7])
  assert.deepEqual(hours('Europe/Berlin', '2026-10-16T00:00:00Z', '2026-10-30T00:00:00Z'), [8, 9])
  assert.deepEqual(hours('Australia/Lord_Howe', '2026-09-25T00:00:00Z', '2026-10-09T00:00:00Z'), [8, 7.5])
  assert.deepEqual(hours('America/Phoenix', '2026-03-01T00:00:00Z', '2026-03-15T00:00:00Z'), [8, 8])
})

test('24:00 is the end of the day, and an end at the start is a whole day later', () => {
  check('America/Phoenix', { weekly: [weekly(['mon'], '18:00', '24:00', 'evening')] }, [
    ['2026-07-06T23:59:59.999-07:00', 'open evening'],
    ['2026-07-07T00:00:00.000-07:00', 'closed -'],
  ])
  check('America/Phoenix', { weekly: [weekly(['mon'], '18:00', '00:00', 'evening')] }, [
    ['2026-07-06T17:59:59.999-07:00', 'closed -'],
    ['2026-07-06T23:59:59.999-07:00', 'open evening'],
    ['2026-07-07T00:00:00.000-07:00', 'closed -'],
  ])
  for (const end of ['24:00', '00:00']) {
    check('America/Phoenix', { weekly: [weekly(['mon'], '00:00', end, 'whole day')] }, [
      ['2026-07-05T23:59:59.999-07:00', 'closed -'],
      ['2026-07-06T00:00:00.000-07:00', 'open whole day'],
      ['2026-07-06T23:59:59.999-07:00', 'open whole day'],
      ['2026-07-07T00:00:00.000-07:00', 'closed -'],
    ])
  }
  check('America/Phoenix', { weekly: [weekly(['mon'], '09:00', '09:00', 'shift')] }, [
    ['2026-07-06T08:59:59.999-07:00', 'closed -'],
    ['2026-07-06T09:00:00.000-07:00', 'open shift'],
    ['2026-07-07T08:59:59.999-07:00', 'open shift'],
    ['2026-07-07T09:00:00.000-07:00', 'closed -'],
  ])
})

test('an empty schedule is always closed', () => {
  check('Europe/Berlin', {}, [['2026-07-06T12:00:00.000Z', 'closed -']])
  check('Europe/Berlin', { dates: [{ date: '2026-07-07', start: '10:00', end: '12:00', name: 'once' }] }, [
    ['2026-07-06T09:00:00.000Z', 'closed -'],
    ['2026-07-07T09:00:00.000Z', 'open once'],
    ['2026-07-07T10:00:00.000Z', 'closed once'],
    ['2026-07-08T09:00:00.000Z', 'closed -'],
  ])
})

test('of rules that overlap, the first named gives its name', () => {
  check(
    'Asia/Tokyo',
    {
      weekly: [
        weekly(['mon'], '09:00', '17:00', 'office'),
        weekly(['mon'], '08:00', '12:00', 'morning'),
        weekly(['sun'], '23:00', '08:30', 'night'),
      ],
    },
    [
      ['2026-07-06T07:59:00.000+09:00', 'open night'],
      ['2026-07-06T08:00:00.000+09:00', 'open morning'],
      ['2026-07-06T08:15:00.000+09:00', 'open morning'],
      ['2026-07-06T09:00:00.000+09:00', 'open office'],
      ['2026-07-06T17:00:00.000+09:00', 'closed -'],
    ],
  )
})

const OFFICE_AND_NIGHT = [
  weekly(WORKDAYS, '09:00', '17:00', 'office'),
  weekly(['thu', 'fri'], '22:00', '02:00', 'night'),
]

test('a closed date is closed all day, also to the night before', () => {
  // Friday, 2026-12-25.
  check(
    'Europe/Berlin',
    { weekly: OFFICE_AND_NIGHT, dates: [{ date: '2026-12-25', closed: true, name: 'Christmas' }] },
    [
      ['2026-12-24T23:59:59.999+01:00', 'open night'],
      ['2026-12-25T00:00:00.000+01:00', 'closed Christmas'],
      ['2026-12-25T10:00:00.000+01:00', 'closed Christmas'],
      ['2026-12-25T23:00:00.000+01:00', 'closed Christmas'],
      // The night of a closed date never began.
      ['2026-12-26T01:00:00.000+01:00', 'closed -'],
    ],
  )
})

test('a range of dates includes both of its ends', () => {
  check(
    'Europe/Berlin',
    { weekly: OFFICE_AND_NIGHT, dates: [{ from: '2026-12-28', to: '2026-12-30', closed: true, name: 'break' }] },
    [
      ['2026-12-27T23:59:59.999+01:00', 'closed -'],
      ['2026-12-28T00:00:00.000+01:00', 'closed break'],
      ['2026-12-29T12:00:00.000+01:00', 'closed break'],
      ['2026-12-30T23:59:59.999+01:00', 'closed break'],
      ['2026-12-31T09:00:00.000+01:00', 'open office'],
    ],
  )
})

test('a date with its own hours keeps only those, and may run into the next date', () => {
  check(
    'America/New_York',
    { weekly: OFFICE_AND_NIGHT, dates: [{ date: '2026-11-27', start: '18:00', end: '03:00', name: 'Black Friday' }] },
    [
      ['2026-11-27T01:00:00.000-05:00', 'closed Black Friday'],
      ['2026-11-27T10:00:00.000-05:00', 'closed Black Friday'],
      ['2026-11-27T18:00:00.000-05:00', 'open Black Friday'],
      ['2026-11-27T23:00:00.000-05:00', 'open Black Friday'],
      ['2026-11-28T02:59:59.999-05:00', 'open Black Friday'],
      ['2026-11-28T03:00:00.000-05:00', 'closed -'],
    ],
  )
})

test('several rules of one date: the first named wins, and all of their windows open', () => {
  const morning = { date: '2026-12-24', start: '09:00', end: '12:00', name: 'morning' }
  const afternoon = { date: '2026-12-24', start: '11:00', end: '14:00', name: 'afternoon' }
  const closed = { date: '2026-12-24', closed: true, name: 'closed' } as const
  const at = (rules: ScheduleRules['dates']): readonly string[] =>
    told('Europe/Berlin', { weekly: OFFICE_AND_NIGHT, dates: rules }, [
      '2026-12-24T10:00:00.000+01:00',
      '2026-12-24T11:30:00.000+01:00',
      '2026-12-24T13:00:00.000+01:00',
      '2026-12-24T16:00:00.000+01:00',
    ])
  assert.deepEqual(at([morning, afternoon]), ['open morning', 'open morning', 'open afternoon', 'closed morning'])
  assert.deepEqual(at([afternoon, morning]), ['open morning', 'open afternoon', 'open afternoon', 'closed afternoon'])
  assert.deepEqual(at([morning, closed, afternoon]), ['open morning', 'open morning', 'closed closed', 'closed closed'])
  assert.deepEqual(at([closed, morning]), ['closed closed', 'closed closed', 'closed closed', 'closed closed'])
})

test('the night of a date runs into a closed one only if it is named before it', () => {
  const night = { from: '2026-12-23', to: '2026-12-24', start: '22:00', end: '02:00', name: 'shift' }
  const closed = { date: '2026-12-24', closed: true, name: 'closed' } as const
  const at = (dates: ScheduleRules['dates']): readonly string[] =>
    told('Europe/Berlin', { weekly: OFFICE_AND_NIGHT, dates }, [
      '2026-12-24T01:00:00.000+01:00',
      '2026-12-24T23:00:00.000+01:00',
      '2026-12-25T01:00:00.000+01:00',
    ])
  assert.deepEqual(at([night, closed]), ['open shift', 'open shift', 'open shift'])
  // Closed on the 24th, the shift of that night does not take place: neither before midnight nor after it.
  assert.deepEqual(at([closed, night]), ['closed closed', 'closed closed', 'closed -'])
})

test('a date that the zone skipped is never shown, and its night still ends on the next', () => {
  // Samoa went from Thursday 2011-12-29 to Saturday 2011-12-31.
  check(
    'Pacific/Apia',
    { weekly: [weekly(['fri'], '09:00', '17:00', 'gone'), weekly(['sat'], '00:00', '09:00', 'sat')] },
    [
      ['2011-12-30T09:59:59.999Z', 'closed -'],
      ['2011-12-30T10:00:00.000Z', 'open sat'],
      ['2011-12-30T19:00:00.000Z', 'closed -'],
    ],
  )
  check('Pacific/Apia', { weekly: [weekly(['fri'], '22:00', '02:00', 'night')] }, [
    ['2011-12-30T09:59:59.999Z', 'closed -'],
    ['2011-12-30T10:00:00.000Z', 'open night'],
    ['2011-12-30T12:00:00.000Z', 'closed -'],
  ])
})

test('openings are cut at the ends, one a rule, and joined over midnight', () => {
  const rules = {
    weekly: [weekly(['mon', 'tue'], '00:00', '24:00', 'service'), weekly(['wed'], '00:00', '08:00', 'handover')],
    dates: [],
  }
  const of = (from: string, until: string) =>
    openings(compileBetween({ timezone: 'Asia/Tokyo', rules }, Date.parse(from), Date.parse(until))).map(
      ({ opens_ms, closes_ms, rule }) => [new Date(opens_ms).toISOString(), new Date(closes_ms).toISOString(), rule],
    )
  assert.deepEqual(of('2026-07-05T00:00:00Z', '2026-07-12T00:00:00Z'), [
    ['2026-07-05T15:00:00.000Z', '2026-07-07T15:00:00.000Z', 'service'],
    ['2026-07-07T15:00:00.000Z', '2026-07-07T23:00:00.000Z', 'handover'],
  ])
  assert.deepEqual(of('2026-07-06T00:00:00Z', '2026-07-07T00:00:00Z'), [
    ['2026-07-06T00:00:00.000Z', '2026-07-07T00:00:00.000Z', 'service'],
  ])
  assert.deepEqual(of('2026-07-09T00:00:00Z', '2026-07-10T00:00:00Z'), [])
  assert.deepEqual(of('2026-07-06T00:00:00Z', '2026-07-06T00:00:00Z'), [])
})

test('outside what was compiled nothing is said', () => {
  const rules = { weekly: [weekly(WEEKDAYS, '00:00', '24:00', 'always')], dates: [] }
  const compiled = compileBetween({ timezone: 'UTC', rules }, 1_000, 2_000)
  assert.deepEqual(
    [999, 1_000, 1_999, 2_000].map(at => stateAt(compiled, at)?.open ?? null),
    [null, true, true, null],
  )
})
