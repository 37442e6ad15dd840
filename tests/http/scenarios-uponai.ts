import type { Scenario } from '#tests/harness/http.ts'

const NOWHERE = '0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d'
const PATH = '/api/numbers/+15551230001/agent'
const account = { accountSid: '$organization', workspaceId: 1 }

const put = (body: object, path = PATH, headers: Readonly<Record<string, string>> = {}): Scenario['request'] => ({
  method: 'PUT',
  path,
  body: { ...account, ...body },
  headers,
})

const to = (agent_id: string, agent_version?: number) => ({
  inboundAgents: [{ agent_id, ...(agent_version === undefined ? {} : { agent_version }) }],
})

const refusals: readonly Scenario[] = (
  [
    ['a workspace that the account has not', put({ workspaceId: 2 }), 404, 'workspace_not_found'],
    ['a workspace beyond all integers', put({ workspaceId: 1e300 }), 404, 'workspace_not_found'],
    ['a number that is not there', put({}, '/api/numbers/+15557770000/agent'), 404, 'number_not_found'],
    ['an extension that is not there', put({}, '/api/numbers/7777/agent'), 404, 'number_not_found'],
    ['an agent that is not there', put(to(NOWHERE)), 400, 'agent_not_found'],
    ['a version that is not there', put(to('$agent', 17)), 400, 'version_not_found'],
    ['a draft', put(to('$agent', 2)), 400, 'version_not_published'],
    ['an agent that has published nothing', put(to('$stub')), 400, 'no_published_version'],
    ['time routing without a schedule', put({ isTimeRoutingEnabled: true }), 400, 'schedule_missing'],
    ['a webhook that cannot be asked', put({ inboundWebhookUrl: 'http://127.0.0.1/' }), 400, 'webhook_url_refused'],
    ['a stale revision', put({}, PATH, { 'if-match': '"stale.1"' }), 412, 'precondition_failed'],
  ] as const
).map(([name, request, status, code]) => ({
  name: `an assignment with ${name}`,
  request,
  expect: { status, code },
  effects: {},
}))

/** Near the end: `$agent` has published versions 1 and 2, 3 is a draft; `$stub` has none. */
export const uponaiScenarios: readonly Scenario[] = [
  ...refusals,
  {
    name: 'an assignment of one agent',
    request: put({ ...to('$agent', 1), outboundAgentId: '$agent' }),
    expect: {
      status: 200,
      body: {
        success: true,
        numbers: [{ number: '+15551230001', inbound_agent_version: 1, outbound_agent_version: null }],
      },
    },
    effects: {
      phone_numbers: 'changed',
      assignments: 2,
      slot_entries: 2,
      audit_log: 1,
      routing_changes: 1,
    },
  },
  {
    name: 'the same assignment again, which writes nothing',
    request: put({ ...to('$agent', 1), outboundAgentId: '$agent' }),
    expect: { status: 200, body: { message: 'The assignment of +15551230001 was so already.' } },
    effects: {},
  },
  {
    name: 'an assignment that says nothing',
    request: put({}),
    expect: { status: 200, body: { assignment: { is_time_routing_enabled: false } } },
    effects: {},
  },
  {
    name: 'the numbers of an account',
    as: 'reader',
    request: { method: 'GET', path: '/api/numbers/$organization' },
    expect: { status: 200, body: { success: true } },
    effects: {},
  },
  {
    name: 'the numbers of an account that cannot be read',
    request: { method: 'GET', path: '/api/numbers/%ZZ' },
    expect: { status: 404, code: 'not_found' },
    effects: {},
  },
]
