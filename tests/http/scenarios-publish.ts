import type { Scenario } from '#tests/harness/http.ts'

const NOWHERE = '0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d'
const versions = '/core/agents/$agent/versions'
const sip = '/core/agents/$agent/deploy-as-sip'
const ONE = '+15551230001'
const TWO = '+15551230002'

/** After the scenarios of agents: `$agent` has three drafts, `$stub` none. */
export const publishScenarios: readonly Scenario[] = [
  {
    name: 'an agent with nothing published has no SIP address',
    request: { method: 'POST', path: sip },
    expect: { status: 409, code: 'no_published_version' },
    effects: {},
  },
  {
    name: 'a number is registered on the default trunk',
    request: { method: 'POST', path: '/core/phone-numbers', body: { phone_number: ONE } },
    expect: {
      status: 200,
      body: {
        phone_number: ONE,
        base_number: ONE,
        inbound_agent_version_id: null,
        inbound_agents: [],
        outbound_shareable: false,
      },
    },
    effects: { phone_numbers: 1, audit_log: 1, routing_changes: 1 },
    keep: { trunk: 'trunk_id' },
  },
  {
    name: 'a number is registered on a trunk',
    request: { method: 'POST', path: '/core/phone-numbers', body: { phone_number: TWO, trunk_id: '$trunk' } },
    expect: { status: 200, body: { trunk_id: '$trunk' } },
    effects: { phone_numbers: 1, audit_log: 1, routing_changes: 1 },
  },
  {
    name: 'a number is registered once',
    request: { method: 'POST', path: '/core/phone-numbers', body: { phone_number: ONE } },
    expect: { status: 409, code: 'number_exists' },
    effects: {},
  },
  {
    name: 'a number is registered once in all organizations',
    as: 'other',
    request: { method: 'POST', path: '/core/phone-numbers', body: { phone_number: ONE } },
    expect: { status: 409, code: 'number_exists' },
    effects: {},
  },
  {
    name: 'a number on a trunk that is not there',
    request: { method: 'POST', path: '/core/phone-numbers', body: { phone_number: '+15551239999', trunk_id: NOWHERE } },
    expect: { status: 404, code: 'trunk_not_found' },
    effects: {},
  },
  {
    name: 'a number of a length that its country does not have',
    request: { method: 'POST', path: '/core/phone-numbers', body: { phone_number: '+15551234' } },
    expect: { status: 422, code: 'number_malformed', loc: ['body', 'phone_number'] },
    effects: {},
  },
  ...['15551230001', '+1 555 123 0001', '+0155512300', '+1555123000a', ''].map(
    (phone_number): Scenario => ({
      name: `“${phone_number}” is no number`,
      request: { method: 'POST', path: '/core/phone-numbers', body: { phone_number } },
      expect: { status: 422, loc: ['body', 'phone_number'] },
      effects: {},
    }),
  ),
  {
    name: 'a publish that names one unknown number changes nothing',
    request: { method: 'POST', path: `${versions}/1/publish`, body: { phone_numbers: [ONE, '+15557770000', TWO] } },
    expect: { status: 404, code: 'number_not_found' },
    effects: {},
  },
  {
    name: 'a publish that names a malformed number changes nothing',
    request: { method: 'POST', path: `${versions}/1/publish`, body: { phone_numbers: [ONE, '555-1'] } },
    expect: { status: 422, loc: ['body', 'phone_numbers', 1] },
    effects: {},
  },
  {
    name: 'a number cannot be put on and taken off at once',
    request: {
      method: 'POST',
      path: `${versions}/1/publish`,
      body: { phone_numbers: [ONE], unassign_phone_numbers: [ONE] },
    },
    expect: { status: 422, code: 'number_in_both_lists' },
    effects: {},
  },
  {
    name: 'a publish into no direction',
    request: { method: 'POST', path: `${versions}/1/publish`, body: { direction: 'up' } },
    expect: { status: 422, loc: ['body', 'direction'] },
    effects: {},
  },
  {
    name: 'a publish onto numbers',
    request: { method: 'POST', path: `${versions}/1/publish`, body: { phone_numbers: [TWO, ONE, TWO] } },
    expect: {
      status: 200,
      body: [
        { phone_number: TWO, inbound_agents: [{ agent_id: '$agent', version: 1, weight: 1 }], outbound_agents: [] },
        { phone_number: ONE },
      ],
    },
    effects: {
      agent_versions: 'changed',
      phone_numbers: 'changed',
      assignments: 1,
      slot_entries: 1,
      audit_log: 1,
      routing_changes: 1,
    },
  },
  {
    name: 'a publish without a body',
    request: { method: 'POST', path: `${versions}/2/publish` },
    expect: { status: 200, body: [] },
    effects: { agent_versions: 'changed', audit_log: 1, routing_changes: 1 },
  },
  {
    name: 'an empty body with a JSON content type is no body',
    request: {
      method: 'POST',
      path: `${versions}/2/publish`,
      raw: '',
      headers: { 'content-type': 'application/json' },
    },
    expect: { status: 200, body: [] },
    effects: { audit_log: 1, routing_changes: 1 },
  },
  {
    name: 'a number is taken off in one direction',
    request: {
      method: 'POST',
      path: `${versions}/2/publish`,
      body: { unassign_phone_numbers: [TWO], phone_numbers: null, direction: 'both' },
    },
    expect: { status: 200, body: [{ phone_number: TWO, inbound_agents: [], inbound_agent_version_id: null }] },
    effects: { phone_numbers: 'changed', audit_log: 1, routing_changes: 1 },
  },
  {
    name: 'a publish of a version that is not there',
    request: { method: 'POST', path: `${versions}/17/publish` },
    expect: { status: 404, code: 'version_not_found' },
    effects: {},
  },
  {
    name: 'a stub has no latest version to publish',
    request: { method: 'POST', path: '/core/agents/$stub/versions/latest/publish' },
    expect: { status: 404, code: 'version_not_found' },
    effects: {},
  },
  {
    name: 'a publish of no agent',
    request: { method: 'POST', path: `/core/agents/${NOWHERE}/versions/1/publish` },
    expect: { status: 404, code: 'agent_not_found' },
    effects: {},
  },
  {
    name: 'a published version cannot be changed',
    request: { method: 'PUT', path: `${versions}/1`, body: { config: {} } },
    expect: { status: 400, code: 'version_published' },
    effects: {},
  },
  {
    name: 'an agent as a SIP endpoint',
    request: { method: 'POST', path: sip },
    expect: {
      status: 200,
      body: { uri: 'sip:$agent@sip.example.test:5060', transports: ['udp', 'tcp'], version: null },
    },
    effects: { sip_endpoints: 1, audit_log: 1, routing_changes: 1 },
  },
  {
    name: 'a SIP endpoint pinned to a version',
    request: { method: 'POST', path: sip, body: { version: 1 } },
    expect: { status: 200, body: { version: 1 } },
    effects: { sip_endpoints: 'changed', audit_log: 1, routing_changes: 1 },
  },
  {
    name: 'a SIP endpoint pinned to a draft',
    request: { method: 'POST', path: sip, body: { version: 3 } },
    expect: { status: 409, code: 'version_not_published' },
    effects: {},
  },
  {
    name: 'a SIP endpoint pinned to nothing',
    request: { method: 'POST', path: sip, body: { version: 17 } },
    expect: { status: 404, code: 'version_not_found' },
    effects: {},
  },
  {
    name: 'no agent as a SIP endpoint',
    request: { method: 'POST', path: `/core/agents/${NOWHERE}/deploy-as-sip` },
    expect: { status: 404, code: 'agent_not_found' },
    effects: {},
  },
  {
    name: 'an agent with its number and its SIP address',
    request: { method: 'GET', path: '/core/agents/$agent' },
    expect: {
      status: 200,
      body: {
        phone_numbers: [{ phone_number: ONE }],
        sip_endpoint: { uri: 'sip:$agent@sip.example.test:5060', version: 1 },
      },
    },
    effects: {},
  },
  {
    name: 'a SIP endpoint is removed',
    request: { method: 'DELETE', path: sip },
    expect: { status: 204 },
    effects: { sip_endpoints: -1, audit_log: 1, routing_changes: 1 },
  },
  {
    name: 'a SIP endpoint that is not there is removed with the same answer',
    request: { method: 'DELETE', path: sip, headers: { 'content-type': 'application/json' } },
    expect: { status: 204 },
    effects: {},
  },
  {
    name: 'no agent’s SIP endpoint',
    request: { method: 'DELETE', path: `/core/agents/${NOWHERE}/deploy-as-sip` },
    expect: { status: 404, code: 'agent_not_found' },
    effects: {},
  },
  ...[ONE, '%2B15551230001', '%2b15551230001'].map(
    (number): Scenario => ({
      name: `a number, written ${number}`,
      as: 'reader',
      request: { method: 'GET', path: `/core/phone-numbers/${number}` },
      expect: { status: 200, body: { phone_number: ONE } },
      effects: {},
    }),
  ),
  {
    name: 'a number that is not there',
    request: { method: 'GET', path: '/core/phone-numbers/+15557770000' },
    expect: { status: 404, code: 'number_not_found' },
    effects: {},
  },
  {
    name: 'all numbers, newest first',
    as: 'reader',
    request: { method: 'GET', path: '/core/phone-numbers' },
    expect: { status: 200, body: [{ phone_number: TWO }, { phone_number: ONE }], headers: {} },
    effects: {},
  },
  ...[`phone_number=${ONE}`, 'phone_number=%2B15551230001', 'phone_number=0001&trunk_id=$trunk'].map(
    (query): Scenario => ({
      name: `numbers by ${query}`,
      request: { method: 'GET', path: `/core/phone-numbers?${query}` },
      expect: { status: 200, body: [{ phone_number: ONE }] },
      effects: {},
    }),
  ),
  ...[
    'phone_number=%25',
    `trunk_id=${NOWHERE}`,
    'created_before=2020-01-01T00:00:00+02:00',
    'updated_after=9998-12-31T23:59:59-11:00',
  ].map(
    (query): Scenario => ({
      name: `no numbers by ${query}`,
      request: { method: 'GET', path: `/core/phone-numbers?${query}` },
      expect: { status: 200, body: [] },
      effects: {},
    }),
  ),
  ...(
    [
      ['limit=0', 'limit'],
      ['limit=101', 'limit'],
      ['limit=ten', 'limit'],
      ['limit=1&limit=2', 'limit'],
      ['created_after=yesterday', 'created_after'],
      ['created_after=0000-01-01T00:00:00Z', 'created_after'],
      ['created_after=2026-02-30T00:00:00Z', 'created_after'],
      ['trunk_id=5', 'trunk_id'],
      ['phone_number=a%00', 'phone_number'],
      ['colour=red', 'colour'],
    ] as const
  ).map(
    ([query, key]): Scenario => ({
      name: `a list refuses ${query}`,
      request: { method: 'GET', path: `/core/phone-numbers?${query}` },
      expect: { status: 422, loc: ['query', key] },
      effects: {},
    }),
  ),
  {
    name: 'all trunks',
    as: 'reader',
    request: { method: 'GET', path: '/core/trunks' },
    expect: {
      status: 200,
      body: [{ id: '$trunk', is_default: true, inbound_config: { allowed_addresses: ['127.0.0.0/8'] } }],
    },
    effects: {},
  },
  {
    name: 'a trunk',
    as: 'reader',
    request: { method: 'GET', path: '/core/trunks/$trunk' },
    expect: { status: 200, body: { id: '$trunk' } },
    effects: {},
  },
  {
    name: 'a trunk that is not there',
    request: { method: 'GET', path: `/core/trunks/${NOWHERE}` },
    expect: { status: 404, code: 'trunk_not_found' },
    effects: {},
  },
  {
    name: 'a conversation that is not there',
    request: { method: 'GET', path: `/core/conversations/${NOWHERE}` },
    expect: { status: 404, code: 'conversation_not_found' },
    effects: {},
  },
]
