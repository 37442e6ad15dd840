/** A schedule as it was sent, in core's terms; what no schema can say about it is said here. */
import type { Static } from 'typebox'
import type { DateRule, ScheduleRules } from '#core/schedule.ts'
import { scheduleFaults } from '#core/schedule-faults.ts'
import type { WantedEntry } from '#core/slot.ts'
import type { NewSchedule, ScheduleEdit, WantedAfterHours, WantedDate } from '#wire/core-schedule.ts'
import { listFaults, toWanted } from '#wire/core-slot.ts'
import type { Fault } from '#wire/faults.ts'
import { forwardFaults } from '#wire/forward-target.ts'

type Sent = Static<typeof NewSchedule> | Static<typeof ScheduleEdit>
type Path = readonly (string | number)[]

const choice = (path: Path, message: string): Fault => ({ path, type: 'choice', message })

/** The days and the hours of a date rule; a sentence where they are given twice, or not at all. */
const dayOf = ({ date, from, to }: Static<typeof WantedDate>) => {
  if (date && !from && !to) return { date }
  return !date && from && to ? { from, to } : 'give either date, or from and to'
}
const hoursOf = ({ closed, start, end }: Static<typeof WantedDate>) => {
  if (closed && !start && !end) return { closed: true } as const
  return !closed && start && end ? { start, end } : 'give either closed: true, or start and end'
}

/** One rule, or its faults. */
const toDateRule = (
  sent: Static<typeof WantedDate>,
  path: Path,
): { readonly faults: readonly Fault[]; readonly rule: readonly DateRule[] } => {
  const [day, hours] = [dayOf(sent), hoursOf(sent)]
  if (typeof day === 'string' || typeof hours === 'string')
    return { faults: [day, hours].flatMap(each => (typeof each === 'string' ? [choice(path, each)] : [])), rule: [] }
  const days = 'date' in day ? day.date : `${day.from} to ${day.to}`
  const name = sent.name ?? ('closed' in hours ? `${days} closed` : `${days} ${hours.start}-${hours.end}`)
  return { faults: [], rule: [{ ...day, ...hours, name }] }
}

type Rules = { readonly faults: readonly Fault[]; readonly rules: Partial<ScheduleRules> }

const weeklyName = ({
  days,
  start,
  end,
}: {
  readonly days: readonly string[]
  readonly start: string
  readonly end: string
}) => `${days} ${start}-${end}`

const toRules = ({ weekly, dates }: Sent): Rules => {
  const by_date = dates?.map((sent, index) => toDateRule(sent, ['dates', index])) ?? []
  const wrong = by_date.flatMap(({ faults }) => faults)
  const rules = {
    ...(weekly ? { weekly: weekly.map(rule => ({ ...rule, name: rule.name ?? weeklyName(rule) })) } : {}),
    ...(dates ? { dates: by_date.flatMap(({ rule }) => rule) } : {}),
  }
  if (wrong.length > 0) return { faults: wrong, rules }
  const faults = scheduleFaults({ weekly: [], dates: [], ...rules })
  return { faults: faults.map(fault => ({ ...fault, type: 'schedule' })), rules }
}

type Target = { readonly agents: readonly WantedEntry[] } | { readonly forward: string } | { readonly message: string }

const toTarget = ({ agents, agent_id, forward, message }: Static<typeof WantedAfterHours>): readonly Target[] => [
  ...(agents ? [{ agents: agents.map(toWanted) }] : []),
  ...(agent_id ? [{ agents: [{ agent_id: agent_id.toLowerCase(), version: null }] }] : []),
  ...(forward ? [{ forward }] : []),
  ...(message ? [{ message }] : []),
]

const PATH = ['after_hours'] as const

const targetFaults = (targets: readonly Target[]): readonly Fault[] => {
  const [target] = targets
  if (target === undefined || targets.length > 1)
    return [choice(PATH, 'give exactly one of agents, agent_id, forward and message, or null')]
  if ('agents' in target && target.agents.length === 0)
    return [choice([...PATH, 'agents'], 'name at least one agent; after_hours: null leaves it to the fallback ladder')]
  if ('agents' in target) return listFaults(target.agents, [...PATH, 'agents'])
  return 'forward' in target ? forwardFaults(target.forward, [...PATH, 'forward']) : []
}

export type ScheduleSent = Partial<ScheduleRules> & {
  readonly name?: string
  readonly timezone?: string
  readonly after_hours?: Target | null
}

/** What was given, and everything that is wrong with it. */
export const toScheduleSent = (sent: Sent): { readonly faults: readonly Fault[]; readonly sent: ScheduleSent } => {
  const { faults, rules } = toRules(sent)
  const targets = sent.after_hours ? toTarget(sent.after_hours) : null
  return {
    faults: [...faults, ...(targets === null ? [] : targetFaults(targets))],
    sent: {
      ...rules,
      ...(sent.name ? { name: sent.name } : {}),
      ...(sent.timezone ? { timezone: sent.timezone } : {}),
      ...(sent.after_hours === undefined ? {} : { after_hours: targets?.[0] ?? null }),
    },
  }
}
