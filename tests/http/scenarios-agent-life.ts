import type { Scenario } from '#tests/harness/http.ts'

const NOWHERE = '0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d'
const life = '/core/agents/$life'
const ONE = '+15551230001'
const list = (query: string) => ({ method: 'GET', path: `/core/agents?${query}` }) as const
const only = (name: string, query: string, body: readonly object[]): Scenario => ({
  name,
  as: 'reader',
  request: list(query),
  expect: { status: 200, body },
  effects: {},
})

const made: readonly Scenario[] = [
  {
    name: 'an agent is made where there is none of its name',
    request: {
      method: 'POST',
      path: '/core/agents',
      body: { name: 'Night 100%_desk', metadata: { region: 'eu', tags: ['a', 'b'], n: 1 } },
      headers: { 'if-none-match': '*' },
    },
    expect: { status: 200 },
    effects: { agents: 1, audit_log: 1 },
    keep: { life: 'id', life_made: 'header:etag', life_made_at: 'created_at' },
  },
  {
    name: 'an agent is not made where there is one of its name, which is named',
    request: {
      method: 'POST',
      path: '/core/agents',
      body: { name: 'Night 100%_desk' },
      headers: { 'if-none-match': '*' },
    },
    expect: {
      status: 412,
      code: 'agent_exists',
      body: { detail: 'An agent of this name exists already. ($life)' },
    },
    effects: {},
  },
]

const found: readonly Scenario[] = [
  only('an agent by its name', 'name=Night%20100%25_desk', [{ id: '$life', agent_id: '$life' }]),
  only('no agent by a part of its name', 'name=Night', []),
  only('an agent by a part of its name, in either case', 'name_contains=nIGHT%20100%25', [{ id: '$life' }]),
  only('a percent sign in a part of a name means itself', 'name_contains=N%25desk', []),
  only('an underscore in a part of a name means itself', 'name_contains=Night_100', []),
  only('a backslash in a part of a name means itself', 'name_contains=%5C', []),
  only('agents that are not active', 'active=false', [{ id: '$stub' }]),
  only('agents that are demos', 'is_demo=true', [{ id: '$stub' }]),
  only('an agent by its metadata', `metadata=${encodeURIComponent('{"region":"eu","tags":["b"]}')}`, [{ id: '$life' }]),
  only('no agent by other metadata', `metadata=${encodeURIComponent('{"region":"us"}')}`, []),
  only('an agent by when it was made', 'created_after=$life_made_at&created_before=$life_made_at', [{ id: '$life' }]),
  only('no agent of the future', 'updated_after=9000-01-01T00:00:00Z', []),
  only('agents, newest first', 'limit=2', [{ id: '$life' }, { id: '$stub' }]),
  only('several filters at once', 'name_contains=desk&active=true&is_demo=false', [{ id: '$life' }]),
  ...['[]', '7', 'null', '"x"', '{', '{"a":"\\u0000"}', '{"a":1e999}'].map(
    (text): Scenario => ({
      name: `metadata that is no object is refused: ${text}`,
      request: list(`metadata=${encodeURIComponent(text)}`),
      expect: {
        status: 422,
        code: 'invalid_request',
        loc: ['query', 'metadata', ...(text.startsWith('{"a') ? ['a'] : [])],
      },
      effects: {},
    }),
  ),
]

