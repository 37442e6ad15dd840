import type { Scenario } from '#tests/harness/http.ts'

const MODEL = '/core/language-model'
const NOWHERE = '0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d'
const compare = '/core/agents/$compared/versions/compare'
const versions = '/core/agents/$compared/versions'

const compared: readonly Scenario[] = [
  {
    name: 'an agent whose versions are compared',
    request: { method: 'POST', path: '/core/agents', body: { name: 'Compared' } },
    expect: { status: 200 },
    effects: { agents: 1, audit_log: 1 },
    keep: { compared: 'id' },
  },
  ...[
    { instructions: 'Be kind to all.', limits: { silence_timeout_seconds: 30 } },
    { instructions: 'Be brief to all.', limits: { silence_timeout_seconds: 15 } },
  ].map(
    (config): Scenario => ({
      name: `a version to compare: ${config.instructions}`,
      request: { method: 'POST', path: versions, body: { config } },
      expect: { status: 200 },
      effects: { agent_versions: 1, audit_log: 1 },
    }),
  ),
  {
    name: 'two versions are compared as data',
    as: 'reader',
    request: { method: 'GET', path: `${compare}?from=1&to=2` },
    expect: {
      status: 200,
      body: {
        from_version: 1,
        to_version: 2,
        identical: false,
        changes: [
          {
            op: 'replace',
            path: '/instructions',
            field: 'instructions',
            old: 'Be kind to all.',
            value: 'Be brief to all.',
            words: [
              { kind: 'same', text: 'Be' },
              { kind: 'removed', text: ' kind' },
              { kind: 'added', text: ' brief' },
              { kind: 'same', text: ' to all.' },
            ],
          },
          { op: 'replace', path: '/limits/silence_timeout_seconds', old: 30, value: 15 },
        ],
      },
    },
    effects: {},
  },
  {
    name: 'a version compared with itself does not differ',
    as: 'reader',
    request: { method: 'GET', path: `${compare}?from=2&to=2` },
    expect: { status: 200, body: { identical: true, changes: [] } },
    effects: {},
  },
  {
    name: 'two versions are compared in words, by rule where no model is set; asked with a key it is told again',
    as: 'reader',
    request: {
      method: 'POST',
      path: compare,
      body: { from_version: 1, to_version: 2 },
      headers: { 'idempotency-key': 'x' },
    },
    expect: {
      status: 200,
      headers: { 'x-patchcord-written-by': 'offline', 'content-type': 'text/plain; charset=utf-8' },
      body: [
        'Version 2 compared with version 1:',
        '',
        '- instructions: 1 word removed, 1 word added.',
        '    - “kind”',
        '    + “brief”',
        '- limits.silence_timeout_seconds was 30 and is 15 now.',
        '',
        '2 changes, in what it is told to do and how long it stays on the line. Everything else is the same in both versions.',
        '',
      ].join('\n'),
    },
    effects: {},
  },
  ...(['GET', 'POST'] as const).flatMap((method): Scenario[] => {
    const asked = (path: string, from: unknown, to: unknown) =>
      method === 'GET'
        ? ({ method, path: `${path}?from=${from}&to=${to}` } as const)
        : ({ method, path, body: { from_version: from, to_version: to } } as const)
    return [
      {
        name: `a comparison (${method}) with a version that is not there`,
        request: asked(compare, 1, 9),
        expect: { status: 404, code: 'version_not_found', body: { detail: 'This agent has no such version. (9)' } },
        effects: {},
      },
      {
        name: `a comparison (${method}) of no agent`,
        request: asked(`/core/agents/${NOWHERE}/versions/compare`, 1, 2),
        expect: { status: 404, code: 'agent_not_found' },
        effects: {},
      },
      {
        name: `a comparison (${method}) with no number`,
        request: asked(compare, 1, 'latest'),
        expect: { status: 422, loc: method === 'GET' ? ['query', 'to'] : ['body', 'to_version'] },
        effects: {},
      },
    ]
  }),
]

