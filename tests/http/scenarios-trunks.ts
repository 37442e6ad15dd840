import type { Scenario } from '#tests/harness/http.ts'

const NOWHERE = '0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d'
const numbers = '/core/phone-numbers'
const trunks = '/core/trunks'
const SPARE = '+15551230009'
const written = { audit_log: 1, routing_changes: 1 } as const
const changed = { trunks: 'changed', ...written } as const

const CREDENTIALS = { auth_username: 'carrier', auth_password: 'correct horse' } as const

/** After the scenarios of publishing: `$trunk` is the default one. */
export const trunkScenarios: readonly Scenario[] = [
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
          forwarding: 'redirect',
          trust_asserted_identity: true,
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
          forwarding: 'bridge',
          trust_asserted_identity: false,
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
        inbound_config: {
          auth_username: 'carrier',
          has_auth_password: true,
          transports: ['tcp'],
          forwarding: 'bridge',
          trust_asserted_identity: false,
        },
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
      ['forwarding', 'refer'],
      ['trust_asserted_identity', 'yes'],
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