const changed: readonly Scenario[] = [
  {
    name: 'an agent’s revision is its ETag',
    as: 'reader',
    request: { method: 'GET', path: life },
    expect: { status: 200, headers: { etag: '"$life.1"' } },
    effects: {},
  },
  {
    name: 'an agent takes what is given and keeps the rest',
    request: {
      method: 'PUT',
      path: life,
      body: { description: 'At night.', metadata: { region: 'us' }, active: null },
      headers: { 'if-match': '$life_made' },
    },
    expect: {
      status: 200,
      body: { name: 'Night 100%_desk', description: 'At night.', metadata: { region: 'us' }, active: true },
      headers: { etag: '"$life.2"' },
    },
    effects: { agents: 'changed', audit_log: 1, routing_changes: 1 },
  },
  {
    name: 'an agent that has changed meanwhile is not overwritten',
    request: { method: 'PUT', path: life, body: { name: 'x' }, headers: { 'if-match': '$life_made' } },
    expect: { status: 412, code: 'precondition_failed' },
    effects: {},
  },
  {
    name: 'a tag that a proxy made weak, among others, is taken for what it says',
    request: { method: 'PUT', path: life, body: { name: 'Night' }, headers: { 'if-match': '"x", W/"$life.2"' } },
    expect: { status: 200, headers: { etag: '"$life.3"' } },
    effects: { agents: 'changed', audit_log: 1, routing_changes: 1 },
  },
  {
    name: 'an answer that was read can be sent back',
    request: {
      method: 'PUT',
      path: life,
      body: {
        ...{
          id: 'x',
          agent_id: 'x',
          organization_id: 5,
          versions: [],
          phone_numbers: [],
          widgets: [],
          created_at: 'x',
        },
        ...{ updated_at: 'x', sip_endpoint: null, conversation_stats: {}, name: 'Night', description: null },
      },
      headers: { 'if-match': '*' },
    },
    expect: { status: 200, body: { id: '$life', name: 'Night', description: 'At night.' } },
    effects: { agents: 'changed', audit_log: 1, routing_changes: 1 },
  },
  {
    name: 'a change of nothing changes nothing',
    request: { method: 'PUT', path: life, body: { name: null } },
    expect: { status: 200, body: { id: '$life' }, headers: { etag: '"$life.4"' } },
    effects: {},
  },
  ...[
    [{ name: '' }, 'name'],
    [{ metadata: [] }, 'metadata'],
    [{ colour: 'red' }, 'colour'],
  ].map(
    ([body, key]): Scenario => ({
      name: `a change is refused: ${JSON.stringify(body)}`,
      request: { method: 'PUT', path: life, body },
      expect: { status: 422, loc: ['body', String(key)] },
      effects: {},
    }),
  ),
  ...(['PUT', 'DELETE'] as const).map(
    (method): Scenario => ({
      name: `${method} of an agent that is not there`,
      request: { method, path: `/core/agents/${NOWHERE}`, ...(method === 'PUT' ? { body: { name: 'x' } } : {}) },
      expect: { status: 404, code: 'agent_not_found' },
      effects: {},
    }),
  ),
]

const versions: readonly Scenario[] = [
  {
    name: 'the versions of an agent, newest first, without configs',
    as: 'reader',
    request: { method: 'GET', path: '/core/agents/$agent/versions?limit=100' },
    expect: { status: 200, body: [{ version: 3 }, { version: 2 }, { version: 1 }] },
    effects: {},
  },
  ...(
    [
      ['version=2', [{ version: 2 }]],
      ['version=17', []],
      ['published=false', [{ version: 3 }]],
      ['published=true&version=3', []],
      ['created_after=9000-01-01T00:00:00Z', []],
      ['limit=1', [{ version: 3 }]],
    ] as const
  ).map(
    ([query, body]): Scenario => ({
      name: `versions by ${query}`,
      request: { method: 'GET', path: `/core/agents/$agent/versions?${query}` },
      expect: { status: 200, body },
      effects: {},
    }),
  ),
  {
    name: 'the versions of an agent that is not there',
    request: { method: 'GET', path: `/core/agents/${NOWHERE}/versions` },
    expect: { status: 404, code: 'agent_not_found' },
    effects: {},
  },
  {
    name: 'a version carries an ETag of its own',
    request: { method: 'POST', path: `${life}/versions`, body: { config: { instructions: 'Be awake.' } } },
    expect: { status: 200 },
    effects: { agent_versions: 1, audit_log: 1 },
    keep: { life_version: 'id', life_draft: 'header:etag' },
  },
  {
    name: 'a draft is changed by who has read it',
    request: {
      method: 'PUT',
      path: `${life}/versions/latest`,
      body: { config: { instructions: 'Be kind.' } },
      headers: { 'if-match': '$life_draft' },
    },
    expect: { status: 200, headers: { etag: '"$life_version.2"' } },
    effects: { agent_versions: 'changed', audit_log: 1 },
  },
  {
    name: 'a draft that has changed since it was read is not published',
    request: {
      method: 'POST',
      path: `${life}/versions/1/publish`,
      body: { phone_numbers: [ONE] },
      headers: { 'if-match': '$life_draft' },
    },
    expect: { status: 412, code: 'precondition_failed' },
    effects: {},
  },
  {
    name: 'the draft that was read is published',
    request: {
      method: 'POST',
      path: `${life}/versions/1/publish`,
      body: { phone_numbers: [ONE], direction: 'outbound' },
      headers: { 'if-match': '"$life_version.2"' },
    },
    expect: { status: 200, body: [{ outbound_agent_version_id: '$life_version' }] },
    effects: {
      ...{ agent_versions: 'changed', assignments: 1, slot_entries: 1, phone_numbers: 'changed' },
      ...{ audit_log: 1, routing_changes: 1 },
    },
  },
]

