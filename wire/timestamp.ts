/** Times as callers write them (RFC 3339) and as records hold them: UTC, microseconds, `Z`. */

const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/

const daysIn = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate()

/**
 * The same instant as `2026-01-31T12:00:00.000000Z`; null when it is no RFC 3339 time of the years 1 to 9999.
 * Digits below a microsecond are cut. Leap seconds (`:60`) are not taken: neither JavaScript nor PostgreSQL keeps them.
 */
export const toUtc = (text: string): string | null => {
  const match = RFC3339.exec(text)
  if (match === null) return null
  const [, year, month, day, hour, minute, second, fraction = '', offset = 'Z'] = match
  if (Number(month) < 1 || Number(month) > 12 || Number(day) < 1 || Number(day) > daysIn(Number(year), Number(month)))
    return null
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null
  if (offset.length > 1 && (Number(offset.slice(1, 3)) > 23 || Number(offset.slice(4)) > 59)) return null
  const instant = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${offset.toUpperCase()}`)
  const utc = Number.isNaN(instant.getTime()) ? '' : instant.toISOString()
  if (!/^\d{4}-/.test(utc) || utc.startsWith('0000')) return null
  return `${utc.slice(0, 19)}.${fraction.slice(1, 7).padEnd(6, '0')}Z`
}

/** Milliseconds since the epoch as records hold times; for the years 0 to 9999. */
export const utcOf = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z')
