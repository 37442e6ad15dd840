import type { Scenario } from '#tests/harness/http.ts'

const NOWHERE = '0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d'
const numbers = '/core/phone-numbers'
const ONE = '+15551230001'
const SPARE = '+15551230009'
const written = { audit_log: 1, routing_changes: 1 } as const

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

const plainScenarios: readonly Scenario[] = [
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
    effects: {},
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

/** After the scenarios of publishing: `$agent` has published version 1, `$trunk` is the default one. */
export const numberScenarios: readonly Scenario[] = [...extensionScenarios, ...plainScenarios]
