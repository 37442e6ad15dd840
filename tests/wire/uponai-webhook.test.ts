import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { WebhookReply } from '#core/webhook.ts'
import { fromUponaiAgentId, toUponaiAgentId } from '#wire/uponai-ids.ts'
import { parseWebhookReply } from '#wire/uponai-webhook.ts'

const UUID = '0198c5a1-7e52-7c3a-9f10-2b6f0f6f5a01'

const NOTHING: WebhookReply = {
  override_agent: null,
  override_version: null,
  dynamic_variables: {},
  metadata: {},
  reject: false,
}

const said = (call_inbound: unknown): string => JSON.stringify({ call_inbound })
const variables = (count: number): object =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`v${index}`, index]))

test('an agent’s id is written in UponAI’s form, and read in three', () => {
  assert.equal(toUponaiAgentId(UUID), 'agent_0198c5a17e527c3a9f102b6f0f6f5a01')
  fc.assert(
    fc.property(fc.uuid(), id => {
      assert.equal(fromUponaiAgentId(toUponaiAgentId(id)), id)
      assert.equal(fromUponaiAgentId(toUponaiAgentId(id).toUpperCase()), id)
      assert.equal(fromUponaiAgentId(id.toUpperCase()), id)
    }),
  )
  const hex = UUID.replaceAll('-', '')
  for (const text of ['', hex, `agent_${hex}0`, `agent_${hex.slice(1)}`, `agent_${UUID}`, `${UUID}\n`, `{${UUID}}`])
    assert.equal(fromUponaiAgentId(text), null, text)
})

const READ: readonly (readonly [name: string, body: string, reply: Partial<WebhookReply>])[] = [
  ['nothing', '', {}],
  ['white space', ' \r\n', {}],
  ['an empty object', '{}', {}],
  ['an empty answer', said({}), {}],
  ['null for everything', said({ override_agent_id: null, override_agent_version: null, reject: null }), {}],
  ['null for the rest', said({ dynamic_variables: null, metadata: null }), {}],
  ['null for the whole', said(null), {}],
  ['unknown keys', '{"event":1,"call_inbound":{"agent_id":7,"note":"\\u0000"}}', {}],
  ['a UUID', said({ override_agent_id: UUID }), { override_agent: { agent_id: UUID } }],
  ['an agent that is none', said({ override_agent_id: 'support' }), { override_agent: 'malformed' }],
  ['the first version', said({ override_agent_version: 0 }), { override_version: 1 }],
  ['a later version', said({ override_agent_version: 41 }), { override_version: 42 }],
  ['a version below', said({ override_agent_version: -1 }), { override_version: 'malformed' }],
  ['half a version', said({ override_agent_version: 1.5 }), { override_version: 'malformed' }],
  ['a version as text', said({ override_agent_version: '1' }), { override_version: 'malformed' }],
  ['a version beyond', '{"call_inbound":{"override_agent_version":1e300}}', { override_version: 'malformed' }],
  ['a rejection', said({ reject: true }), { reject: true }],
  [
    'variables of three kinds',
    said({ dynamic_variables: { a: 'text', _b: 1.5, C1: false } }),
    { dynamic_variables: { a: 'text', _b: '1.5', C1: 'false' } },
  ],
  [
    'a value that looks like a template',
    said({ dynamic_variables: { a: '{{b}}' } }),
    { dynamic_variables: { a: '{{b}}' } },
  ],
  [
    'the longest value',
    said({ dynamic_variables: { a: 'x'.repeat(4096) } }),
    { dynamic_variables: { a: 'x'.repeat(4096) } },
  ],
  ['metadata', said({ metadata: { a: [{ b: null }] } }), { metadata: { a: [{ b: null }] } }],
  ['the most metadata', said({ metadata: { a: 'x'.repeat(16_376) } }), { metadata: { a: 'x'.repeat(16_376) } }],
]

