import type { Scenario } from '#tests/harness/http.ts'

const NOWHERE = '0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d'
const LINE = '+15551230020'
const slots = `/core/phone-numbers/${LINE}/slots`
const routing = `/core/phone-numbers/${LINE}/routing`
const written = { audit_log: 1, routing_changes: 1 } as const
const changed = { phone_numbers: 'changed', ...written } as const

/** Whoever cannot answer, by what is wrong with it; `$agent` has two published versions and a draft, `$stub` none. */
const UNANSWERABLE = [
  [{ agent_id: NOWHERE }, 404, 'agent_not_found'],
  [{ agent_id: '$agent', version: 17 }, 404, 'version_not_found'],
  [{ agent_id: '$agent', version: 3 }, 409, 'version_not_published'],
  [{ agent_id: '$stub' }, 409, 'no_published_version'],
] as const

const slotScenarios: readonly Scenario[] = [
  {
    name: 'a number to be routed',
    request: { method: 'POST', path: '/core/phone-numbers', body: { phone_number: LINE } },
    expect: { status: 200 },
    effects: { phone_numbers: 1, ...written },
    keep: { line: 'id' },
  },
  {
    name: 'an empty slot',
    as: 'reader',
    request: { method: 'GET', path: `${slots}/inbound` },
    expect: { status: 200, body: { agents: [] }, headers: { etag: '"$line.1"' } },
    effects: {},
  },
  {
    name: 'a slot with weights',
    request: {
      method: 'PUT',
      path: `${slots}/inbound`,
      body: {
        agents: [
          { agent_id: '$agent', version: 1, weight: 0.33335 },
          { agent_id: '$agent', version: 2, weight: 0.33335, arm: 'new', agent_version_id: 'ignored' },
          { agent_id: '$agent', weight: 0.3333 },
        ],
      },
      headers: { 'if-match': '"$line.1"' },
    },
    expect: {
      status: 200,
      body: {
        agents: [
          { agent_id: '$agent', version: 1, weight: 0.3334, arm: '$agent:1' },
          { version: 2, weight: 0.3333, arm: 'new' },
          { version: null, weight: 0.3333, arm: '$agent:latest' },
        ],
      },
      headers: { etag: '"$line.2"' },
    },
    effects: { ...changed, assignments: 1, slot_entries: 3 },
  },
  {
    name: 'equal shares, and the other direction as it was',
    request: {
      method: 'PUT',
      path: `${slots}/outbound`,
      body: {
        agents: [
          { agent_id: '$agent', version: 1 },
          { agent_id: '$agent', version: 2, weight: null, arm: null },
        ],
      },
    },
    expect: { status: 200, body: { agents: [{ weight: 0.5 }, { weight: 0.5 }] } },
    effects: { ...changed, assignments: 1, slot_entries: 2 },
  },
  {
    name: 'what was read can be sent back, and changes nothing',
    request: {
      method: 'PUT',
      path: `${slots}/outbound`,
      body: {
        agents: [
          { agent_id: '$agent', version: 1, weight: 0.5, arm: '$agent:1', agent_version_id: null },
          { agent_id: '$agent', version: 2, weight: 0.5, arm: '$agent:2', agent_version_id: null },
        ],
      },
    },
    expect: { status: 200, headers: { etag: '"$line.3"' } },
    effects: {},
  },
  {
    name: 'a number shows what its slots hold',
    request: { method: 'GET', path: `/core/phone-numbers/${LINE}` },
    expect: { status: 200, body: { inbound_agents: [{ weight: 0.3334 }, {}, {}], outbound_agents: [{}, {}] } },
    effects: {},
  },
  {
    name: 'a publish that keeps the split: the agent’s entries become one, under the heaviest one’s arm',
    request: {
      method: 'POST',
      path: '/core/agents/$agent/versions/2/publish',
      body: { phone_numbers: [LINE], keep_split: true },
    },
    expect: {
      status: 200,
      body: [{ inbound_agents: [{ version: 2, weight: 1, arm: '$agent:1' }], outbound_agents: [{}, {}] }],
    },
    effects: { ...changed, assignments: 1, slot_entries: 1 },
  },
  {
    name: 'a slot is emptied',
    request: { method: 'PUT', path: `${slots}/outbound`, body: { agents: [] } },
    expect: { status: 200, body: { agents: [] } },
    effects: changed,
  },
  {
    name: 'there is no split to keep in an empty slot',
    request: {
      method: 'POST',
      path: '/core/agents/$agent/versions/2/publish',
      body: { phone_numbers: [LINE], keep_split: true, direction: 'both' },
    },
    expect: { status: 409, code: 'slot_without_agent' },
    effects: {},
  },
  ...UNANSWERABLE.map(
    ([entry, status, code]): Scenario => ({
      name: `a slot with somebody who cannot answer: ${code}`,
      request: {
        method: 'PUT',
        path: `${slots}/inbound`,
        body: { agents: [{ agent_id: '$agent', version: 1 }, entry] },
      },
      expect: { status, code },
      effects: {},
    }),
  ),
  ...(
    [
      ['version', [{ version: 1 }, { version: 1 }], 1],
      [
        'arm',
        [
          { version: 1, arm: 'x' },
          { version: 2, arm: 'x' },
        ],
        1,
      ],
      ['arm', [{ version: 1, arm: '$agent:2' }, { version: 2 }], 1],
      ['arm', [{ version: 1, arm: 'a\r\nb' }], 0],
      ['arm', [{ version: 1, arm: '' }], 0],
      ['weight', [{ version: 1, weight: 0.5 }, { version: 2 }], 1],
      [
        'weight',
        [
          { version: 1, weight: 0 },
          { version: 2, weight: 1 },
        ],
        0,
      ],
      ['weight', [{ version: 1, weight: -0.5 }], 0],
      ['weight', [{ version: 1, weight: 1.5 }], 0],
      ['weight', [{ version: 1, weight: '1' }], 0],
      ['version', [{ version: 0 }], 0],
      ['version', [{ version: 1_000_000_000 }], 0],
      ['wieght', [{ version: 1, wieght: 1 }], 0],
    ] as const
  ).map(
    ([key, entries, index]): Scenario => ({
      name: `a slot is refused: ${JSON.stringify(entries)}`,
      request: {
        method: 'PUT',
        path: `${slots}/inbound`,
        body: { agents: entries.map(entry => ({ agent_id: '$agent', ...entry })) },
      },
      expect: { status: 422, loc: ['body', 'agents', index, key] },
      effects: {},
    }),
  ),
  {
    name: 'weights that do not sum to 1',
    request: {
      method: 'PUT',
      path: `${slots}/inbound`,
      body: { agents: [1, 2].map(version => ({ agent_id: '$agent', version, weight: 0.4 })) },
    },
    expect: { status: 422, loc: ['body', 'agents'] },
    effects: {},
  },
  ...(['GET', 'PUT'] as const).map(
    (method): Scenario => ({
      name: `${method} of a slot of no number`,
      request: {
        method,
        path: '/core/phone-numbers/+15557770000/slots/inbound',
        ...(method === 'PUT' ? { body: { agents: [] } } : {}),
      },
      expect: { status: 404, code: 'number_not_found' },
      effects: {},
    }),
  ),
  {
    name: 'a slot of no direction',
    request: { method: 'GET', path: `${slots}/both` },
    expect: { status: 422, loc: ['path', 'direction'] },
    effects: {},
  },
]

