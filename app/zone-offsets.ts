/** When clocks change, from the time zone database that Node carries (`process.versions.tz`). */
import { Temporal } from 'temporal-polyfill'
import type { ZoneOffsets } from '#core/schedule.ts'

const inZone = (timezone: string, at_ms: number): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(at_ms).toZonedDateTimeISO(timezone)

/** Temporal takes offsets and whole date-times for a zone as well. */
const IANA_NAME = /^[A-Za-z][\w+/-]*$/

/**
 * Whether this is the name of an IANA zone, a link or `UTC` included, in whatever case; it is kept as it was written.
 * Not `+02:00`: an offset knows no daylight saving. Not `PST` or `IST`, which mean several zones, though Intl takes them.
 */
export const isTimeZone = (name: string): boolean => {
  if (!IANA_NAME.test(name)) return false
  try {
    inZone(name, 0)
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

/** The offset at which a UTC year begins, and each one that follows within it. */
const offsetsOfYear = (timezone: string, year: number): ZoneOffsets => {
  const until_ms = Date.UTC(year + 1, 0)
  const offsets: { from_ms: number; offset_ms: number }[] = []
  let at: Temporal.ZonedDateTime | null = inZone(timezone, Date.UTC(year, 0))
  while (at && at.epochMilliseconds < until_ms) {
    offsets.push({ from_ms: at.epochMilliseconds, offset_ms: at.offsetNanoseconds / 1e6 })
    at = at.getTimeZoneTransition('next')
  }
  return offsets
}

/** Every zone there is for eight years, in less than 2 MB; a stranger's previews must not grow memory. */
const YEARS_LIMIT = 5_000
const known = new Map<string, ZoneOffsets>()

const cachedOffsetsOfYear = (timezone: string, year: number): ZoneOffsets => {
  const key = `${timezone.toLowerCase()} ${year}`
  const cached = known.get(key)
  if (cached) return cached
  const offsets = offsetsOfYear(timezone, year)
  if (known.size >= YEARS_LIMIT) known.clear()
  known.set(key, offsets)
  return offsets
}

/**
 * The offsets of a zone from `from_ms` until before `until_ms` (milliseconds since the epoch, years 1900 to 9999), and maybe
 * some before and after. About 0.1 ms for a zone and year that nobody asked for yet. Throws RangeError if `isTimeZone` says no.
 */
export const zoneOffsets = (timezone: string, from_ms: number, until_ms: number): ZoneOffsets => {
  const first = new Date(from_ms).getUTCFullYear()
  const last = new Date(Math.max(from_ms, until_ms - 1)).getUTCFullYear()
  const years = Array.from({ length: last - first + 1 }, (_, n) => cachedOffsetsOfYear(timezone, first + n))
  const offsets = years.flat()
  return offsets.filter(({ offset_ms }, n) => n === 0 || offset_ms !== offsets[n - 1]?.offset_ms)
}
