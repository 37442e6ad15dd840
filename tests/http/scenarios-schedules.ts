import type { Scenario } from '#tests/harness/http.ts'
import { UNANSWERABLE } from '#tests/http/scenarios-slots.ts'

const NOWHERE = '0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d'
const written = { audit_log: 1, routing_changes: 1 } as const

/** After those of slots. `$schedule` stays. */
export const scheduleScenarios: readonly Scenario[] = [
  {
    name: 'a schedule',
    request: {
      method: 'POST',
      path: '/core/schedules',
      body: {
        name: 'Office',
        timezone: 'Europe/Berlin',
        weekly: [
          { days: ['mon', 'tue'], start: '09:00', end: '17:30' },
          { days: ['sat'], start: '22:00', end: '02:00', name: 'late' },
        ],
        dates: [
          { date: '2026-12-25', closed: true, name: 'Christmas' },
          { from: '2026-12-28', to: '2026-12-30', closed: null, start: '10:00', end: '24:00' },
        ],
        after_hours: { agent_id: '$agent' },
      },
    },
    expect: {
      status: 200,
      body: {
        weekly: [{ name: 'mon,tue 09:00-17:30' }, { name: 'late' }],
        dates: [
          { date: '2026-12-25', closed: true, name: 'Christmas' },
          { from: '2026-12-28', start: '10:00', end: '24:00', name: '2026-12-28 to 2026-12-30 10:00-24:00' },
        ],
        after_hours: { agents: [{ agent_id: '$agent', version: null, weight: 1, arm: '$agent:latest' }] },
      },
    },
    effects: { schedules: 1, ...written },
    keep: { schedule: 'id', schedule_made: 'header:etag' },
  },
  {
    name: 'a schedule with nothing in it is always closed',
    request: { method: 'POST', path: '/core/schedules', body: { name: 'Closed', timezone: 'UTC', weekly: null } },
    expect: { status: 200, body: { weekly: [], dates: [], after_hours: null } },
    effects: { schedules: 1, ...written },
    keep: { closed: 'id' },
  },
  {
    name: 'all schedules, newest first',
    as: 'reader',
    request: { method: 'GET', path: '/core/schedules' },
    expect: { status: 200, body: [{ id: '$closed' }, { id: '$schedule' }] },
    effects: {},
  },
  {
    name: 'a schedule is read',
    as: 'reader',
    request: { method: 'GET', path: '/core/schedules/$schedule' },
    expect: { status: 200, body: { timezone: 'Europe/Berlin' }, headers: { etag: '$schedule_made' } },
    effects: {},
  },
  {
    name: 'when a schedule is open',
    as: 'reader',
    request: {
      method: 'GET',
      path: '/core/schedules/$schedule/preview?from=2026-12-21T00:00:00+01:00&to=2026-12-29T00:00:00Z',
    },
    expect: {
      status: 200,
      body: {
        timezone: 'Europe/Berlin',
        openings: [
          {
            opens_at: '2026-12-21T08:00:00.000000Z',
            closes_at: '2026-12-21T16:30:00.000000Z',
            rule: 'mon,tue 09:00-17:30',
          },
          { opens_at: '2026-12-22T08:00:00.000000Z', closes_at: '2026-12-22T16:30:00.000000Z' },
          { opens_at: '2026-12-26T21:00:00.000000Z', closes_at: '2026-12-27T01:00:00.000000Z', rule: 'late' },
          { opens_at: '2026-12-28T09:00:00.000000Z', closes_at: '2026-12-28T23:00:00.000000Z' },
        ],
      },
    },
    effects: {},
  },
  ...[
    'from=2026-12-22T00:00:00Z&to=2026-12-21T00:00:00Z',
    'from=2026-12-21T00:00:00Z&to=2026-12-21T00:00:00Z',
    'from=2026-01-01T00:00:00Z&to=2027-01-02T00:00:01Z',
    'from=0001-01-01T00:00:00Z&to=0001-01-02T00:00:00Z',
  ].map(
    (query): Scenario => ({
      name: `no preview for ${query}`,
      request: { method: 'GET', path: `/core/schedules/$schedule/preview?${query}` },
      expect: { status: 422, code: 'preview_range_invalid' },
      effects: {},
    }),
  ),
  {
    name: 'a preview says from when',
    request: { method: 'GET', path: '/core/schedules/$schedule/preview?to=2026-12-21T00:00:00Z' },
    expect: { status: 422, loc: ['query', 'from'] },
    effects: {},
  },
  {
    name: 'a schedule takes what is given and keeps the rest; what was read can be sent back',
    request: {
      method: 'PUT',
      path: '/core/schedules/$schedule',
      body: {
        ...{ id: 'x', organization_id: 5, created_at: 'x', updated_at: 'x', name: null },
        timezone: 'America/New_York',
        dates: [],
        after_hours: { agents: [{ agent_id: '$agent', version: 2, weight: 1, arm: 'evening' }] },
      },
      headers: { 'if-match': '$schedule_made' },
    },
    expect: {
      status: 200,
      body: {
        name: 'Office',
        timezone: 'America/New_York',
        weekly: [{}, {}],
        dates: [],
        after_hours: { agents: [{ version: 2, arm: 'evening' }] },
      },
    },
    effects: { schedules: 'changed', ...written },
  },
  {
    name: 'a change of nothing',
    request: { method: 'PUT', path: '/core/schedules/$schedule', body: { weekly: null } },
    expect: { status: 200, body: { weekly: [{}, {}] } },
    effects: {},
  },
  ...([{ message: 'We are closed.' }, { forward: 'sip:night@example.com' }, null] as const).map(
    (after_hours): Scenario => ({
      name: `after hours: ${JSON.stringify(after_hours)}`,
      request: { method: 'PUT', path: '/core/schedules/$schedule', body: { after_hours } },
      expect: { status: 200, body: { after_hours } },
      effects: { schedules: 'changed', ...written },
    }),
  ),
  ...(['POST', 'PUT'] as const).flatMap(method => {
    const request = (body: object): Scenario['request'] => ({
      method,
      path: method === 'POST' ? '/core/schedules' : '/core/schedules/$schedule',
      body: { ...(method === 'POST' ? { name: 'x', timezone: 'UTC' } : {}), ...body },
    })
    return [
      ...['+02:00', 'Mars/Olympus', 'PST'].map(
        (timezone): Scenario => ({
          name: `${method}: ${timezone} is no time zone`,
          request: request({ timezone }),
          expect: { status: 422, code: 'time_zone_unknown', loc: ['body', 'timezone'] },
          effects: {},
        }),
      ),
      ...UNANSWERABLE.map(
        ([entry, status, code]): Scenario => ({
          name: `${method}: after hours somebody who cannot answer: ${code}`,
          request: request({ after_hours: { agents: [entry] } }),
          expect: { status, code },
          effects: {},
        }),
      ),
      ...(
        [
          [{ weekly: [{ days: [], start: '09:00', end: '17:00' }] }, ['weekly', 0, 'days']],
          [{ weekly: [{ days: ['monday'], start: '09:00', end: '17:00' }] }, ['weekly', 0, 'days', 0]],
          [{ weekly: [{ days: ['mon'], start: '24:00', end: '17:00' }] }, ['weekly', 0, 'start']],
          [{ weekly: [{ days: ['mon'], start: '9:00', end: '17:00' }] }, ['weekly', 0, 'start']],
          [{ weekly: [{ days: ['mon'], start: '09:00', end: '24:01' }] }, ['weekly', 0, 'end']],
          [{ dates: [{ date: '2026-02-30', closed: true }] }, ['dates', 0, 'date']],
          [{ dates: [{ from: '2026-12-24', to: '2026-12-23', closed: true }] }, ['dates', 0, 'to']],
          [{ dates: [{ date: '2026-12-24' }] }, ['dates', 0]],
          [{ dates: [{ date: '2026-12-24', to: '2026-12-25', closed: true }] }, ['dates', 0]],
          [{ dates: [{ date: '2026-12-24', closed: true, start: '09:00', end: '10:00' }] }, ['dates', 0]],
          [{ dates: [{ closed: true }] }, ['dates', 0]],
          [{ after_hours: {} }, ['after_hours']],
          [{ after_hours: { agent_id: NOWHERE, message: 'x' } }, ['after_hours']],
          [{ after_hours: { agents: [] } }, ['after_hours', 'agents']],
          [
            { after_hours: { agents: [{ agent_id: NOWHERE }, { agent_id: NOWHERE }] } },
            ['after_hours', 'agents', 1, 'version'],
          ],
          [{ after_hours: { forward: 'tel:+15551234567' } }, ['after_hours', 'forward']],
          [{ after_hours: { message: 'a\u0000b' } }, ['after_hours', 'message']],
          [{ after_hours: { message: '  ' } }, ['after_hours', 'message']],
        ] as const
      ).map(
        ([body, loc]): Scenario => ({
          name: `${method}: a schedule is refused: ${JSON.stringify(body)}`,
          request: request(body),
          expect: { status: 422, loc: ['body', ...loc] },
          effects: {},
        }),
      ),
    ]
  }),
  ...(['GET', 'PUT', 'DELETE'] as const).map(
    (method): Scenario => ({
      name: `${method} of no schedule`,
      request: { method, path: `/core/schedules/${NOWHERE}`, ...(method === 'PUT' ? { body: {} } : {}) },
      expect: { status: 404, code: 'schedule_not_found' },
      effects: {},
    }),
  ),
  {
    name: 'a preview of no schedule',
    request: {
      method: 'GET',
      path: `/core/schedules/${NOWHERE}/preview?from=2026-12-21T00:00:00Z&to=2026-12-22T00:00:00Z`,
    },
    expect: { status: 404, code: 'schedule_not_found' },
    effects: {},
  },
]