const scheduleScenarios: readonly Scenario[] = [
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
          { opens_at: '2026-12-21T08:00:00.000Z', closes_at: '2026-12-21T16:30:00.000Z', rule: 'mon,tue 09:00-17:30' },
          { opens_at: '2026-12-22T08:00:00.000Z', closes_at: '2026-12-22T16:30:00.000Z' },
          { opens_at: '2026-12-26T21:00:00.000Z', closes_at: '2026-12-27T01:00:00.000Z', rule: 'late' },
          { opens_at: '2026-12-28T09:00:00.000Z', closes_at: '2026-12-28T23:00:00.000Z' },
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

const settingsScenarios: readonly Scenario[] = [
  {
    name: 'a number’s routing, never touched',
    as: 'reader',
    request: { method: 'GET', path: routing },
    expect: {
      status: 200,
      body: {
        stickiness: 'caller',
        time_routing: { enabled: false, schedule_id: null },
        ...{ webhook_url: null, webhook_timeout_ms: null, has_webhook_secret: false },
        ...{ default_agent_id: null, forward: null, message: null },
      },
    },
    effects: {},
  },
  {
    name: 'time routing without a schedule',
    request: { method: 'PATCH', path: routing, body: { time_routing: { enabled: true } } },
    expect: { status: 400, code: 'schedule_missing' },
    effects: {},
  },
  {
    name: 'everything about a number’s routing',
    request: {
      method: 'PATCH',
      path: routing,
      body: {
        stickiness: 'call',
        time_routing: { enabled: true, schedule_id: '$closed' },
        webhook_url: 'https://example.com/inbound',
        webhook_timeout_ms: 250,
        has_webhook_secret: true,
        default_agent_id: '$stub',
        forward: 'sips:desk@[2001:db8::7]:5061;transport=tls',
        message: 'Nobody is here.',
      },
    },
    expect: {
      status: 200,
      body: {
        stickiness: 'call',
        time_routing: { enabled: true, schedule_id: '$closed' },
        webhook_timeout_ms: 250,
        has_webhook_secret: false,
        default_agent_id: '$stub',
      },
    },
    effects: changed,
  },
  {
    name: 'a schedule that is needed stays',
    request: { method: 'DELETE', path: '/core/schedules/$closed' },
    expect: {
      status: 409,
      code: 'schedule_in_use',
      body: { detail: `Phone numbers are routed by this schedule; give them another one first. (${LINE})` },
    },
    effects: {},
  },
  {
    name: 'turned off, the schedule is kept; the rest is as it was',
    request: { method: 'PATCH', path: routing, body: { time_routing: { enabled: false, schedule_id: '$closed' } } },
    expect: {
      status: 200,
      body: {
        time_routing: { enabled: false, schedule_id: '$closed' },
        message: 'Nobody is here.',
        stickiness: 'call',
      },
    },
    effects: changed,
  },
  {
    name: 'a change of nothing about a number’s routing',
    request: { method: 'PATCH', path: routing, body: { message: 'Nobody is here.', time_routing: {} } },
    expect: { status: 200 },
    effects: {},
  },
  {
    name: 'null clears',
    request: {
      method: 'PATCH',
      path: routing,
      body: {
        ...{ stickiness: null, time_routing: null, webhook_url: null, webhook_timeout_ms: null },
        ...{ default_agent_id: null, forward: null, message: null },
      },
    },
    expect: {
      status: 200,
      body: {
        stickiness: 'caller',
        time_routing: { enabled: false, schedule_id: null },
        ...{ webhook_url: null, webhook_timeout_ms: null, default_agent_id: null, forward: null, message: null },
      },
    },
    effects: changed,
  },
  ...['+15557654321', 'sip:example.com', 'sip:+15551234567@10.0.0.1:5060', 'sip:a%20b@example.com;user=phone'].map(
    (forward): Scenario => ({
      name: `calls can be forwarded to ${forward}`,
      request: { method: 'PATCH', path: routing, body: { forward } },
      expect: { status: 200, body: { forward } },
      effects: changed,
    }),
  ),
  ...[
    '15557654321',
    '+15551234',
    'tel:+15557654321',
    'sip:',
    'sip:a@b@c',
    'sip:a:secret@example.com',
    'sip:a@example.com?Replaces=x',
    'sip:a@example.com\r\nX-Evil: 1',
    'sip:a b@example.com',
    'sip:a@example.com:99999',
    'sip:a@300.1.1.1',
    'sip:a@[::1',
    'sip:a@[1.2.3.4]',
    '<sip:a@example.com>',
    `sip:${'a'.repeat(300)}@example.com`,
    '',
  ].map(
    (forward): Scenario => ({
      name: `calls cannot be forwarded to ${JSON.stringify(forward)}`,
      request: { method: 'PATCH', path: routing, body: { forward } },
      expect: { status: 422, loc: ['body', 'forward'] },
      effects: {},
    }),
  ),
  ...(
    [
      ['stickiness', 'always'],
      ['webhook_timeout_ms', 249],
      ['webhook_timeout_ms', 10_001],
      ['webhook_timeout_ms', 1000.5],
      ['message', 'x'.repeat(1001)],
      ['message', 'a\u0000b'],
      ['message', 'a\ud800b'],
      ['default_agent_id', 'agent_1'],
      ['webhook_secret', 'whsec_x'],
    ] as const
  ).map(
    ([key, value]): Scenario => ({
      name: `a number’s routing refuses ${key} ${JSON.stringify(value).slice(0, 40)}`,
      request: { method: 'PATCH', path: routing, body: { [key]: value } },
      expect: { status: 422, loc: ['body', key] },
      effects: {},
    }),
  ),
  ...['http://127.0.0.1/hook', 'https://user@example.com/', 'ftp://example.com/', 'http://2130706433/'].map(
    (webhook_url): Scenario => ({
      name: `no webhook at ${webhook_url}`,
      request: { method: 'PATCH', path: routing, body: { webhook_url } },
      expect: { status: 422, code: 'webhook_url_refused', loc: ['body', 'webhook_url'] },
      effects: {},
    }),
  ),
  {
    name: 'a number’s routing names no agent',
    request: { method: 'PATCH', path: routing, body: { default_agent_id: NOWHERE } },
    expect: { status: 404, code: 'agent_not_found' },
    effects: {},
  },
  {
    name: 'a number’s routing names no schedule',
    request: { method: 'PATCH', path: routing, body: { time_routing: { schedule_id: NOWHERE } } },
    expect: { status: 404, code: 'schedule_not_found' },
    effects: {},
  },
  ...(['GET', 'PATCH'] as const).map(
    (method): Scenario => ({
      name: `${method} of the routing of no number`,
      request: {
        method,
        path: '/core/phone-numbers/+15557770000/routing',
        ...(method === 'PATCH' ? { body: { message: 'x' } } : {}),
      },
      expect: { status: 404, code: 'number_not_found' },
      effects: {},
    }),
  ),
  {
    name: 'a webhook’s secret is shown once',
    request: { method: 'POST', path: `${routing}/webhook-secret` },
    expect: { status: 200 },
    effects: changed,
  },
  {
    name: 'and never again',
    request: { method: 'GET', path: routing },
    expect: { status: 200, body: { has_webhook_secret: true } },
    effects: {},
  },
  {
    name: 'a webhook’s secret for no number',
    request: { method: 'POST', path: '/core/phone-numbers/+15557770000/routing/webhook-secret' },
    expect: { status: 404, code: 'number_not_found' },
    effects: {},
  },
]

const organizationScenarios: readonly Scenario[] = [
  {
    name: 'an organization’s inbound routing, never set',
    as: 'reader',
    request: { method: 'GET', path: '/core/inbound-routing' },
    expect: {
      status: 200,
      body: { enabled: false, webhook_url: null, has_webhook_secret: false, fallback_agent_id: null, updated_at: null },
      headers: { etag: '"$organization.0"' },
    },
    effects: {},
  },
  {
    name: 'an organization’s inbound routing is set',
    request: {
      method: 'PUT',
      path: '/core/inbound-routing',
      body: { enabled: true, webhook_url: 'https://example.com/any', fallback_agent_id: '$agent', updated_at: null },
      headers: { 'if-match': '"$organization.0"' },
    },
    expect: {
      status: 200,
      body: { enabled: true, webhook_url: 'https://example.com/any', fallback_agent_id: '$agent' },
      headers: { etag: '"$organization.1"' },
    },
    effects: { inbound_routing: 1, ...written },
  },
  {
    name: 'an organization’s inbound routing keeps what is not given',
    request: { method: 'PUT', path: '/core/inbound-routing', body: { enabled: false, fallback_agent_id: null } },
    expect: {
      status: 200,
      body: { enabled: false, webhook_url: 'https://example.com/any', fallback_agent_id: null },
    },
    effects: { inbound_routing: 'changed', ...written },
  },
  {
    name: 'an organization’s webhook gets a secret',
    request: { method: 'POST', path: '/core/inbound-routing/webhook-secret' },
    expect: { status: 200 },
    effects: { inbound_routing: 'changed', ...written },
  },
  {
    name: 'which is not shown again',
    request: { method: 'GET', path: '/core/inbound-routing' },
    expect: { status: 200, body: { has_webhook_secret: true } },
    effects: {},
  },
  {
    name: 'an organization’s inbound routing names no agent',
    request: { method: 'PUT', path: '/core/inbound-routing', body: { fallback_agent_id: NOWHERE } },
    expect: { status: 404, code: 'agent_not_found' },
    effects: {},
  },
  {
    name: 'no webhook of an organization at a private address',
    request: { method: 'PUT', path: '/core/inbound-routing', body: { webhook_url: 'https://10.0.0.1/' } },
    expect: { status: 422, code: 'webhook_url_refused' },
    effects: {},
  },
]

/** After all others: `$agent` has two published versions and a draft, `$stub` none. */
export const routingScenarios: readonly Scenario[] = [
  ...slotScenarios,
  ...scheduleScenarios,
  ...settingsScenarios,
  ...organizationScenarios,
  {
    name: 'a number goes, and nothing holds its schedule any more',
    request: { method: 'DELETE', path: `/core/phone-numbers/${LINE}` },
    expect: { status: 204 },
    effects: { phone_numbers: -1, ...written },
  },
  {
    name: 'a schedule is deleted',
    request: { method: 'DELETE', path: '/core/schedules/$closed' },
    expect: { status: 204 },
    effects: { schedules: -1, ...written },
  },
]
