import type { Scenario } from '#tests/harness/http.ts'

const NOWHERE = '0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d'
const LINE = '+15551230020'
const slots = `/core/phone-numbers/${LINE}/slots`
const written = { audit_log: 1, routing_changes: 1 } as const
const changed = { phone_numbers: 'changed', ...written } as const

/** Whoever cannot answer, by what is wrong with it; `$agent` has two published versions and a draft, `$stub` none. */
export const UNANSWERABLE = [
  [{ agent_id: NOWHERE }, 404, 'agent_not_found'],
  [{ agent_id: '$agent', version: 17 }, 404, 'version_not_found'],
  [{ agent_id: '$agent', version: 3 }, 409, 'version_not_published'],
  [{ agent_id: '$stub' }, 409, 'no_published_version'],
] as const

/** After all others: `$line` is a number of their own. */
export const slotScenarios: readonly Scenario[] = [
  {
    name: 'a number to be routed',
    request: { method: 'POST', path: '/core/phone-numbers', body: { phone_number: LINE } },
    expect: { status: 200 },
    effects: { phone_numbers: 1, ...written },
    keep: { line: 'id' },
  },
  {
    name: 'an empty slot',
    as: 'reader',
    request: { method: 'GET', path: `${slots}/inbound` },
    expect: { status: 200, body: { agents: [] }, headers: { etag: '"$line.1"' } },
    effects: {},
  },
  {
    name: 'a slot with weights',
    request: {
      method: 'PUT',
      path: `${slots}/inbound`,
      body: {
        agents: [
          { agent_id: '$agent', version: 1, weight: 0.33335 },
          { agent_id: '$agent', version: 2, weight: 0.33335, arm: 'new', agent_version_id: 'ignored' },
          { agent_id: '$agent', weight: 0.3333 },
        ],
      },
      headers: { 'if-match': '"$line.1"' },
    },
    expect: {
      status: 200,
      body: {
        agents: [
          { agent_id: '$agent', version: 1, weight: 0.3334, arm: '$agent:1' },
          { version: 2, weight: 0.3333, arm: 'new' },
          { version: null, weight: 0.3333, arm: '$agent:latest' },
        ],
      },
      headers: { etag: '"$line.2"' },
    },
    effects: { ...changed, assignments: 1, slot_entries: 3 },
  },
  {
    name: 'equal shares, and the other direction as it was',
    request: {
      method: 'PUT',
      path: `${slots}/outbound`,
      body: {
        agents: [
          { agent_id: '$agent', version: 1 },
          { agent_id: '$agent', version: 2, weight: null, arm: null },
        ],
      },
    },
    expect: { status: 200, body: { agents: [{ weight: 0.5 }, { weight: 0.5 }] } },
    effects: { ...changed, assignments: 1, slot_entries: 2 },
  },
  {
    name: 'what was read can be sent back, and changes nothing',
    request: {
      method: 'PUT',
      path: `${slots}/outbound`,
      body: {
        agents: [
          { agent_id: '$agent', version: 1, weight: 0.5, arm: '$agent:1', agent_version_id: null },
          { agent_id: '$agent', version: 2, weight: 0.5, arm: '$agent:2', agent_version_id: null },
        ],
      },
    },
    expect: { status: 200, headers: { etag: '"$line.3"' } },
    effects: {},
  },
  {
    name: 'a number shows what its slots hold',
    request: { method: 'GET', path: `/core/phone-numbers/${LINE}` },
    expect: { status: 200, body: { inbound_agents: [{ weight: 0.3334 }, {}, {}], outbound_agents: [{}, {}] } },
    effects: {},
  },
  {
    name: 'a publish that keeps the split: the agent’s entries become one, under the heaviest one’s arm',
    request: {
      method: 'POST',
      path: '/core/agents/$agent/versions/2/publish',
      body: { phone_numbers: [LINE], keep_split: true },
    },
    expect: {
      status: 200,
      body: [{ inbound_agents: [{ version: 2, weight: 1, arm: '$agent:1' }], outbound_agents: [{}, {}] }],
    },
    effects: { ...changed, assignments: 1, slot_entries: 1 },
  },
  {
    name: 'the audit log shows the split as it was before a publish',
    as: 'reader',
    request: { method: 'GET', path: '/core/audit-log?action=version.publish&limit=1' },
    expect: {
      status: 200,
      body: [
        {
          before: {
            slots: [
              { phone_numbers: [LINE], inbound_agents: [{ weight_bp: 3334 }, {}, {}], outbound_agents: [{}, {}] },
            ],
          },
        },
      ],
    },
    effects: {},
  },
  {
    name: 'a slot is emptied',
    request: { method: 'PUT', path: `${slots}/outbound`, body: { agents: [] } },
    expect: { status: 200, body: { agents: [] } },
    effects: changed,
  },
  {
    name: 'there is no split to keep in an empty slot',
    request: {
      method: 'POST',
      path: '/core/agents/$agent/versions/2/publish',
      body: { phone_numbers: [LINE], keep_split: true, direction: 'both' },
    },
    expect: { status: 409, code: 'slot_without_agent' },
    effects: {},
  },
  ...UNANSWERABLE.map(
    ([entry, status, code]): Scenario => ({
      name: `a slot with somebody who cannot answer: ${code}`,
      request: {
        method: 'PUT',
        path: `${slots}/inbound`,
        body: { agents: [{ agent_id: '$agent', version: 1 }, entry] },
      },
      expect: { status, code },
      effects: {},
    }),
  ),
  ...(
    [
      ['version', [{ version: 1 }, { version: 1 }], 1],
      [
        'arm',
        [
          { version: 1, arm: 'x' },
          { version: 2, arm: 'x' },
        ],
        1,
      ],
      ['arm', [{ version: 1, arm: '$agent:2' }, { version: 2 }], 1],
      ['arm', [{ version: 1, arm: 'a\r\nb' }], 0],
      ['arm', [{ version: 1, arm: '' }], 0],
      ['weight', [{ version: 1, weight: 0.5 }, { version: 2 }], 1],
      [
        'weight',
        [
          { version: 1, weight: 0 },
          { version: 2, weight: 1 },
        ],
        0,
      ],
      ['weight', [{ version: 1, weight: -0.5 }], 0],
      ['weight', [{ version: 1, weight: 1.5 }], 0],
      ['weight', [{ version: 1, weight: '1' }], 0],
      ['version', [{ version: 0 }], 0],
      ['version', [{ version: 1_000_000_000 }], 0],
      ['wieght', [{ version: 1, wieght: 1 }], 0],
    ] as const
  ).map(
    ([key, entries, index]): Scenario => ({
      name: `a slot is refused: ${JSON.stringify(entries)}`,
      request: {
        method: 'PUT',
        path: `${slots}/inbound`,
        body: { agents: entries.map(entry => ({ agent_id: '$agent', ...entry })) },
      },
      expect: { status: 422, loc: ['body', 'agents', index, key] },
      effects: {},
    }),
  ),
  {
    name: 'weights that do not sum to 1',
    request: {
      method: 'PUT',
      path: `${slots}/inbound`,
      body: { agents: [1, 2].map(version => ({ agent_id: '$agent', version, weight: 0.4 })) },
    },
    expect: { status: 422, loc: ['body', 'agents'] },
    effects: {},
  },
  ...(['GET', 'PUT'] as const).map(
    (method): Scenario => ({
      name: `${method} of a slot of no number`,
      request: {
        method,
        path: '/core/phone-numbers/+15557770000/slots/inbound',
        ...(method === 'PUT' ? { body: { agents: [] } } : {}),
      },
      expect: { status: 404, code: 'number_not_found' },
      effects: {},
    }),
  ),
  {
    name: 'a slot of no direction',
    request: { method: 'GET', path: `${slots}/both` },
    expect: { status: 422, loc: ['path', 'direction'] },
    effects: {},
  },
]
