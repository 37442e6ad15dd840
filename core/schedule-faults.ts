/** What is wrong with a schedule's rules that a JSON schema cannot say, so that it is refused when saved. */
import { parseDate, parseEnd, parseStart } from '#core/local-time.ts'
import { type DateRule, type ScheduleRules, WEEKDAYS, type Weekday } from '#core/schedule.ts'

/** `path` leads from the schedule to the offending value. */
export type ScheduleFault = { readonly path: readonly (string | number)[]; readonly message: string }

type Path = ScheduleFault['path']

const windowFaults = (
  path: Path,
  { start, end }: { readonly start: string; readonly end: string },
): ScheduleFault[] => [
  ...(parseStart(start) === null
    ? [{ path: [...path, 'start'], message: 'must be a time from 00:00 to 23:59, such as 09:00' }]
    : []),
  ...(parseEnd(end) === null
    ? [{ path: [...path, 'end'], message: 'must be a time from 00:00 to 24:00, such as 17:00' }]
    : []),
]

const dayFaults = (path: Path, days: readonly Weekday[]): ScheduleFault[] => {
  if (days.length === 0) return [{ path, message: `must name at least one of ${WEEKDAYS.join(', ')}` }]
  return days.flatMap((day, n) => {
    if (!WEEKDAYS.includes(day)) return [{ path: [...path, n], message: `must be one of ${WEEKDAYS.join(', ')}` }]
    return days.indexOf(day) < n ? [{ path: [...path, n], message: `names ${day} a second time` }] : []
  })
}

const dateFaults = (path: Path, text: string): ScheduleFault[] =>
  parseDate(text) === null ? [{ path, message: 'must be a date that exists, as in 2026-12-24' }] : []

const rangeFaults = (path: Path, rule: DateRule): ScheduleFault[] => {
  if ('date' in rule) return dateFaults([...path, 'date'], rule.date)
  const faults = [...dateFaults([...path, 'from'], rule.from), ...dateFaults([...path, 'to'], rule.to)]
  if (faults.length > 0 || (parseDate(rule.from) ?? 0) <= (parseDate(rule.to) ?? 0)) return faults
  return [{ path: [...path, 'to'], message: 'must not lie before from; both dates are included' }]
}

/** Empty: `compileSchedule` takes them. */
export const scheduleFaults = ({ weekly, dates }: ScheduleRules): readonly ScheduleFault[] => [
  ...weekly.flatMap((rule, n) => [
    ...dayFaults(['weekly', n, 'days'], rule.days),
    ...windowFaults(['weekly', n], rule),
  ]),
  ...dates.flatMap((rule, n) => [
    ...rangeFaults(['dates', n], rule),
    ...('closed' in rule ? [] : windowFaults(['dates', n], rule)),
  ]),
]
