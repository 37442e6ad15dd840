import type { Scenario } from '#tests/harness/http.ts'
import { scheduleScenarios } from '#tests/http/scenarios-schedules.ts'
import { slotScenarios } from '#tests/http/scenarios-slots.ts'

const NOWHERE = '0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d'
const LINE = '+15551230020'
const routing = `/core/phone-numbers/${LINE}/routing`
const written = { audit_log: 1, routing_changes: 1 } as const
const changed = { phone_numbers: 'changed', ...written } as const

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
      ['message', ' \n '],
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
