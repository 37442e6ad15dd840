import type { Scenario } from '#tests/harness/http.ts'

const NOWHERE = '0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d'
const numbers = '/core/phone-numbers'
const trunks = '/core/trunks'
const ONE = '+15551230001'
const SPARE = '+15551230009'
const written = { audit_log: 1, routing_changes: 1 } as const
const changed = { trunks: 'changed', ...written } as const

const extensionScenarios: readonly Scenario[] = [
  {
    name: 'a number that gets extensions',
    request: { method: 'POST', path: numbers, body: { phone_number: SPARE } },
    expect: { status: 200 },
    effects: { phone_numbers: 1, ...written },
  },
  {
    name: 'an extension, on its base number’s trunk',
    request: { method: 'POST', path: numbers, body: { extension: '100', base_number: SPARE } },
    expect: { status: 200, body: { phone_number: '100', base_number: SPARE, trunk_id: '$trunk' } },
    effects: { phone_numbers: 1, ...written },
  },
  {
    name: 'an extension on a trunk',
    request: { method: 'POST', path: numbers, body: { extension: '4930123', base_number: SPARE, trunk_id: '$trunk' } },
    expect: { status: 200, body: { phone_number: '4930123' } },
    effects: { phone_numbers: 1, ...written },
  },
  {
    name: 'an extension is unique in its organization',
    request: { method: 'POST', path: numbers, body: { extension: '100', base_number: ONE } },
    expect: { status: 409, code: 'number_exists' },
    effects: {},
  },
  {
    name: 'another organization’s number has an extension of the same digits',
    as: 'other',
    request: { method: 'POST', path: numbers, body: { phone_number: '+15559990009' } },
    expect: { status: 200 },
    effects: { phone_numbers: 1, ...written },
  },
  {
    name: 'another organization has an extension of the same digits',
    as: 'other',
    request: { method: 'POST', path: numbers, body: { extension: '100', base_number: '+15559990009' } },
    expect: { status: 200, body: { phone_number: '100' } },
    effects: { phone_numbers: 1, ...written },
  },
  ...['+15551239999', '+15559990009'].map(
    (base_number): Scenario => ({
      name: `an extension beneath ${base_number}, which is not ours`,
      request: { method: 'POST', path: numbers, body: { extension: '101', base_number } },
      expect: { status: 404, code: 'number_not_found' },
      effects: {},
    }),
  ),
  ...[
    {},
    { extension: '101' },
    { base_number: SPARE },
    { phone_number: '+15551230008', extension: '101', base_number: SPARE },
  ].map(
    (body): Scenario => ({
      name: `neither one nor the other: ${JSON.stringify(body)}`,
      request: { method: 'POST', path: numbers, body },
      expect: { status: 422, loc: ['body', 'phone_number'] },
      effects: {},
    }),
  ),
  ...['1', '123456789', '10a', '+100'].map(
    (extension): Scenario => ({
      name: `“${extension}” is no extension`,
      request: { method: 'POST', path: numbers, body: { extension, base_number: SPARE } },
      expect: { status: 422, loc: ['body', 'extension'] },
      effects: {},
    }),
  ),
  {
    name: 'an extension is read',
    as: 'reader',
    request: { method: 'GET', path: `${numbers}/100` },
    expect: { status: 200, body: { phone_number: '100', base_number: SPARE } },
    effects: {},
  },
  {
    name: 'an extension is published onto',
    request: {
      method: 'POST',
      path: '/core/agents/$agent/versions/1/publish',
      body: { phone_numbers: ['100'] },
    },
    expect: { status: 200, body: [{ phone_number: '100', inbound_agents: [{ agent_id: '$agent', version: 1 }] }] },
    effects: { phone_numbers: 'changed', ...written },
  },
  {
    name: 'extensions are found by their digits',
    request: { method: 'GET', path: `${numbers}?phone_number=4930` },
    expect: { status: 200, body: [{ phone_number: '4930123' }] },
    effects: {},
  },
]