const inputs: readonly Scenario[] = [
  {
    name: 'the schema of builder inputs',
    as: 'reader',
    request: { method: 'GET', path: '/core/instruction-builder-schema' },
    expect: { status: 200, body: { title: 'InstructionBuilderInputs', properties: { purpose: { title: 'Purpose' } } } },
    effects: {},
  },
  ...[{ purpose: 7 }, { guardrails: ['x', 7] }, { knowledge: { a: 1 } }].map((wrong): Scenario => {
    const [key = ''] = Object.keys(wrong)
    return {
      name: `builder inputs of another shape are refused: ${JSON.stringify(wrong)}`,
      request: { method: 'PUT', path: `${versions}/2`, body: { instruction_builder_inputs: wrong } },
      expect: {
        status: 422,
        loc: ['body', 'instruction_builder_inputs', key, ...(key === 'guardrails' ? [1] : [])],
      },
      effects: {},
    }
  }),
  {
    name: 'builder inputs may have keys of one’s own',
    request: {
      method: 'PUT',
      path: `${versions}/2`,
      body: { instruction_builder_inputs: { purpose: ['Book.', 'Cancel.'], closing: null, company: { size: 12 } } },
    },
    expect: { status: 200, body: { dirty: true, instruction_builder_inputs: { company: { size: 12 } } } },
    effects: { agent_versions: 'changed', audit_log: 1 },
  },
]

const theirs = '/core/agents/$generated/versions'
const generate = (version: number | string, path = theirs) =>
  ({ method: 'POST', path: `${path}/${version}/generate-instructions` }) as const

/** In the other organization: ours has no workflows but those of background-work.ts. */
const begun: readonly Scenario[] = [
  {
    name: 'an agent whose instructions are generated',
    request: { method: 'POST', path: '/core/agents', body: { name: 'Generated' } },
    expect: { status: 200 },
    effects: { agents: 1, audit_log: 1 },
    keep: { generated: 'id' },
  },
  ...[{ config: {} }, { base_version: 1 }].map(
    (body): Scenario => ({
      name: `a version to generate: ${JSON.stringify(body)}`,
      request: { method: 'POST', path: theirs, body },
      expect: { status: 200 },
      effects: { agent_versions: 1, audit_log: 1 },
    }),
  ),
  {
    name: 'what to generate it from',
    request: { method: 'PUT', path: `${theirs}/2`, body: { instruction_builder_inputs: { purpose: 'Book.' } } },
    expect: { status: 200 },
    effects: { agent_versions: 'changed', audit_log: 1 },
  },
  {
    name: 'instructions are not generated from nothing',
    request: generate(1),
    expect: { status: 400, code: 'builder_inputs_missing' },
    effects: {},
  },
  {
    name: 'instructions are not generated for a version that is not there',
    request: generate(9),
    expect: { status: 404, code: 'version_not_found' },
    effects: {},
  },
  {
    name: 'instructions are not generated for no agent',
    request: generate(1, `/core/agents/${NOWHERE}/versions`),
    expect: { status: 404, code: 'agent_not_found' },
    effects: {},
  },
  {
    name: 'generation begins',
    request: generate(2),
    expect: { status: 202 },
    effects: { agent_versions: 'changed', workflows: 1, workflow_steps: 3, audit_log: 2 },
    keep: { generation: 'workflow_id' },
  },
  {
    name: 'a version that generates says so, and by which workflow',
    request: { method: 'GET', path: `${theirs}/2` },
    expect: {
      status: 200,
      body: { generating: true, workflow_id: '$generation', generation_error: null, dirty: true },
    },
    effects: {},
  },
  {
    name: 'generation does not begin twice',
    request: generate('latest'),
    expect: { status: 409, code: 'version_generating' },
    effects: {},
  },
  {
    name: 'a version for the published one',
    request: { method: 'POST', path: theirs, body: { config: {} } },
    expect: { status: 200, body: { version: 3, generated_by: null } },
    effects: { agent_versions: 1, audit_log: 1 },
  },
  {
    name: 'the published one',
    request: { method: 'POST', path: `${theirs}/3/publish` },
    expect: { status: 200 },
    effects: { agent_versions: 'changed', audit_log: 1, routing_changes: 1 },
  },
  {
    name: 'instructions are not generated for a published version',
    request: generate(3),
    expect: { status: 400, code: 'version_published' },
    effects: {},
  },
]
const generated = begun.map((scenario): Scenario => ({ ...scenario, as: 'other' }))