const gone: readonly Scenario[] = [
  {
    name: 'a deployed agent carries the ETag of its address',
    request: { method: 'POST', path: `${life}/deploy-as-sip` },
    expect: { status: 200, headers: { etag: '"$life.1"' } },
    effects: { sip_endpoints: 1, audit_log: 1, routing_changes: 1 },
  },
  {
    name: 'deploying it otherwise is a new revision',
    request: {
      method: 'POST',
      path: `${life}/deploy-as-sip`,
      body: { version: 1 },
      headers: { 'if-match': '"$life.1"' },
    },
    expect: { status: 200, headers: { etag: '"$life.2"' } },
    effects: { sip_endpoints: 'changed', audit_log: 1, routing_changes: 1 },
  },
  {
    name: 'a deleted agent takes its slots and its SIP address with it',
    request: { method: 'DELETE', path: life, headers: { 'if-match': '"$life.4"' } },
    expect: { status: 204 },
    effects: { agents: 'changed', phone_numbers: 'changed', sip_endpoints: -1, audit_log: 1, routing_changes: 1 },
  },
  ...[life, `${life}/versions`, `${life}/versions/1`, `${life}/versions/latest`].map(
    (path): Scenario => ({
      name: `a deleted agent is gone: ${path}`,
      request: { method: 'GET', path },
      expect: { status: 404, code: 'agent_not_found' },
      effects: {},
    }),
  ),
  {
    name: 'a deleted agent is deleted once',
    request: { method: 'DELETE', path: life },
    expect: { status: 404, code: 'agent_not_found' },
    effects: {},
  },
  only('a deleted agent is not listed', 'name=Night', []),
  {
    name: 'the slot of a deleted agent is empty',
    request: { method: 'GET', path: `/core/phone-numbers/${ONE}` },
    expect: { status: 200, body: { outbound_agents: [], outbound_agent_version_id: null } },
    effects: {},
  },
  {
    name: 'the name of a deleted agent is free',
    request: { method: 'POST', path: '/core/agents', body: { name: 'Night' }, headers: { 'if-none-match': '*' } },
    expect: { status: 200 },
    effects: { agents: 1, audit_log: 1 },
  },
]

const audited: readonly Scenario[] = [
  {
    name: 'the audit log tells what a deletion took, who did it and from where',
    as: 'reader',
    request: { method: 'GET', path: '/core/audit-log?subject=$life&action=agent.delete' },
    expect: {
      status: 200,
      body: [
        {
          subject: '$life',
          before: {
            name: 'Night',
            sip_endpoint: { version: 1 },
            slots: [{ phone_numbers: [ONE] }],
          },
          after: null,
          address: '127.0.0.1',
        },
      ],
    },
    effects: {},
  },
  {
    name: 'the audit log tells a change as before and after',
    as: 'reader',
    request: { method: 'GET', path: '/core/audit-log?subject=$life&action=agent.update' },
    expect: {
      status: 200,
      body: [
        { before: { name: 'Night' }, after: { name: 'Night' } },
        { before: { name: 'Night 100%_desk' }, after: { name: 'Night' } },
        {
          before: { description: null, metadata: { region: 'eu' } },
          after: { description: 'At night.', metadata: { region: 'us' } },
        },
      ],
    },
    effects: {},
  },
  ...['actor=nobody', 'created_before=2000-01-01T00:00:00Z'].map(
    (query): Scenario => ({
      name: `no entries by ${query}`,
      as: 'reader',
      request: { method: 'GET', path: `/core/audit-log?${query}` },
      expect: { status: 200, body: [] },
      effects: {},
    }),
  ),
]

/** After the scenarios of publishing: `$agent` has three versions, two of them published; `$stub` is the only demo. */
export const agentLifeScenarios: readonly Scenario[] = [...made, ...found, ...changed, ...versions, ...gone, ...audited]