const numberScenarios: readonly Scenario[] = [
  {
    name: 'a number is labelled and shared',
    request: { method: 'PATCH', path: `${numbers}/${SPARE}`, body: { label: 'Front desk', outbound_shareable: true } },
    expect: { status: 200, body: { label: 'Front desk', outbound_shareable: true, phone_number: SPARE } },
    effects: { phone_numbers: 'changed', audit_log: 1 },
  },
  {
    name: 'what is not given stays',
    request: { method: 'PATCH', path: `${numbers}/${SPARE}`, body: { outbound_shareable: null } },
    expect: { status: 200, body: { label: 'Front desk', outbound_shareable: true } },
    effects: { phone_numbers: 'changed', audit_log: 1 },
  },
  {
    name: 'a label is taken off, and a number’s other fields are ignored',
    request: {
      method: 'PATCH',
      path: `${numbers}/${SPARE}`,
      body: { label: null, trunk_id: NOWHERE, phone_number: ONE, inbound_agents: [] },
    },
    expect: { status: 200, body: { label: null, phone_number: SPARE, trunk_id: '$trunk' } },
    effects: { phone_numbers: 'changed', audit_log: 1 },
  },
  {
    name: 'a number has no colour',
    request: { method: 'PATCH', path: `${numbers}/${SPARE}`, body: { colour: 'red' } },
    expect: { status: 422, loc: ['body', 'colour'] },
    effects: {},
  },
  {
    name: 'a number that is not there is not changed',
    request: { method: 'PATCH', path: `${numbers}/+15557770000`, body: { label: 'x' } },
    expect: { status: 404, code: 'number_not_found' },
    effects: {},
  },
  ...(['PATCH', 'DELETE'] as const).map(
    (method): Scenario => ({
      name: `${method} of a number under a stale revision`,
      request: {
        method,
        path: `${numbers}/${SPARE}`,
        headers: { 'if-match': '"stale.1"' },
        ...(method === 'PATCH' ? { body: { label: 'x' } } : {}),
      },
      expect: { status: 412, code: 'precondition_failed' },
      effects: {},
    }),
  ),
  {
    name: 'a number with extensions is not given up',
    request: { method: 'DELETE', path: `${numbers}/${SPARE}` },
    expect: { status: 409, code: 'number_has_extensions' },
    effects: {},
  },
  ...['100', '4930123', SPARE].map(
    (number): Scenario => ({
      name: `${number} is given up`,
      request: { method: 'DELETE', path: `${numbers}/${number}` },
      expect: { status: 204 },
      effects: { phone_numbers: -1, ...written },
    }),
  ),
  {
    name: 'a number that was given up is gone',
    request: { method: 'DELETE', path: `${numbers}/${SPARE}` },
    expect: { status: 404, code: 'number_not_found' },
    effects: {},
  },
]

const CREDENTIALS = { auth_username: 'carrier', auth_password: 'correct horse' } as const

