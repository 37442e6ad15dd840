import type { Scenario } from '#tests/harness/http.ts'

const NOWHERE = '0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d'
const datasets = '/knowledge-base/datasets'
const sources = `${datasets}/$dataset/sources`
const audited = { audit_log: 1 } as const
const queued = { knowledge_sources: 1, workflows: 1, workflow_steps: 1, audit_log: 2 } as const

const missing: readonly Scenario[] = (
  [
    ['GET', `${datasets}/${NOWHERE}`, 'knowledge_base_not_found'],
    ['DELETE', `${datasets}/${NOWHERE}`, 'knowledge_base_not_found'],
    ['POST', `${datasets}/${NOWHERE}/query`, 'knowledge_base_not_found', { query: 'x' }],
    ['POST', `${datasets}/${NOWHERE}/sources`, 'knowledge_base_not_found', { text: 'x' }],
    ['GET', `${datasets}/${NOWHERE}/sources`, 'knowledge_base_not_found'],
    ['GET', `${datasets}/${NOWHERE}/sources/${NOWHERE}`, 'knowledge_base_not_found'],
    ['DELETE', `${datasets}/${NOWHERE}/sources/${NOWHERE}`, 'knowledge_base_not_found'],
    ['POST', `${datasets}/${NOWHERE}/sources/${NOWHERE}/refresh`, 'knowledge_base_not_found'],
    ['GET', `${sources}/${NOWHERE}`, 'source_not_found'],
    ['DELETE', `${sources}/${NOWHERE}`, 'source_not_found'],
    ['POST', `${sources}/${NOWHERE}/refresh`, 'source_not_found'],
  ] as const
).map(([method, path, code, body]) => ({
  name: `${method} ${path}: nothing there`,
  request: { method, path, ...(body ? { body } : {}) },
  expect: { status: 404, code },
  effects: {},
}))

const refusedSources: readonly Scenario[] = (
  [
    ['no address', { url: 'not a url' }, 'source_url_refused', ['body', 'url']],
    ['the machine itself', { url: 'http://127.0.0.1/' }, 'source_url_refused', ['body', 'url']],
    [
      'what is no Base64',
      { file_name: 'a.txt', content_base64: 'a b=' },
      'source_content_malformed',
      ['body', 'content_base64'],
    ],
    ['a file of an unknown kind', { file_name: 'a.exe', content_base64: 'aaaa' }, 'source_type_unknown', ['body']],
    ['a text without a word', { text: '***' }, 'source_text_empty', ['body', 'text']],
    ['a text of too many passages', { text: '# a\nb\n'.repeat(6000) }, 'source_text_too_large', ['body', 'text']],
    ['two things at once', { text: 'a', url: 'https://example.com/' }, 'invalid_request', ['body']],
    ['nothing', { title: 'a' }, 'invalid_request', ['body']],
  ] as const
).map(([name, body, code, loc]) => ({
  name: `a source that is ${name}`,
  request: { method: 'POST', path: sources, body },
  expect: { status: 422, code, loc },
  effects: {},
}))