const OWN = { base_url: 'https://llm.example.test/v1', model: 'm-1', api_key: 'sk-secret' }
const put = (body: object, headers: Readonly<Record<string, string>> = {}) =>
  ({ method: 'PUT', path: MODEL, body, headers }) as const

const model: readonly Scenario[] = [
  {
    name: 'without a language model rules write',
    as: 'reader',
    request: { method: 'GET', path: MODEL },
    expect: {
      status: 200,
      body: { source: 'offline', model: null, base_url: null, has_api_key: false, usage: [], updated_at: null },
    },
    effects: {},
  },
  {
    name: 'no language model of one’s own can be forgotten',
    request: { method: 'DELETE', path: MODEL },
    expect: { status: 404, code: 'model_not_set' },
    effects: {},
  },
  {
    name: 'a language model is set, and its key is not shown',
    request: put({ ...OWN, input_usd_per_mtok: 0.4, output_usd_per_mtok: 1.6 }),
    expect: {
      status: 200,
      body: {
        source: 'organization',
        base_url: OWN.base_url,
        model: 'm-1',
        has_api_key: true,
        input_usd_per_mtok: 0.4,
      },
    },
    effects: { language_models: 1, audit_log: 1 },
    keep: { model_tag: 'header:etag' },
  },
  {
    name: 'the key stays with its base_url',
    request: put({ base_url: OWN.base_url, model: 'm-2' }, { 'if-match': '$model_tag' }),
    expect: { status: 200, body: { model: 'm-2', has_api_key: true, input_usd_per_mtok: null } },
    effects: { language_models: 'changed', audit_log: 1 },
  },
  {
    name: 'a language model that has changed meanwhile is not overwritten',
    request: put(OWN, { 'if-match': '$model_tag' }),
    expect: { status: 412, code: 'precondition_failed' },
    effects: {},
  },
  {
    name: 'the key goes nowhere else',
    request: put({ base_url: 'https://elsewhere.example.test/v1', model: 'm-2' }),
    expect: { status: 422, code: 'model_key_needed', loc: ['body', 'api_key'] },
    effects: {},
  },
  ...[
    'http://127.0.0.1:1234/v1',
    'http://169.254.169.254/',
    'http://localhost/v1',
    'ftp://llm.example.test',
    'https://me:secret@llm.example.test',
    'https://llm.example.test/v1?key=x',
    'llm.example.test',
  ].map(
    (base_url): Scenario => ({
      name: `a base_url is refused: ${base_url}`,
      request: put({ ...OWN, base_url }),
      expect: { status: 422, code: 'model_url_refused', loc: ['body', 'base_url'] },
      effects: {},
    }),
  ),
  {
    name: 'one price alone is refused',
    request: put({ ...OWN, output_usd_per_mtok: 1 }),
    expect: { status: 422, loc: ['body', 'input_usd_per_mtok'] },
    effects: {},
  },
  {
    name: 'a key that no header can carry is refused',
    request: put({ ...OWN, api_key: 'sk\n' }),
    expect: { status: 422, loc: ['body', 'api_key'] },
    effects: {},
  },
  {
    name: 'a language model may need no key, and is forgotten',
    request: put({ ...OWN, api_key: null }),
    expect: { status: 200, body: { has_api_key: false } },
    effects: { language_models: 'changed', audit_log: 1 },
  },
  {
    name: 'a language model is forgotten',
    request: { method: 'DELETE', path: MODEL },
    expect: { status: 204 },
    effects: { language_models: 'changed', audit_log: 1 },
  },
  {
    name: 'once forgotten, rules write again; a tag from before is worth nothing',
    request: put(OWN, { 'if-match': '$model_tag' }),
    expect: { status: 412 },
    effects: {},
  },
]

export const writingScenarios: readonly Scenario[] = [...compared, ...inputs, ...generated, ...model]