const trunkScenarios: readonly Scenario[] = [
  {
    name: 'a trunk that accepts nobody',
    request: { method: 'POST', path: trunks, body: { name: 'Empty' } },
    expect: {
      status: 200,
      body: {
        name: 'Empty',
        is_default: false,
        inbound_config: {
          allowed_addresses: [],
          auth_username: null,
          has_auth_password: false,
          transports: ['udp', 'tcp', 'tls'],
        },
        outbound_config: {
          address: null,
          auth_username: null,
          has_auth_password: false,
          transport: 'UDP',
          media_encryption: 'NONE',
        },
      },
    },
    effects: { trunks: 1, ...written },
    keep: { empty_trunk: 'id' },
  },
  {
    name: 'a trunk with everything',
    request: {
      method: 'POST',
      path: trunks,
      body: {
        name: 'Carrier',
        inbound_config: {
          allowed_addresses: ['192.0.2.0/24', '2001:db8::7', '0.0.0.0/0'],
          transports: ['tcp'],
          ...CREDENTIALS,
        },
        outbound_config: {
          address: 'sip.carrier.example:5061',
          transport: 'TLS',
          media_encryption: 'SDES',
          ...CREDENTIALS,
        },
      },
    },
    expect: {
      status: 200,
      body: {
        inbound_config: { auth_username: 'carrier', has_auth_password: true, transports: ['tcp'] },
        outbound_config: { address: 'sip.carrier.example:5061', auth_username: 'carrier', has_auth_password: true },
      },
    },
    effects: { trunks: 1, ...written },
    keep: { carrier: 'id' },
  },
  {
    name: 'a trunk is renamed, its configs stay',
    request: { method: 'PUT', path: `${trunks}/$carrier`, body: { name: 'Other carrier' } },
    expect: {
      status: 200,
      body: { name: 'Other carrier', inbound_config: { has_auth_password: true, transports: ['tcp'] } },
    },
    effects: changed,
  },
  {
    name: 'a config is replaced whole; a password stays while its name does; what was read may be sent',
    request: {
      method: 'PUT',
      path: `${trunks}/$carrier`,
      body: {
        id: NOWHERE,
        is_default: true,
        inbound_config: { auth_username: 'carrier', has_auth_password: false },
        outbound_config: null,
      },
    },
    expect: {
      status: 200,
      body: {
        id: '$carrier',
        is_default: false,
        inbound_config: { allowed_addresses: [], auth_username: 'carrier', has_auth_password: true },
        outbound_config: { has_auth_password: true },
      },
    },
    effects: changed,
  },
  {
    name: 'a name is taken off, and its password with it',
    request: { method: 'PUT', path: `${trunks}/$carrier`, body: { outbound_config: { auth_username: null } } },
    expect: { status: 200, body: { outbound_config: { auth_username: null, has_auth_password: false } } },
    effects: changed,
  },
  ...[
    { inbound_config: { auth_username: 'somebody else' } },
    { inbound_config: { auth_password: 'no name at all' } },
    { outbound_config: { auth_username: 'carrier' } },
  ].map(
    (body): Scenario => ({
      name: `a name and its password belong together: ${JSON.stringify(body)}`,
      request: { method: 'PUT', path: `${trunks}/$carrier`, body },
      expect: { status: 422, code: 'trunk_credentials_incomplete' },
      effects: {},
    }),
  ),
  {
    name: 'a new trunk’s name needs its password',
    request: { method: 'POST', path: trunks, body: { name: 'x', inbound_config: { auth_username: 'carrier' } } },
    expect: { status: 422, code: 'trunk_credentials_incomplete' },
    effects: {},
  },
  ...['10.0.0', '10.0.0.1/33', '10.0.0.1/8', 'carrier.example', '2001:db8::1/32', '010.0.0.1', ''].map(
    (address): Scenario => ({
      name: `“${address}” is no address or range`,
      request: {
        method: 'POST',
        path: trunks,
        body: { name: 'x', inbound_config: { allowed_addresses: ['192.0.2.7', address] } },
      },
      expect: { status: 422, loc: ['body', 'inbound_config', 'allowed_addresses', 1] },
      effects: {},
    }),
  ),
  ...[
    'sip:carrier.example',
    'carrier.example:0',
    'carrier.example:99999',
    '1.2.3',
    '2001:db8::7',
    '[carrier]',
    'a b',
  ].map(
    (address): Scenario => ({
      name: `calls cannot go out to “${address}”`,
      request: { method: 'PUT', path: `${trunks}/$carrier`, body: { outbound_config: { address } } },
      expect: { status: 422, loc: ['body', 'outbound_config', 'address'] },
      effects: {},
    }),
  ),
  ...['[2001:db8::7]:5060', '192.0.2.7', 'carrier'].map(
    (address): Scenario => ({
      name: `calls can go out to “${address}”`,
      request: { method: 'PUT', path: `${trunks}/$carrier`, body: { outbound_config: { address } } },
      expect: { status: 200, body: { outbound_config: { address } } },
      effects: changed,
    }),
  ),
  ...(
    [
      ['auth_username', 'a:b'],
      ['auth_username', 'a"b'],
      ['auth_username', 'a\\b'],
      ['auth_password', 'short'],
      ['auth_password', 'two\r\nlines of it'],
      ['transports', []],
      ['transports', ['sctp']],
      ['realm', 'x'],
    ] as const
  ).map(
    ([key, value]): Scenario => ({
      name: `a trunk refuses ${key} ${JSON.stringify(value)}`,
      request: { method: 'POST', path: trunks, body: { name: 'x', inbound_config: { ...CREDENTIALS, [key]: value } } },
      expect: { status: 422 },
      effects: {},
    }),
  ),
  {
    name: 'a trunk that is not there is not changed',
    request: { method: 'PUT', path: `${trunks}/${NOWHERE}`, body: { name: 'x' } },
    expect: { status: 404, code: 'trunk_not_found' },
    effects: {},
  },
  ...(['PUT', 'DELETE'] as const).map(
    (method): Scenario => ({
      name: `${method} of a trunk under a stale revision`,
      request: {
        method,
        path: `${trunks}/$carrier`,
        headers: { 'if-match': '"stale.1"' },
        ...(method === 'PUT' ? { body: { name: 'x' } } : {}),
      },
      expect: { status: 412, code: 'precondition_failed' },
      effects: {},
    }),
  ),
  {
    name: 'a number on the carrier’s trunk',
    request: { method: 'POST', path: numbers, body: { phone_number: SPARE, trunk_id: '$carrier' } },
    expect: { status: 200, body: { trunk_id: '$carrier' } },
    effects: { phone_numbers: 1, ...written },
  },
  {
    name: 'a trunk with numbers stays',
    request: { method: 'DELETE', path: `${trunks}/$carrier` },
    expect: { status: 409, code: 'trunk_has_numbers' },
    effects: {},
  },
  {
    name: 'its number goes',
    request: { method: 'DELETE', path: `${numbers}/${SPARE}` },
    expect: { status: 204 },
    effects: { phone_numbers: -1, ...written },
  },
  ...['$carrier', '$empty_trunk'].map(
    (id): Scenario => ({
      name: `${id} is deleted`,
      request: { method: 'DELETE', path: `${trunks}/${id}` },
      expect: { status: 204 },
      effects: { trunks: -1, ...written },
    }),
  ),
  {
    name: 'a trunk that was deleted is gone',
    request: { method: 'DELETE', path: `${trunks}/$carrier` },
    expect: { status: 404, code: 'trunk_not_found' },
    effects: {},
  },
  {
    name: 'the default trunk stays',
    request: { method: 'DELETE', path: `${trunks}/$trunk` },
    expect: { status: 409, code: 'trunk_is_default' },
    effects: {},
  },
]

/** After the scenarios of publishing: `$agent` has published version 1, `$trunk` is the default one. */
export const telephonyScenarios: readonly Scenario[] = [...extensionScenarios, ...numberScenarios, ...trunkScenarios]
