import type { Scenario } from '#tests/harness/http.ts'

const conversations = '/core/conversations'
const NOBODY = '0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d'
const BEGUN = { conversations: 1, conversation_items: 1 }

const begin = (body: object): Scenario['request'] => ({
  method: 'POST',
  path: conversations,
  body: { channel: 'text', ...body },
})

/** An agent of their own, so that nobody else's scenario hangs on what they do to it. */
export const conversationScenarios: readonly Scenario[] = [
  {
    name: 'an agent to talk to',
    request: { method: 'POST', path: '/core/agents', body: { name: 'Chat' } },
    expect: { status: 200 },
    effects: { agents: 1, audit_log: 1 },
    keep: { chat_agent: 'id' },
  },
  {
    name: 'nothing is published yet',
    request: begin({ agent_id: '$chat_agent' }),
    expect: { status: 409, code: 'no_published_version' },
    effects: {},
  },
  {
    name: 'a version that greets',
    request: {
      method: 'POST',
      path: '/core/agents/$chat_agent/versions',
      body: { config: { starting_message: 'Hello {{name}}.' } },
    },
    expect: { status: 200 },
    effects: { agent_versions: 1, audit_log: 1 },
    keep: { chat_version: 'id' },
  },
  {
    name: 'a draft is not talked to by its number',
    request: begin({ agent_id: '$chat_agent', version: 1 }),
    expect: { status: 409, code: 'version_not_published' },
    effects: {},
  },
  {
    name: 'a draft is talked to by its id, as a test that is not counted',
    request: begin({ agent_version_id: '$chat_version' }),
    expect: { status: 200, body: { conversation: { is_test: true, version: 1 }, starting_message: 'Hello .' } },
    effects: BEGUN,
  },
  {
    name: 'it is published',
    request: { method: 'POST', path: '/core/agents/$chat_agent/versions/1/publish' },
    expect: { status: 200 },
    effects: { agent_versions: 'changed', audit_log: 1, routing_changes: 1 },
  },
  {
    name: 'a conversation with the latest published version, counted',
    request: begin({
      agent_id: '$chat_agent',
      user_id: 'dora',
      initial_context: { name: 'Ann', age: 7, more: { x: 1 } },
      custom_metadata: { campaign: 'spring' },
    }),
    expect: {
      status: 200,
      body: {
        conversation: {
          channel: 'text',
          status: 'in_progress',
          direction: 'inbound',
          is_test: false,
          version: 1,
          user_id: 'dora',
          initial_context: { name: 'Ann', age: 7, more: { x: 1 } },
          custom_metadata: { campaign: 'spring' },
          routing: { rule: 'named', version: 1, named_by: 'agent_id' },
        },
        starting_message: 'Hello Ann.',
      },
    },
    effects: { ...BEGUN, conversation_counts: 1 },
  },
  {
    name: 'by its number, in a text',
    request: begin({ agent_id: '$chat_agent', version: '1' }),
    expect: { status: 200 },
    effects: { ...BEGUN, conversation_counts: 1 },
  },
  {
    name: 'a version that is not there',
    request: begin({ agent_id: '$chat_agent', version: 7 }),
    expect: { status: 404, code: 'version_not_found' },
    effects: {},
  },
  {
    name: 'a version id that is not there',
    request: begin({ agent_version_id: NOBODY }),
    expect: { status: 404, code: 'version_not_found' },
    effects: {},
  },
  {
    name: 'an agent that is not there',
    request: begin({ agent_id: NOBODY }),
    expect: { status: 404, code: 'agent_not_found' },
    effects: {},
  },
  {
    name: 'somebody else’s agent',
    as: 'other',
    request: begin({ agent_id: '$chat_agent' }),
    expect: { status: 404, code: 'agent_not_found' },
    effects: {},
  },
  {
    name: 'somebody else’s version',
    as: 'other',
    request: begin({ agent_version_id: '$chat_version' }),
    expect: { status: 404, code: 'version_not_found' },
    effects: {},
  },
  {
    name: 'a config of its own',
    request: begin({ agent_config: { starting_message: 'Bare.' } }),
    expect: { status: 200, body: { conversation: { agent: null, is_test: true }, starting_message: 'Bare.' } },
    effects: BEGUN,
  },
  {
    name: 'a config that is none',
    request: begin({ agent_config: { colour: 'red' } }),
    expect: { status: 422, code: 'invalid_request' },
    effects: {},
  },
  {
    name: 'nobody to talk to',
    request: begin({ agent_id: null }),
    expect: { status: 422, loc: ['body'] },
    effects: {},
  },
  {
    name: 'two to talk to',
    request: begin({ agent_id: '$chat_agent', agent_config: {} }),
    expect: { status: 422, loc: ['body'] },
    effects: {},
  },
  {
    name: 'a version of a version',
    request: begin({ agent_version_id: '$chat_version', version: 1 }),
    expect: { status: 422, loc: ['body'] },
    effects: {},
  },
  {
    name: 'a call is not placed',
    request: { method: 'POST', path: conversations, body: { channel: 'telephone', agent_id: '$chat_agent' } },
    expect: { status: 400, code: 'channel_unavailable' },
    effects: {},
  },
  {
    name: 'the agent is switched off',
    request: { method: 'PUT', path: '/core/agents/$chat_agent', body: { active: false } },
    expect: { status: 200 },
    effects: { agents: 'changed', audit_log: 1, routing_changes: 1 },
  },
  {
    name: 'an agent that is switched off begins nothing',
    request: begin({ agent_id: '$chat_agent' }),
    expect: { status: 409, code: 'agent_inactive' },
    effects: {},
  },
  {
    name: 'one conversation that ends',
    request: begin({ agent_config: {}, user_id: 'erin' }),
    expect: { status: 200, body: { starting_message: null } },
    effects: { conversations: 1 },
    keep: { ended_talk: 'conversation.id' },
  },
  {
    name: 'a message is answered',
    request: {
      method: 'POST',
      path: `${conversations}/$ended_talk/messages`,
      body: { text: 'Hello', message_id: 'one' },
    },
    expect: { status: 200, body: { tool_calls: [], written_by: 'offline', status: 'in_progress' } },
    effects: { conversation_items: 2, conversations: 'changed' },
  },
  {
    name: 'the same message is answered again, and does nothing',
    request: {
      method: 'POST',
      path: `${conversations}/$ended_talk/messages`,
      body: { text: 'Hello', message_id: 'one' },
    },
    expect: { status: 200 },
    effects: {},
  },
  {
    name: 'its id with other words',
    request: {
      method: 'POST',
      path: `${conversations}/$ended_talk/messages`,
      body: { text: 'Bye', message_id: 'one' },
    },
    expect: { status: 422, code: 'message_id_reused', loc: ['body', 'message_id'] },
    effects: {},
  },
  {
    name: 'its end, with a summary',
    request: { method: 'POST', path: `${conversations}/$ended_talk/end` },
    expect: { status: 200, body: { status: 'completed', summarized_by: 'offline' } },
    effects: { conversations: 'changed' },
  },
  {
    name: 'its end again',
    request: { method: 'POST', path: `${conversations}/$ended_talk/end` },
    expect: { status: 200, body: { status: 'completed', summarized_by: 'offline' } },
    effects: {},
  },
  {
    name: 'a message after the end',
    request: { method: 'POST', path: `${conversations}/$ended_talk/messages`, body: { text: 'Hello?' } },
    expect: { status: 409, code: 'conversation_ended' },
    effects: {},
  },
  {
    name: 'a message in no conversation',
    request: { method: 'POST', path: `${conversations}/${NOBODY}/messages`, body: { text: 'Hello?' } },
    expect: { status: 404, code: 'conversation_not_found' },
    effects: {},
  },
  {
    name: 'the end of no conversation',
    request: { method: 'POST', path: `${conversations}/${NOBODY}/end` },
    expect: { status: 404, code: 'conversation_not_found' },
    effects: {},
  },
  {
    name: 'what somebody said is erased',
    request: { method: 'POST', path: `${conversations}/erase`, body: { user_id: 'erin' } },
    expect: { status: 200, body: { conversations: 1, items: 2, still_open: 0 } },
    effects: { conversations: 'changed', conversation_items: -2, audit_log: 1 },
  },
  {
    name: 'one conversation that goes on',
    request: begin({ agent_config: {} }),
    expect: { status: 200 },
    effects: { conversations: 1 },
    keep: { open_talk: 'conversation.id' },
  },
  {
    name: 'another that goes on',
    request: begin({ agent_config: {} }),
    expect: { status: 200 },
    effects: { conversations: 1 },
    keep: { endless_talk: 'conversation.id' },
  },
]
