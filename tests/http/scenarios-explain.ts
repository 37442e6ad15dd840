import type { Scenario } from '#tests/harness/http.ts'

const NOWHERE = '0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d'
const LINE = '+15551230040'
const route = `/core/phone-numbers/${LINE}/route`
const simulate = `/core/phone-numbers/${LINE}/simulate`
const written = { audit_log: 1, routing_changes: 1 } as const
const WEEK = { from: '2026-11-23T00:00:00Z', to: '2026-11-30T00:00:00Z' } as const
const OFFICE = {
  name: 'Office',
  timezone: 'Europe/Berlin',
  weekly: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], start: '09:00', end: '17:00' }],
} as const

/** What could not be saved cannot be shown either. `$agent` has two published versions and a draft, `$stub` none. */
const UNSAVABLE = [
  [{ inbound_agents: [{ agent_id: NOWHERE }] }, 404, 'agent_not_found'],
  [{ routing: { default_agent_id: NOWHERE } }, 404, 'agent_not_found'],
  [{ inbound_agents: [{ agent_id: '$agent', version: 17 }] }, 404, 'version_not_found'],
  [{ outbound_agents: [{ agent_id: '$agent', version: 3 }] }, 409, 'version_not_published'],
  [{ schedule: { ...OFFICE, after_hours: { agent_id: '$stub' } } }, 409, 'no_published_version'],
  [{ routing: { time_routing: { enabled: true, schedule_id: NOWHERE } } }, 404, 'schedule_not_found'],
  [{ routing: { time_routing: { enabled: true } } }, 400, 'schedule_missing'],
  [{ schedule: { ...OFFICE, timezone: 'Europe/Bielefeld' } }, 422, 'time_zone_unknown'],
  [{ routing: { webhook_url: 'http://127.0.0.1/' } }, 422, 'webhook_url_refused'],
] as const

/** What no schema says, by where it is. */
const FAULTY = [
  [{ inbound_agents: [{ agent_id: '$agent', weight: 0.5 }] }, ['body', 'proposed', 'inbound_agents']],
  [{ schedule: { ...OFFICE, dates: [{ closed: true }] } }, ['body', 'proposed', 'schedule', 'dates', 0]],
  [{ routing: { forward: 'sip:x@999.1.1.1' } }, ['body', 'proposed', 'routing', 'forward']],
] as const

const operations = [
  [route, {}],
  [simulate, { callers: 10, ...WEEK }],
] as const

const refusalScenarios = operations.flatMap(([path, body]): readonly Scenario[] => [
  ...UNSAVABLE.map(
    ([proposed, status, code]): Scenario => ({
      name: `${path} with what cannot be saved: ${JSON.stringify(proposed).slice(0, 60)}`,
      as: 'reader',
      request: { method: 'POST', path, body: { ...body, proposed } },
      expect: { status, code },
      effects: {},
    }),
  ),
  ...FAULTY.map(
    ([proposed, loc]): Scenario => ({
      name: `${path} with a fault at ${loc.join('/')}`,
      as: 'reader',
      request: { method: 'POST', path, body: { ...body, proposed } },
      expect: { status: 422, code: 'invalid_request', loc },
      effects: {},
    }),
  ),
  {
    name: `${path} of no number`,
    request: { method: 'POST', path: path.replace(LINE, '+15551239999'), body },
    expect: { status: 404, code: 'number_not_found' },
    effects: {},
  },
  {
    name: `${path} of another organization’s number`,
    as: 'other',
    request: { method: 'POST', path, body },
    expect: { status: 404, code: 'number_not_found' },
    effects: {},
  },
])

