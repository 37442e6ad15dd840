/** Dates and times as a wall clock shows them, as numbers: days since 1970-01-01 and minutes since midnight. */

export const DAY_MINUTES = 1440

/** `start` of a window: 00:00 to 23:59. */
const START = /^(?:[01]\d|2[0-3]):[0-5]\d$/
/** `end` may be 24:00 besides. */
const END = /^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/

const minuteOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))

/** `HH:MM` in minutes since midnight; null when it is no time at which a window starts. */
export const parseStart = (text: string): number | null => (START.test(text) ? minuteOf(text) : null)

/** `HH:MM` in minutes since midnight, 24:00 included; null when it is no time at which a window ends. */
export const parseEnd = (text: string): number | null => (END.test(text) ? minuteOf(text) : null)

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)

/** Days from 1970-01-01 to the first of March of `year`; years begin in March here, so that a leap day comes last. */
const daysToMarch = (year: number): number =>
  365 * year + Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400) - 719_468

/** `YYYY-MM-DD` in days since 1970-01-01 (Gregorian throughout); null when there is no such date. */
export const parseDate = (text: string): number | null => {
  const [year, month, day] = (DATE.exec(text)?.slice(1) ?? []).map(Number)
  if (year === undefined || month === undefined || day === undefined) return null
  const length = month === 2 && isLeap(year) ? 29 : (MONTH_DAYS[month - 1] ?? 0)
  if (day < 1 || day > length) return null
  const months_since_march = (month + 9) % 12
  return daysToMarch(month > 2 ? year : year - 1) + Math.floor((153 * months_since_march + 2) / 5) + day - 1
}

/** 0 is Monday; 1970-01-01 was a Thursday. */
export const weekdayOf = (day: number): number => (((day + 3) % 7) + 7) % 7