export const knowledgeScenarios: readonly Scenario[] = [
  {
    name: 'a dataset',
    request: { method: 'POST', path: datasets, body: { name: 'Riverside', language: 'de-CH' } },
    expect: {
      status: 200,
      body: { name: 'Riverside', description: null, language: 'de-CH', source_count: 0, chunk_count: 0 },
    },
    effects: { knowledge_bases: 1, ...audited },
    keep: { dataset: 'id' },
  },
  {
    name: 'a text becomes passages at once',
    request: { method: 'POST', path: sources, body: { text: '# Hours\n\nMonday to Friday.', title: 'Front desk' } },
    expect: {
      status: 200,
      body: {
        dataset_id: '$dataset',
        kind: 'text',
        title: 'Front desk',
        state: 'ready',
        failure: null,
        chunk_count: 1,
      },
    },
    effects: { knowledge_bases: 'changed', knowledge_sources: 1, knowledge_chunks: 1, knowledge_words: 6, ...audited },
    keep: { source: 'id' },
  },
  {
    name: 'a page is read in the background',
    request: { method: 'POST', path: sources, body: { url: 'https://riverside.example/prices' } },
    expect: { status: 200, body: { kind: 'url', state: 'queued', chunk_count: 0 } },
    effects: queued,
    keep: { page: 'id' },
  },
  {
    name: 'a page is in a dataset once',
    request: { method: 'POST', path: sources, body: { url: 'https://riverside.example/prices' } },
    expect: { status: 409, code: 'source_exists' },
    effects: {},
  },
  {
    name: 'a file is read in the background',
    request: { method: 'POST', path: sources, body: { file_name: 'list.PDF', content_base64: 'JVBERg==' } },
    expect: { status: 200, body: { kind: 'file', media_type: 'application/pdf', title: 'list.PDF', state: 'queued' } },
    effects: queued,
    keep: { file: 'id' },
  },
  ...refusedSources,
  ...missing,
  {
    name: 'a source',
    as: 'reader',
    request: { method: 'GET', path: `${sources}/$source` },
    expect: { status: 200, body: { id: '$source', state: 'ready' } },
    effects: {},
  },
  {
    name: 'the sources that wait',
    as: 'reader',
    request: { method: 'GET', path: `${sources}?state=queued` },
    expect: { status: 200, body: [{ kind: 'file' }, { kind: 'url' }] },
    effects: {},
  },
  {
    name: 'what was added is counted',
    as: 'reader',
    request: { method: 'GET', path: `${datasets}/$dataset` },
    expect: { status: 200, body: { source_count: 3, chunk_count: 1 } },
    effects: {},
  },
  {
    name: 'datasets by name',
    as: 'reader',
    request: { method: 'GET', path: `${datasets}?name=Riverside` },
    expect: { status: 200, body: [{ id: '$dataset' }] },
    effects: {},
  },
  {
    name: 'something is looked up, however it is written',
    as: 'reader',
    request: { method: 'POST', path: `${datasets}/$dataset/query`, body: { query: 'fryday', top_n: 1 } },
    expect: {
      status: 200,
      body: {
        results: [
          {
            source_id: '$source',
            dataset_id: '$dataset',
            text: '# Hours\n\nMonday to Friday.',
            place: { title: 'Front desk', url: null, file: null, page: null, heading: 'Hours', offset: 0 },
          },
        ],
        corrections: [{ asked: 'fryday', meant: 'friday' }],
      },
    },
    effects: {},
  },
  {
    name: 'a text is not read again',
    request: { method: 'POST', path: `${sources}/$source/refresh` },
    expect: { status: 409, code: 'source_not_refreshable' },
    effects: {},
  },
  {
    name: 'what waits is not read again',
    request: { method: 'POST', path: `${sources}/$page/refresh` },
    expect: { status: 409, code: 'source_being_read' },
    effects: {},
  },
  {
    name: 'a page goes',
    request: { method: 'DELETE', path: `${sources}/$page` },
    expect: { status: 204 },
    effects: { knowledge_sources: -1, ...audited },
  },
  {
    name: 'an agent that looks things up',
    request: { method: 'POST', path: '/core/agents', body: { name: 'Librarian' } },
    expect: { status: 200 },
    effects: { agents: 1, ...audited },
    keep: { librarian: 'id' },
  },
  {
    name: 'a version that names a dataset which is not there may be saved',
    request: {
      method: 'POST',
      path: '/core/agents/$librarian/versions',
      body: { config: { knowledge_bases: [{ id: '$dataset' }, { id: NOWHERE }] } },
    },
    expect: { status: 200 },
    effects: { agent_versions: 1, ...audited },
  },
  {
    name: 'and not be published',
    request: { method: 'POST', path: '/core/agents/$librarian/versions/1/publish' },
    expect: { status: 400, code: 'knowledge_base_missing' },
    effects: {},
  },
  {
    name: 'a version whose datasets are there',
    request: {
      method: 'POST',
      path: '/core/agents/$librarian/versions',
      body: {
        config: {
          tools: [{ name: 'look', actions: [{ type: 'knowledge_base', knowledge_base_id: '$dataset', query: 'x' }] }],
        },
      },
    },
    expect: { status: 200 },
    effects: { agent_versions: 1, ...audited },
  },
  {
    name: 'is published',
    request: { method: 'POST', path: '/core/agents/$librarian/versions/2/publish' },
    expect: { status: 200 },
    effects: { agent_versions: 'changed', routing_changes: 1, ...audited },
  },
  {
    name: 'a dataset that a live version uses stays',
    request: { method: 'DELETE', path: `${datasets}/$dataset` },
    expect: { status: 409, code: 'knowledge_base_in_use' },
    effects: {},
  },
  {
    name: 'a second dataset',
    request: { method: 'POST', path: datasets, body: { name: 'Spare' } },
    expect: { status: 200, body: { language: 'en' } },
    effects: { knowledge_bases: 1, ...audited },
    keep: { spare: 'id' },
  },
  {
    name: 'goes with what is in it',
    request: { method: 'DELETE', path: `${datasets}/$spare` },
    expect: { status: 204 },
    effects: { knowledge_bases: -1, ...audited },
  },
]

/** `$file` has failed by then. */
export const refreshed: Scenario = {
  name: 'a file is read again',
  request: { method: 'POST', path: `${sources}/$file/refresh` },
  expect: { status: 200, body: { state: 'queued', failure: null } },
  effects: { knowledge_sources: 'changed', workflows: 1, workflow_steps: 1, audit_log: 2 },
}
