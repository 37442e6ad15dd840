import type { Scenario } from '#tests/harness/http.ts'

const NOWHERE = '0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d'
const versions = '/core/agents/$agent/versions'

export const agentScenarios: readonly Scenario[] = [
  {
    name: 'an agent is made as a stub',
    request: { method: 'POST', path: '/core/agents', body: { name: 'Riverside' } },
    expect: { status: 200, body: { name: 'Riverside', description: null, active: true, is_demo: false, metadata: {} } },
    effects: { agents: 1, audit_log: 1 },
    keep: { agent: 'agent_id' },
  },
  {
    name: 'an agent with everything',
    request: {
      method: 'POST',
      path: '/core/agents',
      body: { name: 'Ω 🎧', description: 'd', active: false, is_demo: true, metadata: { a: [1, null, { b: 'x' }] } },
    },
    expect: {
      status: 200,
      body: { name: 'Ω 🎧', active: false, is_demo: true, metadata: { a: [1, null, { b: 'x' }] } },
    },
    effects: { agents: 1, audit_log: 1 },
    keep: { stub: 'id' },
  },
  ...(
    [
      ['no name', {}, ['body', 'name']],
      ['an empty name', { name: '' }, ['body', 'name']],
      ['a name that is a number', { name: 7 }, ['body', 'name']],
      ['an unknown key', { name: 'x', nmae: 'y' }, ['body', 'nmae']],
      ['U+0000 in a text', { name: 'a\0b' }, ['body', 'name']],
      ['U+0000 deep down', { name: 'x', metadata: { a: [{ b: '\0' }] } }, ['body', 'metadata', 'a', 0, 'b']],
      ['U+0000 in a key', { name: 'x', metadata: { 'a\0': 1 } }, ['body', 'metadata']],
      ['half a surrogate pair', { name: 'x', description: '\ud800' }, ['body', 'description']],
      ['metadata that is a list', { name: 'x', metadata: [] }, ['body', 'metadata']],
      ['text for a boolean', { name: 'x', active: 'true' }, ['body', 'active']],
    ] as const
  ).map(
    ([name, body, loc]): Scenario => ({
      name: `an agent is refused for ${name}`,
      request: { method: 'POST', path: '/core/agents', body },
      expect: { status: 422, code: 'invalid_request', loc },
      effects: {},
    }),
  ),
  {
    name: 'a number beyond all numbers is refused',
    request: { method: 'POST', path: '/core/agents', raw: '{"name":"x","metadata":{"a":1e999}}' },
    expect: { status: 422, loc: ['body', 'metadata', 'a'] },
    effects: {},
  },
  {
    name: 'nesting without end is refused',
    request: {
      method: 'POST',
      path: '/core/agents',
      raw: `{"name":"x","metadata":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`,
    },
    expect: { status: 422 },
    effects: {},
  },
  {
    name: 'a version with nothing said is all defaults',
    request: { method: 'POST', path: versions, body: { config: {} } },
    expect: {
      status: 200,
      body: {
        version: 1,
        published: false,
        manually_edited: false,
        dirty: false,
        config: { type: 'static_prompt', tools: [] },
      },
    },
    effects: { agent_versions: 1, audit_log: 1 },
  },
  {
    name: 'a version that brings instructions counts as edited by hand',
    request: {
      method: 'POST',
      path: versions,
      body: { config: { instructions: 'Be kind.', starting_message: 'Hello.' }, base_version: null },
    },
    expect: {
      status: 200,
      body: {
        version: 2,
        manually_edited: true,
        config: { instructions: 'Be kind.', starting_message: 'Hello.', language: 'en-US' },
      },
    },
    effects: { agent_versions: 1, audit_log: 1 },
  },
  {
    name: 'a copy of a version',
    request: { method: 'POST', path: versions, body: { base_version: 2 } },
    expect: {
      status: 200,
      body: { version: 3, base_version: 2, manually_edited: true, config: { instructions: 'Be kind.' } },
    },
    effects: { agent_versions: 1, audit_log: 1 },
  },
  {
    name: 'a copy of nothing',
    request: { method: 'POST', path: versions, body: { base_version: 99 } },
    expect: { status: 404, code: 'base_version_not_found' },
    effects: {},
  },
  {
    name: 'a version of no agent',
    request: { method: 'POST', path: `/core/agents/${NOWHERE}/versions`, body: { config: {} } },
    expect: { status: 404, code: 'agent_not_found' },
    effects: {},
  },
  ...[{}, { config: {}, base_version: 1 }, { config: null }].map(
    (body): Scenario => ({
      name: `exactly one of config and base_version: ${JSON.stringify(body)}`,
      request: { method: 'POST', path: versions, body },
      expect: { status: 422, loc: ['body'] },
      effects: {},
    }),
  ),
  {
    name: 'a config’s fault is pointed at',
    request: { method: 'POST', path: versions, body: { config: { limits: { max_duration_seconds: '5' } } } },
    expect: {
      status: 422,
      body: { detail: [{ loc: ['body', 'config', 'limits', 'max_duration_seconds'], msg: 'must be integer' }] },
    },
    effects: {},
  },
  {
    name: 'a misspelt key is answered with the nearest one',
    request: { method: 'POST', path: versions, body: { config: { instruction: 'x' } } },
    expect: {
      status: 422,
      body: { detail: [{ msg: 'unknown key "instruction"; the nearest known key is "instructions"' }] },
    },
    effects: {},
  },
  {
    name: 'a version by its number',
    request: { method: 'GET', path: `${versions}/2` },
    expect: { status: 200, body: { version: 2 } },
    effects: {},
  },
  {
    name: 'the latest version is the draft there is',
    as: 'reader',
    request: { method: 'GET', path: `${versions}/latest` },
    expect: { status: 200, body: { version: 3, published: false } },
    effects: {},
  },
  {
    name: 'a version that is not there',
    request: { method: 'GET', path: `${versions}/17` },
    expect: { status: 404, code: 'version_not_found' },
    effects: {},
  },
  ...['0', '-1', '1.5', 'newest', '9999999999', '%00'].map(
    (version): Scenario => ({
      name: `${version} is no version`,
      request: { method: 'GET', path: `${versions}/${version}` },
      expect: { status: 422, loc: ['path', 'version'] },
      effects: {},
    }),
  ),
  {
    name: 'a version of no agent is not there',
    request: { method: 'GET', path: `/core/agents/${NOWHERE}/versions/1` },
    expect: { status: 404, code: 'agent_not_found' },
    effects: {},
  },
  {
    name: 'a draft’s config is replaced whole',
    request: { method: 'PUT', path: `${versions}/latest`, body: { config: { language: 'de-DE' } } },
    expect: { status: 200, body: { version: 3, config: { language: 'de-DE', instructions: '' } } },
    effects: { agent_versions: 'changed', audit_log: 1 },
  },
  {
    name: 'builder inputs make a draft dirty',
    request: { method: 'PUT', path: `${versions}/3`, body: { instruction_builder_inputs: { company: 'Riverside' } } },
    expect: {
      status: 200,
      body: { dirty: true, manually_edited: true, instruction_builder_inputs: { company: 'Riverside' } },
    },
    effects: { agent_versions: 'changed', audit_log: 1 },
  },
  {
    name: 'a version’s own other fields are ignored',
    request: {
      method: 'PUT',
      path: `${versions}/3`,
      body: { id: 'x', version: 9, published: true, config: { language: 'fr' }, created_at: 5 },
    },
    expect: { status: 200, body: { version: 3, published: false, config: { language: 'fr' } } },
    effects: { agent_versions: 'changed', audit_log: 1 },
  },
  ...[{}, { config: null }, { instruction_builder_inputs: null }, { id: 'x' }].map(
    (body): Scenario => ({
      name: `a change of nothing: ${JSON.stringify(body)}`,
      request: { method: 'PUT', path: `${versions}/3`, body },
      expect: { status: 422, loc: ['body'] },
      effects: {},
    }),
  ),
  {
    name: 'a change of a version that is not there',
    request: { method: 'PUT', path: `${versions}/17`, body: { config: {} } },
    expect: { status: 404, code: 'version_not_found' },
    effects: {},
  },
  {
    name: 'a change of no agent’s version',
    request: { method: 'PUT', path: `/core/agents/${NOWHERE}/versions/1`, body: { config: {} } },
    expect: { status: 404, code: 'agent_not_found' },
    effects: {},
  },
  {
    name: 'an agent with what hangs under it',
    as: 'reader',
    request: { method: 'GET', path: '/core/agents/$agent' },
    expect: {
      status: 200,
      body: {
        id: '$agent',
        agent_id: '$agent',
        versions: [{ version: 3 }, { version: 2 }, { version: 1 }],
        phone_numbers: [],
        widgets: [],
        sip_endpoint: null,
        conversation_stats: { total: 0, average_duration_seconds: null },
      },
    },
    effects: {},
  },
  {
    name: 'an agent that is not there',
    request: { method: 'GET', path: `/core/agents/${NOWHERE}` },
    expect: { status: 404, code: 'agent_not_found' },
    effects: {},
  },
  ...['7', 'urn:uuid:0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d', '%00', 'a%2Fb'].map(
    (id): Scenario => ({
      name: `${id} is no id`,
      request: { method: 'GET', path: `/core/agents/${id}` },
      expect: { status: 422, loc: ['path', 'id'] },
      effects: {},
    }),
  ),
  {
    name: 'the config schema',
    as: 'reader',
    request: { method: 'GET', path: '/core/agent-config-schema' },
    expect: { status: 200, body: { $schema: 'https://json-schema.org/draft/2020-12/schema', title: 'AgentConfig' } },
    effects: {},
  },
]
