/** The clock: open, closed, and who answers then. All between 22 November 2026 and January 2027. */
import type { Case, Setup } from '#tests/route/case.ts'

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri'] as const
const OFFICE = [{ days: WEEKDAYS, start: '09:00', end: '17:00', name: 'office' }] as const
const inbound = [{ who: 'anna', version: 1 }] as const
const MONDAY_NOON = '2026-11-23T12:00:00+01:00'
const SUNDAY = '2026-11-29T12:00:00+01:00'

const office = (more: NonNullable<Setup['schedule']> = {}, rest: Setup = {}): Setup => ({
  inbound,
  schedule: { weekly: OFFICE, ...more },
  ...rest,
})

const opens = (name: string, at: string, schedule: NonNullable<Setup['schedule']>): Case => ({
  name,
  setup: office(schedule),
  call: { at },
  expect: { answers: [['anna', 1]], trace: ['clock schedule_open', 'draw alone'] },
})
const closes = (name: string, at: string, schedule: NonNullable<Setup['schedule']>): Case => ({
  name,
  setup: office(schedule),
  call: { at },
  expect: { refuses: 480, trace: ['clock schedule_closed', 'clock after_hours_nobody'] },
})

const calendarCases: readonly Case[] = [
  opens('open', MONDAY_NOON, {}),
  opens('open from the very minute', '2026-11-23T09:00:00+01:00', {}),
  closes('closed a moment before', '2026-11-23T08:59:59.999+01:00', {}),
  closes('closed from the very minute', '2026-11-23T17:00:00+01:00', {}),
  closes('closed on a day without hours', SUNDAY, {}),
  closes('no hours at all', MONDAY_NOON, { weekly: [] }),
  closes('a holiday beats the weekly hours', '2026-12-25T12:00:00+01:00', {
    dates: [{ date: '2026-12-25', closed: true, name: 'Christmas' }],
  }),
  closes('holidays from one date to another', '2026-12-30T12:00:00+01:00', {
    dates: [{ from: '2026-12-24', to: '2027-01-01', closed: true, name: 'between the years' }],
  }),
  opens('a date with hours of its own', SUNDAY, { dates: [{ date: '2026-11-29', start: '10:00', end: '14:00' }] }),
  opens('a window across midnight', '2026-11-24T01:30:00+01:00', {
    weekly: [{ days: ['mon'], start: '22:00', end: '02:00' }],
  }),
  opens('until 24:00', '2026-11-23T23:59:59+01:00', { weekly: [{ days: ['mon'], start: '12:00', end: '24:00' }] }),
  opens('the zone’s own clock', '2026-11-23T21:30:00Z', { timezone: 'America/New_York' }),
  closes('the same instant by another zone’s clock', '2026-11-23T21:30:00Z', { timezone: 'Asia/Tokyo' }),
]

export const clockCases: readonly Case[] = [
  ...calendarCases,
  {
    name: 'time routing is off, the schedule stays',
    setup: office({ off: true }),
    call: { at: SUNDAY },
    expect: { answers: [['anna', 1]], trace: ['draw alone'] },
  },
  {
    name: 'a schedule that cannot be compiled is taken as open',
    setup: office({ zone_is_gone: true }),
    call: { at: SUNDAY },
    expect: { answers: [['anna', 1]], trace: ['clock schedule_unknown', 'draw alone'] },
  },
  {
    name: 'open, and nobody on the slot',
    setup: office({}, { inbound: [] }),
    call: { at: MONDAY_NOON },
    expect: { refuses: 480, trace: ['clock schedule_open', 'slot slot_empty'] },
  },
  {
    name: 'after hours another agent answers',
    setup: office({ after_hours: { agents: [{ who: 'bert' }] } }),
    call: { at: SUNDAY },
    expect: { answers: [['bert', 1]], trace: ['clock schedule_closed', 'clock after_hours_agents', 'draw alone'] },
  },
  {
    name: 'after hours agents share, and a caller keeps hers',
    setup: office({ after_hours: { agents: [{ who: 'bert' }, { who: 'anna', version: 1 }] } }),
    call: { at: SUNDAY, from: '+4930123456', call_id: 'a@clock' },
    alike: [{ at: SUNDAY, from: '+4930123456', call_id: 'b@clock' }],
    expect: {
      answers: [
        ['bert', 1],
        ['anna', 1],
      ],
      trace: ['clock schedule_closed', 'clock after_hours_agents', 'draw drawn'],
    },
  },
  {
    name: 'after hours nobody can, and nobody is left',
    setup: office({ after_hours: { agents: [{ who: 'idle' }] } }),
    call: { at: SUNDAY },
    expect: {
      refuses: 480,
      trace: [
        'clock schedule_closed',
        'clock after_hours_agents',
        'candidate agent_inactive',
        'draw no_entry_available',
      ],
    },
  },
  {
    name: 'after hours nobody can, and the default agent does',
    setup: office({ after_hours: { agents: [{ who: 'idle' }] } }, { default_agent: 'bert' }),
    call: { at: SUNDAY },
    expect: {
      answers: [['bert', 1]],
      trace: [
        'clock schedule_closed',
        'clock after_hours_agents',
        'candidate agent_inactive',
        'draw no_entry_available',
        'fallback default_agent',
      ],
    },
  },
  {
    name: 'after hours calls are forwarded',
    setup: office({ after_hours: { forward: '+15557654321' } }),
    call: { at: SUNDAY },
    expect: { forwards: '+15557654321', trace: ['clock schedule_closed', 'clock after_hours_forward'] },
  },
  {
    name: 'after hours calls cannot be forwarded, and a message is spoken',
    setup: {
      in: 'other',
      inbound: [{ who: 'foreign' }],
      schedule: { weekly: OFFICE, after_hours: { forward: '+15557654321' } },
      message: 'Call again on Monday.',
    },
    call: { at: SUNDAY },
    expect: {
      speaks: 'Call again on Monday.',
      trace: ['clock schedule_closed', 'fallback forward_without_trunk', 'fallback message_spoken'],
    },
  },
  {
    name: 'after hours a message is spoken',
    setup: office({ after_hours: { message: 'We are closed.' } }),
    call: { at: SUNDAY },
    expect: { speaks: 'We are closed.', trace: ['clock schedule_closed', 'clock after_hours_message'] },
  },
  {
    name: 'after hours nobody is named, and the number’s message is spoken',
    setup: office({}, { message: 'We are closed.' }),
    call: { at: SUNDAY },
    expect: {
      speaks: 'We are closed.',
      trace: ['clock schedule_closed', 'clock after_hours_nobody', 'fallback message_spoken'],
    },
  },
  {
    name: 'after hours nobody is named, and the default agent answers',
    setup: office({}, { default_agent: 'bert' }),
    call: { at: SUNDAY },
    expect: {
      answers: [['bert', 1]],
      trace: ['clock schedule_closed', 'clock after_hours_nobody', 'fallback default_agent'],
    },
  },
]