for (const [name, body, reply] of READ) {
  test(`${name} is read`, () => assert.deepEqual(parseWebhookReply(body), { ...NOTHING, ...reply }))
}

const MALFORMED: Readonly<Record<string, string>> = {
  'no JSON': '{',
  'two documents': '{}{}',
  text: '"ok"',
  'a list': '[]',
  null: 'null',
  'an answer that is text': said('reject'),
  'an answer that is a list': said([]),
  'an agent that is a number': said({ override_agent_id: 7 }),
  'a rejection that is text': said({ reject: 'true' }),
  'variables in a list': said({ dynamic_variables: [] }),
  'a variable that is null': said({ dynamic_variables: { a: null } }),
  'a variable that is an object': said({ dynamic_variables: { a: {} } }),
  'a variable beyond all numbers': '{"call_inbound":{"dynamic_variables":{"a":1e999}}}',
  'a variable’s name with a dash': said({ dynamic_variables: { 'a-b': 1 } }),
  'a variable’s name with a digit first': said({ dynamic_variables: { '1a': 1 } }),
  'a variable’s name of 65 characters': said({ dynamic_variables: { ['a'.repeat(65)]: 1 } }),
  'a variable of 4097 characters': said({ dynamic_variables: { a: 'x'.repeat(4097) } }),
  '101 variables': said({ dynamic_variables: variables(101) }),
  'a variable with NUL': said({ dynamic_variables: { a: '\0' } }),
  'a variable with half a pair': '{"call_inbound":{"dynamic_variables":{"a":"\\ud800"}}}',
  'metadata in a list': said({ metadata: [] }),
  'metadata with NUL': said({ metadata: { a: [{ b: '\0' }] } }),
  'a key of metadata with NUL': said({ metadata: { 'a\0': 1 } }),
  'metadata with half a pair': '{"call_inbound":{"metadata":{"a":"\\udc00"}}}',
  'metadata beyond all numbers': '{"call_inbound":{"metadata":{"a":-1e999}}}',
  'too much metadata': said({ metadata: { a: 'x'.repeat(16_377) } }),
  'too much metadata in UTF-8': said({ metadata: { a: 'é'.repeat(8_189) } }),
  'metadata 20,000 levels deep': `{"call_inbound":{"metadata":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}}}`,
}

for (const [name, body] of Object.entries(MALFORMED)) {
  test(`${name} is malformed`, () => assert.equal(parseWebhookReply(body), null))
}

test('a hundred variables are not too many', () => {
  const reply = parseWebhookReply(said({ dynamic_variables: variables(100) }))
  assert.equal(Object.keys(reply?.dynamic_variables ?? {}).length, 100)
})

test('a variable called __proto__ is a variable', () => {
  const reply = parseWebhookReply('{"call_inbound":{"dynamic_variables":{"__proto__":"x"}}}')
  assert.deepEqual(Object.entries(reply?.dynamic_variables ?? {}), [['__proto__', 'x']])
  assert.equal(Object.getPrototypeOf(reply?.dynamic_variables), Object.prototype)
})

test('whatever the body, it is read or malformed, and nothing but text becomes a variable', () => {
  const field = fc.constantFrom(
    'override_agent_id',
    'override_agent_version',
    'dynamic_variables',
    'metadata',
    'reject',
    'more',
  )
  const answer = fc.dictionary(field, fc.oneof(fc.jsonValue(), fc.dictionary(fc.string(), fc.jsonValue())))
  const body = fc.oneof(fc.string(), fc.json(), answer.map(said))
  fc.assert(
    fc.property(body, text => {
      const reply = parseWebhookReply(text)
      if (reply === null) return
      for (const value of Object.values(reply.dynamic_variables)) assert.equal(typeof value, 'string')
      assert.equal(typeof reply.reject, 'boolean')
      assert.ok(reply.override_version === null || reply.override_version === 'malformed' || reply.override_version > 0)
    }),
    { numRuns: 2_000 },
  )
})