const shownScenarios: readonly Scenario[] = [
  {
    name: 'who would answer a number whose slot is empty',
    as: 'reader',
    request: { method: 'POST', path: route },
    expect: {
      status: 200,
      body: {
        outcome: { kind: 'refuse', sip_status: 480, reason: 'slot_empty', agent_id: null },
        routing: { number: LINE, direction: 'inbound', rule: 'number', weights: [], request_uri: null },
        variables: {},
      },
    },
    effects: {},
  },
  {
    name: 'who would answer by a slot that is proposed, in versions that count from 1',
    as: 'reader',
    request: {
      method: 'POST',
      path: route,
      body: {
        caller: '004930123456',
        at: '2026-12-24T10:30:00+01:00',
        sip_headers: { 'X-Customer-Id': '7' },
        proposed: { inbound_agents: [{ agent_id: '$agent', version: 1, arm: 'control' }] },
      },
    },
    expect: {
      status: 200,
      body: {
        at: '2026-12-24T09:30:00.000000Z',
        outcome: { kind: 'answer', agent_id: '$agent', version: 1, arm: 'control', sip_status: null },
        routing: { weights: [{ agent_id: '$agent', version: 1, arm: 'control', weight: 1 }] },
        variables: { x_customer_id: '7' },
      },
    },
    effects: {},
  },
  {
    name: 'a proposed schedule is shown at its time, and what comes after hours',
    request: {
      method: 'POST',
      path: route,
      body: { at: '2026-11-29T12:00:00Z', proposed: { schedule: { ...OFFICE, after_hours: { message: 'Monday!' } } } },
    },
    expect: { status: 200, body: { outcome: { kind: 'message', text: 'Monday!' }, routing: { open: false } } },
    effects: {},
  },
  {
    name: 'the webhook is asked by those only who may change the number',
    as: 'reader',
    request: { method: 'POST', path: route, body: { webhook: true } },
    expect: { status: 403, code: 'scope_missing' },
    effects: {},
  },
  {
    name: 'a webhook that is proposed and asked, and does not answer',
    request: {
      method: 'POST',
      path: route,
      body: {
        webhook: true,
        proposed: { routing: { webhook_url: 'https://example.com/in' }, inbound_agents: [{ agent_id: '$agent' }] },
      },
    },
    expect: {
      status: 200,
      body: {
        outcome: { kind: 'answer', version: 2 },
        routing: { webhook: { result: 'failed', failure: 'webhook_unreachable' } },
      },
    },
    effects: {},
  },
  ...['1899-12-31T00:00:00Z', '9999-06-01T00:00:00Z'].map(
    (at): Scenario => ({
      name: `a call at ${at}, for which no schedule can be compiled`,
      request: { method: 'POST', path: route, body: { at } },
      expect: { status: 422, code: 'invalid_request', loc: ['body', 'at'] },
      effects: {},
    }),
  ),
]

const simulatedScenarios: readonly Scenario[] = [
  {
    name: 'a thousand callers of an empty slot',
    as: 'reader',
    request: { method: 'POST', path: simulate, body: { callers: 1000, ...WEEK } },
    expect: {
      status: 200,
      body: { callers: 1000, arms: [], nobody: 1000, open_seconds: 604_800, closed_seconds: 0, moved: { callers: 0 } },
    },
    effects: {},
  },
  {
    name: 'three callers of what is proposed, against today',
    as: 'reader',
    request: {
      method: 'POST',
      path: simulate,
      body: {
        callers: ['+15550000001', '00 1 555 000 0002', 'anonymous'],
        ...WEEK,
        proposed: { inbound_agents: [{ agent_id: '$agent', version: 2 }], schedule: OFFICE },
      },
    },
    expect: {
      status: 200,
      body: {
        callers: 3,
        at: '2026-11-23T08:00:00.000000Z',
        arms: [{ agent_id: '$agent', version: 2, weight: 1, callers: 3, share: 1 }],
        nobody: 0,
        open_seconds: 144_000,
        closed_seconds: 460_800,
        openings: [
          { opens_at: '2026-11-23T08:00:00.000000Z', closes_at: '2026-11-23T16:00:00.000000Z' },
          {},
          {},
          {},
          {},
        ],
        moved: { callers: 3, from_to: [{ from: { kind: 'nobody' }, to: { kind: 'answer', version: 2 }, callers: 3 }] },
      },
    },
    effects: {},
  },
  ...[
    ['2026-11-23T00:00:00Z', 'to'],
    ['2027-11-25T00:00:00Z', 'to'],
  ].map(
    ([to, where = '']): Scenario => ({
      name: `a simulation until ${to}`,
      request: { method: 'POST', path: simulate, body: { callers: 1, ...WEEK, to } },
      expect: { status: 422, code: 'invalid_request', loc: ['body', where] },
      effects: {},
    }),
  ),
  ...[0, 100_001, 1.5, []].map(
    (callers): Scenario => ({
      name: `a simulation of ${JSON.stringify(callers)} callers`,
      request: { method: 'POST', path: simulate, body: { callers, ...WEEK } },
      expect: { status: 422, code: 'invalid_request', loc: ['body', 'callers'] },
      effects: {},
    }),
  ),
]

/** After the scenarios of routing. */
export const explainScenarios: readonly Scenario[] = [
  {
    name: 'a number to be asked about',
    request: { method: 'POST', path: '/core/phone-numbers', body: { phone_number: LINE } },
    expect: { status: 200 },
    effects: { phone_numbers: 1, ...written },
  },
  ...refusalScenarios,
  ...shownScenarios,
  ...simulatedScenarios,
  {
    name: 'a number that was asked about is as it was',
    request: { method: 'DELETE', path: `/core/phone-numbers/${LINE}`, headers: {} },
    expect: { status: 204 },
    effects: { phone_numbers: -1, ...written },
  },
]
