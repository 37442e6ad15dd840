/** Schedules in the `/core` dialect. */

import { type Static, Type as T } from 'typebox'
import { type Opening, WEEKDAYS } from '#core/schedule.ts'
import type { AfterHoursTarget, Schedule } from '#core/schedule-record.ts'
import { ShareAnswer, toShareAnswer, wantedShares } from '#wire/core-slot.ts'
import { forwardTarget } from '#wire/forward-target.ts'
import { closed, ignored, nullable, time, UUID_PATTERN, uuid, word } from '#wire/schema.ts'
import { spokenMessage } from '#wire/spoken-message.ts'
import { utcOf } from '#wire/timestamp.ts'

const TIMEZONE = 'An IANA time zone; all dates and times are what its clocks show.'
const WEEKLY =
  'Opening hours by weekday. None: closed, but for dates. Where windows overlap, the first one’s name is told.'
const DATES = 'Days with hours of their own, or closed; they beat the weekly hours.'
const AFTER_HOURS = 'Who answers while it is closed; null: the number’s fallback ladder.'
const END = 'To this time, 24:00 included. Not after `start`: it ends on the next day.'

const start = (more: object = {}) =>
  T.String({
    description: 'From this time on.',
    pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$',
    examples: ['09:00'],
    ...more,
  })
const end = (more: object = {}) =>
  T.String({
    description: END,
    pattern: '^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$',
    examples: ['17:30'],
    ...more,
  })
