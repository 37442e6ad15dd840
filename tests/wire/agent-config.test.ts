import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import type { AgentConfig } from '#core/version.ts'
import { agentConfigDocument } from '#wire/agent-config.ts'
import { fillDefaults, parseAgentConfig } from '#wire/parse-agent-config.ts'

const faultsOf = (value: unknown): readonly string[] => {
  const parsed = parseAgentConfig(value)
  return parsed.ok ? [] : parsed.faults.map(({ pointer, message }) => `${pointer} ${message}`)
}

const filled = (value: unknown): Record<string, unknown> => {
  const parsed = parseAgentConfig(value)
  assert.ok(parsed.ok, JSON.stringify(parsed))
  return parsed.config
}

describe('the schema', () => {
  type Node = Record<string, unknown>
  const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value)
  /** Every field: a property of an object that people write, with the keys its object requires. */
  const fields = (schema: Node, at: string): { at: string; field: Node; required: boolean }[] => {
    const found = Object.entries(isNode(schema.properties) ? schema.properties : {}).flatMap(([name, field]) => {
      if (!isNode(field)) return []
      const required = Array.isArray(schema.required) && schema.required.includes(name)
      return [{ at: `${at}.${name}`, field, required }, ...fields(field, `${at}.${name}`)]
    })
    const below = [schema.items, schema.additionalProperties, ...(Array.isArray(schema.anyOf) ? schema.anyOf : [])]
    return [...found, ...below.filter(isNode).flatMap((node, index) => fields(node, `${at}[${index}]`))]
  }
  const all = fields(agentConfigDocument(), '')

  test('says of every field what it is called, what it means and what it looks like', () => {
    assert.ok(all.length > 100)
    for (const { at, field } of all) {
      assert.ok(typeof field.title === 'string' && field.title !== '', `${at} title`)
      assert.ok(typeof field.description === 'string' && field.description !== '', `${at} description`)
      assert.ok(Array.isArray(field.examples) && field.examples.length > 0, `${at} examples`)
    }
  })
  test('gives every field a default, but those that have to be there', () => {
    for (const { at, field, required } of all) assert.equal('default' in field, !required, at)
  })
  test('accepts its own examples and defaults', () => {
    const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true })
    for (const { at, field } of all) {
      const check = ajv.compile(field)
      const samples = [...(field.examples as unknown[]), ...('default' in field ? [field.default] : [])]
      for (const sample of samples)
        assert.ok(check(sample), `${at} ${JSON.stringify(sample)} ${JSON.stringify(check.errors)}`)
    }
  })
  test('bounds every text, list, map and number', () => {
    const unbounded = all.filter(({ field }) => {
      const types = [field.type].flat()
      if (field.enum || field.const) return false
      if (types.includes('string'))
        return (
          !('maxLength' in field) &&
          !/\{\d+,\d+\}\$$|\{36\}|\{12\}\$$|\{0,3\}\$$|\{0,63\}\$$/.test(String(field.pattern))
        )
      if (types.includes('array')) return !('maxItems' in field)
      if (types.includes('object') && field.additionalProperties !== false) return !('maxProperties' in field)
      return (types.includes('number') || types.includes('integer')) && !('maximum' in field && 'minimum' in field)
    })
    assert.deepEqual(
      unbounded.map(({ at }) => at),
      [],
    )
  })
})

describe('defaults', () => {
  test('{} is everything by default', () => {
    const config = filled({})
    assert.partialDeepStrictEqual(config, {
      type: 'static_prompt',
      language: 'en-US',
      starting_message: { type: 'none', text: '', interruptible: true },
      stt_llm_tts: { tts: { provider: 'flite', voice: 'slt' } },
      limits: { max_duration_seconds: 3600, silence_timeout_seconds: 30 },
    })
  })
  test('what is given stays, what is not is filled in around it, down to the last action', () => {
    const config = filled({
      starting_message: 'Hello.',
      limits: { silence_timeout_seconds: 5 },
      tools: [{ name: 'bye', actions: [{ type: 'hangup' }, { type: 'wait', seconds: 2 }] }],
      dynamic_variables: { name: 'Ada' },
    })
    assert.partialDeepStrictEqual(config, {
      starting_message: 'Hello.',
      limits: { silence_timeout_seconds: 5, max_duration_seconds: 3600 },
      tools: [
        {
          name: 'bye',
          output: null,
          actions: [
            { type: 'hangup', message: '' },
            { type: 'wait', seconds: 2 },
          ],
        },
      ],
      dynamic_variables: { name: 'Ada' },
    })
  })
  test('filling neither changes its argument nor shares the defaults', () => {
    const given = Object.freeze({})
    const first = fillDefaults(given)
    assert.deepEqual(given, {})
    ;(first.tools as unknown[]).push('mine')
    assert.deepEqual(fillDefaults({}).tools, [])
  })
  const example = fc.constantFrom(...(agentConfigDocument().examples as AgentConfig[]))
  const part = fc.record(
    {
      instructions: fc.string(),
      language: fc.constantFrom('en-US', 'de', 'zh-Hant-TW'),
      max_tool_steps: fc.integer({ min: 0, max: 50 }),
      dynamic_variables: fc.dictionary(fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,20}$/), fc.string()),
      success_criteria: fc.array(fc.record({ name: fc.string({ minLength: 1, maxLength: 9 }) }), { maxLength: 3 }),
    },
    { requiredKeys: [] },
  )
  test('what is filled in is valid, and filling it again changes nothing', () => {
    fc.assert(
      fc.property(fc.oneof(example, part), config => {
        fc.pre(!JSON.stringify(config).includes('\\u0000'))
        const once = filled(config)
        assert.deepEqual(filled(once), once)
        for (const [key, value] of Object.entries(config)) {
          if (typeof value !== 'object') assert.deepEqual(once[key], value)
        }
      }),
    )
  })
})

