import assert from 'node:assert/strict'
import { test } from 'node:test'
import { IANAZone } from 'luxon'
import { compileFor, needsCompiling } from '#app/compile-schedule.ts'
import { isTimeZone, zoneOffsets } from '#app/zone-offsets.ts'
import { stateAt, WEEKDAYS } from '#core/schedule.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

test('zones are known by the names that IANA gives them', () => {
  const table: readonly (readonly [string, boolean])[] = [
    ['America/New_York', true],
    ['europe/berlin', true],
    ['Asia/Kolkata', true],
    ['Asia/Calcutta', true],
    ['Europe/Kyiv', true],
    ['US/Eastern', true],
    ['EST5EDT', true],
    ['Etc/GMT+5', true],
    ['UTC', true],
    ['+02:00', false],
    ['-05', false],
    ['\u221205:00', false],
    ['UTC+5', false],
    ['GMT+5', false],
    ['PST', false],
    ['IST', false],
    ['Z', false],
    ['Mars/Olympus', false],
    ['America/New_York ', false],
    ['', false],
    ['2026-01-01T00:00[Europe/Berlin]', false],
    ['2026-01-01T00:00:00Z', false],
    ['2026-01-01T00:00+02:00', false],
    ['T00:00[Europe/Berlin]', false],
    ['[Europe/Berlin]', false],
    ['America/Argentina/Buenos_Aires', true],
    ['America/Port-au-Prince', true],
  ]
  for (const [name, expected] of table) assert.equal(isTimeZone(name), expected, JSON.stringify(name))
  for (const name of Intl.supportedValuesOf('timeZone')) assert.ok(isTimeZone(name), name)
})

test('the changes of a year, to the millisecond', () => {
  const of = (timezone: string, from: string, until: string) =>
    zoneOffsets(timezone, Date.parse(from), Date.parse(until)).map(({ from_ms, offset_ms }) => [
      new Date(from_ms).toISOString(),
      offset_ms / HOUR_MS,
    ])
  assert.deepEqual(of('America/New_York', '2026-06-01T00:00:00Z', '2026-07-01T00:00:00Z'), [
    ['2026-01-01T00:00:00.000Z', -5],
    ['2026-03-08T07:00:00.000Z', -4],
    ['2026-11-01T06:00:00.000Z', -5],
  ])
  assert.deepEqual(of('Australia/Lord_Howe', '2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z'), [
    ['2026-01-01T00:00:00.000Z', 11],
    ['2026-04-04T15:00:00.000Z', 10.5],
    ['2026-10-03T15:30:00.000Z', 11],
  ])
  assert.deepEqual(of('Pacific/Apia', '2011-12-01T00:00:00Z', '2012-01-01T00:00:00Z'), [
    ['2011-01-01T00:00:00.000Z', -10],
    ['2011-04-02T14:00:00.000Z', -11],
    ['2011-09-24T14:00:00.000Z', -10],
    ['2011-12-30T10:00:00.000Z', 14],
  ])
  assert.deepEqual(of('Asia/Tokyo', '2025-06-01T00:00:00Z', '2027-06-01T00:00:00Z'), [['2025-01-01T00:00:00.000Z', 9]])
})

test('every zone has the offsets that luxon reads, before and after each change and on every fifth day', () => {
  const [from, until] = [Date.UTC(2025, 0), Date.UTC(2028, 0)]
  for (const name of Intl.supportedValuesOf('timeZone')) {
    const zone = IANAZone.create(name)
    const offsets = zoneOffsets(name, from, until)
    offsets.forEach(({ from_ms, offset_ms }, n) => {
      const end_ms = offsets[n + 1]?.from_ms ?? until
      for (let at = from_ms; at < end_ms; at += 5 * DAY_MS) assert.equal(zone.offset(at) * 60_000, offset_ms, name)
      assert.equal(zone.offset(end_ms - 1) * 60_000, offset_ms, name)
    })
  }
})

test('an unknown zone is an error, not UTC', () => {
  assert.throws(() => zoneOffsets('Mars/Olympus', 0, 1), RangeError)
})

test('what calls need is compiled for 60 days, and again when fewer than 30 are left', () => {
  const now = Date.parse('2026-11-22T12:00:00Z')
  const rules = { weekly: [{ days: WEEKDAYS, start: '09:00', end: '17:00', name: 'office' }], dates: [] }
  const compiled = compileFor({ rules, timezone: 'Europe/Berlin' }, now)
  assert.deepEqual(compileFor({ rules, timezone: 'Europe/Berlin' }, now), compiled)
  assert.equal(stateAt(compiled, now)?.open, true)
  assert.equal(stateAt(compiled, now - 2 * DAY_MS)?.open, true)
  assert.equal(stateAt(compiled, now + 60 * DAY_MS - 1)?.open, true)
  const table: readonly (readonly [number, boolean])[] = [
    [now - 2 * DAY_MS - 1, true],
    [now - 2 * DAY_MS, false],
    [now + 30 * DAY_MS, false],
    [now + 30 * DAY_MS + 1, true],
    [now + 90 * DAY_MS, true],
  ]
  for (const [at, expected] of table) assert.equal(needsCompiling(compiled, at), expected, new Date(at).toISOString())
})