const date = (description: string) =>
  T.String({ description, pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$', examples: ['2026-12-24'] })
const ruleName = () => T.String({ description: 'What the trace of a call says.', minLength: 1, maxLength: 100 })
const days = () =>
  T.Array(word(WEEKDAYS), {
    description: 'The weekdays on which it begins.',
    minItems: 1,
    maxItems: 7,
    uniqueItems: true,
  })

const WeeklyAnswer = closed({ days: days(), start: start(), end: end(), name: ruleName() })
const DateAnswer = closed({
  date: T.Optional(date('One day; or')),
  from: T.Optional(date('the first day')),
  to: T.Optional(date('and the last.')),
  closed: T.Optional(T.Boolean({ description: 'Closed all day.' })),
  start: T.Optional(start()),
  end: T.Optional(end()),
  name: ruleName(),
})
const AfterHoursAnswer = closed({
  agents: T.Optional(T.Array(ShareAnswer)),
  forward: T.Optional(T.String()),
  message: T.Optional(T.String()),
})

export const ScheduleAnswer = closed(
  {
    id: uuid(),
    organization_id: uuid(),
    name: T.String(),
    timezone: T.String({ description: TIMEZONE, examples: ['Europe/Berlin'] }),
    weekly: T.Array(WeeklyAnswer, { description: WEEKLY }),
    dates: T.Array(DateAnswer, { description: DATES }),
    after_hours: T.Union([AfterHoursAnswer, T.Null()], { description: AFTER_HOURS }),
    created_at: time(),
    updated_at: time(),
  },
  { title: 'Schedule', description: 'When a number is open, and who answers when it is not.' },
)

const toAfterHoursAnswer = (target: AfterHoursTarget): Static<typeof AfterHoursAnswer> =>
  'agents' in target ? { agents: target.agents.map(toShareAnswer) } : target

export const toScheduleAnswer = (schedule: Schedule): Static<typeof ScheduleAnswer> => ({
  id: schedule.id,
  organization_id: schedule.organization_id,
  name: schedule.name,
  timezone: schedule.timezone,
  weekly: schedule.weekly.map(rule => ({ ...rule, days: [...rule.days] })),
  dates: schedule.dates.map(rule => ({ ...rule })),
  after_hours: schedule.after_hours === null ? null : toAfterHoursAnswer(schedule.after_hours),
  created_at: schedule.created_at,
  updated_at: schedule.updated_at,
})

const NAME = 'The rule’s name, which the trace of a call says; by default its days and hours.'
const optionalName = () => T.Optional(nullable(ruleName(), { description: NAME }))
const optional = <Schema extends ReturnType<typeof date>>(schema: Schema) => T.Optional(nullable(schema))

const WantedWeekly = closed(
  { days: days(), start: start(), end: end(), name: optionalName() },
  { title: 'WeeklyRule', description: 'A window that opens on each of these days.' },
)

export const WantedDate = closed(
  {
    date: optional(date('One day; or `from` and `to`.')),
    from: optional(date('The first of several days.')),
    to: optional(date('The last of them.')),
    closed: T.Optional(nullable(T.Boolean(), { description: 'Closed all day; or `start` and `end`.' })),
    start: optional(start()),
    end: optional(end()),
    name: optionalName(),
  },
  {
    title: 'DateRule',
    examples: [{ date: '2026-12-25', closed: true, name: 'Christmas' }],
    description: 'Either `date`, or `from` and `to`; either `closed`, or `start` and `end`.',
  },
)

export const WantedAfterHours = closed(
  {
    agents: T.Optional(nullable(wantedShares('Agents with their shares, as in a slot.'))),
    agent_id: T.Optional(
      nullable(T.String({ pattern: UUID_PATTERN }), { description: 'One agent, in its latest published version.' }),
    ),
    forward: T.Optional(nullable(forwardTarget())),
    message: T.Optional(nullable(spokenMessage(), { description: 'What is spoken before the call ends.' })),
  },
  {
    title: 'AfterHours',
    examples: [{ message: 'We are open again tomorrow at nine.' }],
    description: 'Exactly one of the four.',
  },
)

const parts = {
  name: T.String({ description: 'What people call it.', minLength: 1, maxLength: 200, examples: ['Office hours'] }),
  timezone: T.String({ description: TIMEZONE, minLength: 1, maxLength: 64, examples: ['Europe/Berlin'] }),
  weekly: T.Array(WantedWeekly, {
    description: WEEKLY,
    maxItems: 100,
    examples: [[{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], start: '09:00', end: '17:30' }]],
  }),
  dates: T.Array(WantedDate, { description: DATES, maxItems: 1000 }),
} as const

const afterHours = () => T.Optional(T.Union([WantedAfterHours, T.Null()], { description: AFTER_HOURS }))

export const NewSchedule = closed(
  {
    name: parts.name,
    timezone: parts.timezone,
    weekly: T.Optional(nullable(parts.weekly, { default: [] })),
    dates: T.Optional(nullable(parts.dates, { default: [] })),
    after_hours: afterHours(),
  },
  { title: 'NewSchedule' },
)

export const ScheduleEdit = closed(
  {
    name: T.Optional(nullable(parts.name)),
    timezone: T.Optional(nullable(parts.timezone)),
    weekly: T.Optional(nullable(parts.weekly)),
    dates: T.Optional(nullable(parts.dates)),
    after_hours: afterHours(),
    id: ignored(),
    organization_id: ignored(),
    created_at: ignored(),
    updated_at: ignored(),
  },
  {
    title: 'ScheduleEdit',
    description: 'What is given is changed, a list as a whole; null changes nothing, but for `after_hours`.',
  },
)

export const PreviewAnswer = closed(
  {
    timezone: T.String(),
    openings: T.Array(
      closed({
        opens_at: time(),
        closes_at: time(),
        rule: nullable(T.String(), { description: 'The name of the rule that opens it.' }),
      }),
      { description: 'When it is open, in order, cut at both ends of what was asked for.' },
    ),
  },
  { title: 'SchedulePreview' },
)

export const toPreviewAnswer = (timezone: string, openings: readonly Opening[]): Static<typeof PreviewAnswer> => ({
  timezone,
  openings: openings.map(({ opens_ms, closes_ms, rule }) => ({
    opens_at: utcOf(opens_ms),
    closes_at: utcOf(closes_ms),
    rule,
  })),
})