describe('faults', () => {
  const cases: readonly (readonly [string, unknown, readonly string[]])[] = [
    [
      'a misspelt key',
      { instruction: 'x' },
      ['/instruction unknown key "instruction"; the nearest known key is "instructions"'],
    ],
    [
      'a misspelt key further down',
      { limits: { maxDurationSeconds: 5 } },
      ['/limits/maxDurationSeconds unknown key "maxDurationSeconds"; the nearest known key is "max_duration_seconds"'],
    ],
    ['a key with a slash', { 'a/b~c': 1 }, ['/a~1b~0c unknown key "a/b~c"; the nearest known key is "type"']],
    ['text for a number', { limits: { max_duration_seconds: '5' } }, ['/limits/max_duration_seconds must be integer']],
    ['a number out of bounds', { limits: { max_duration_seconds: 5 } }, ['/limits/max_duration_seconds must be >= 10']],
    ['no object', [], [' must be object']],
    ['null', null, [' must be object']],
    [
      'a static message without words',
      { starting_message: { type: 'static' } },
      ['/starting_message/text is required'],
    ],
    ['a message of a wrong type', { starting_message: 7 }, ['/starting_message must be string or object']],
    [
      'a message of an unknown kind',
      { starting_message: { type: 'shouted' } },
      ['/starting_message type must be one of "none", "static", "generated"'],
    ],
    [
      'an action’s misspelt key: only the action it means to be is spoken of',
      { tools: [{ name: 'a', actions: [{ type: 'stop_audio' }, { type: 'hangup', mesage: 'x' }] }] },
      ['/tools/0/actions/1/mesage unknown key "mesage"; the nearest known key is "message"'],
    ],
    ['a tool without a name', { tools: [{}] }, ['/tools/0/name is required']],
    [
      'a variable’s name',
      { dynamic_variables: { 'a b': 'x' } },
      ['/dynamic_variables/a b is no name that can be used here'],
    ],
    ['U+0000', { tools: [{ name: 'a', output: 'a\0' }] }, ['/tools/0/output must not contain U+0000']],
    ['half a surrogate pair', { instructions: '\udc00' }, ['/instructions must not contain half a surrogate pair']],
    [
      'an address that is none',
      { pre_conversation: { url: 'ftp://x' } },
      [`/pre_conversation/url must match pattern "^https?://[^\\s/?#]+[^\\s]*$"`],
    ],
  ]
  for (const [name, value, expected] of cases) {
    test(name, () => assert.deepEqual(faultsOf(value), expected))
  }
  test('an unknown action is answered with those that there are', () => {
    const [fault = '', ...others] = faultsOf({ tools: [{ name: 'a', actions: [{ type: 'sing' }] }] })
    assert.deepEqual(others, [])
    assert.match(fault, /^\/tools\/0\/actions\/0 type must be one of "play_message", .*"http_request"$/)
  })
  test('two faults are two', () => {
    assert.equal(faultsOf({ language: 7, type: 'x' }).length, 2)
  })
  test('a thousand faults are fifty', () => {
    assert.equal(faultsOf({ success_criteria: Array.from({ length: 1000 }, () => ({})) }).length, 50)
  })
  test('hundreds of thousands of faults are one', () => {
    const actions = Array.from({ length: 350_000 }, () => ({}))
    assert.equal(faultsOf({ tools: [{ name: 'a', actions }] }).length, 1)
  })
  test('anything at all is answered', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        const parsed = parseAgentConfig(value)
        assert.ok(parsed.ok || parsed.faults.length > 0)
      }),
    )
  })
})
