/** Conversations in the `/core` dialect. What was said is only for those who may read it. */

import { type Static, Type as T } from 'typebox'
import {
  CONVERSATION_STATUSES,
  type Conversation,
  type ConversationItem,
  ITEM_KINDS,
  type ToolRecord,
} from '#core/conversation.ts'
import { AgentConfigSchema } from '#wire/agent-config.ts'
import { anyObject, closed, nullable, time, uuid, word } from '#wire/schema.ts'

export const DIRECTIONS = ['inbound', 'outbound'] as const
export const CHANNELS = ['telephone', 'webrtc', 'text'] as const

const ToolRecordAnswer = closed(
  {
    name: T.String(),
    arguments: anyObject(),
    result: T.String({ description: 'What the agent was told.' }),
    error: nullable(T.String(), { description: 'Why it failed.' }),
  },
  { title: 'ToolCallRecord', description: 'A tool that the agent used, and what came of it.' },
)

const writtenBy = (whose: string) =>
  nullable(word(['model', 'offline']), {
    description: `Whether a language model or the offline rules wrote ${whose}; null: neither.`,
  })

const Item = closed(
  {
    at: time(),
    who: word(['agent', 'user']),
    kind: word(ITEM_KINDS),
    text: T.String(),
    interrupted: T.Boolean({ description: 'The other side spoke over it.' }),
    tool: T.Union([ToolRecordAnswer, T.Null()], { description: 'Of a tool call.' }),
    message_id: nullable(T.String(), { description: 'The client’s, of a written message.' }),
    written_by: writtenBy('it'),
    first_word_ms: nullable(T.Integer(), { description: 'From the user’s words to the first word of the reply.' }),
    took_ms: nullable(T.Integer(), {
      description: 'From the user’s words to the last of the reply; of a tool call, how long it took.',
    }),
  },
  { title: 'ConversationItem', description: 'Something said or written, keys pressed, or a tool that was used.' },
)

const Criterion = closed(
  {
    name: T.String(),
    met: nullable(T.Boolean(), { description: 'Null: nobody could say.' }),
    why: T.String(),
  },
  { title: 'CriterionResult' },
)

const sensitive = 'Null without conversations:read_sensitive.'

export const ConversationAnswer = closed(
  {
    id: uuid(),
    organization_id: uuid(),
    direction: word(DIRECTIONS),
    channel: word(CHANNELS),
    status: word(CONVERSATION_STATUSES),
    end_reason: nullable(T.String(), { description: 'Why it ended.' }),
    user_id: nullable(T.String(), { description: 'The caller, E.164 where it is a number.' }),
    agent: T.Union([closed({ id: uuid(), name: nullable(T.String()) }), T.Null()]),
    agent_id: nullable(uuid()),
    agent_version_id: nullable(uuid()),
    version: nullable(T.Integer({ minimum: 1 })),
    agent_number: nullable(T.String(), { description: 'The number that was called or called from.' }),
    routing: anyObject({ description: 'The decision that was taken, with its trace.' }),
    media: nullable(anyObject(), { description: 'RTP packets, counted; null until the call has ended.' }),
    duration: nullable(T.Number(), { description: 'Seconds from answer to end.' }),
    user_turn_count: T.Integer(),
    is_test: T.Boolean({
      description: 'With a draft, or with a config that is no version: not in the agent’s statistics.',
    }),
    summary: nullable(T.String(), { description: `Once it has ended. ${sensitive}` }),
    summarized_by: writtenBy('the summary'),
    criteria: T.Union([T.Array(Criterion), T.Null()], {
      description: `How the version’s success criteria were met. ${sensitive}`,
    }),
    conversation: T.Union([T.Array(Item), T.Null()], { description: `What was said; not part of lists. ${sensitive}` }),
    initial_context: nullable(anyObject(), {
      description: `What was known beforehand: given when it began, or variables of X- headers and the inbound webhook. ${sensitive}`,
    }),
    custom_metadata: nullable(anyObject(), {
      description: `What the client keeps with it, or the inbound webhook gave as metadata. ${sensitive}`,
    }),
    recording_details: nullable(anyObject(), { description: sensitive }),
    erased_at: nullable(time(), { description: 'When what the user said was erased.' }),
    answered_at: nullable(time()),
    ended_at: nullable(time()),
    created_at: time(),
    updated_at: time(),
  },
  { title: 'Conversation', description: 'One call or chat.' },
)

const toItemAnswer = (item: ConversationItem): Static<typeof Item> => ({
  at: item.at,
  who: item.who,
  kind: item.kind,
  text: item.text,
  interrupted: item.interrupted,
  tool: item.tool && toToolRecordAnswer(item.tool),
  message_id: publicMessageId(item.message_id),
  written_by: item.written_by,
  first_word_ms: item.first_word_ms,
  took_ms: item.took_ms,
})

const toToolRecordAnswer = ({
  name,
  arguments: given,
  result,
  error,
}: ToolRecord): Static<typeof ToolRecordAnswer> => ({
  ...{ name, arguments: given, result, error },
})

/** What an Idempotency-Key stands for is nobody's message_id (http/text-conversations.ts). */
export const KEYED = 'key '
const publicMessageId = (id: string | null): string | null => (id?.startsWith(KEYED) ? null : id)

/** `shows`: what may be seen of what was said; `items` null: they are not part of this answer. */
export const toConversationAnswer = (
  conversation: Conversation,
  shows: { readonly sensitive: boolean; readonly items: readonly ConversationItem[] | null },
): Static<typeof ConversationAnswer> => ({
  id: conversation.id,
  organization_id: conversation.organization_id,
  direction: conversation.direction,
  channel: conversation.channel,
  status: conversation.status,
  end_reason: conversation.end_reason,
  user_id: conversation.user_id,
  agent: conversation.agent_id === null ? null : { id: conversation.agent_id, name: conversation.agent_name },
  agent_id: conversation.agent_id,
  agent_version_id: conversation.agent_version_id,
  version: conversation.version,
  agent_number: conversation.agent_number,
  routing: conversation.routing,
  media: conversation.media,
  duration: conversation.duration_seconds,
  user_turn_count: conversation.user_turn_count,
  is_test: conversation.is_test,
  summary: shows.sensitive ? conversation.summary : null,
  summarized_by: conversation.summarized_by,
  criteria: shows.sensitive ? (conversation.criteria?.map(({ name, met, why }) => ({ name, met, why })) ?? null) : null,
  conversation: shows.sensitive ? (shows.items?.map(toItemAnswer) ?? null) : null,
  initial_context: shows.sensitive ? conversation.initial_context : null,
  custom_metadata: shows.sensitive ? conversation.custom_metadata : null,
  recording_details: null,
  erased_at: conversation.erased_at,
  answered_at: conversation.answered_at,
  ended_at: conversation.ended_at,
  created_at: conversation.created_at,
  updated_at: conversation.updated_at,
})

const VERSION = '^(latest|[1-9][0-9]{0,8})$'

export const NewConversation = closed(
  {
    channel: word(CHANNELS, { description: 'Only `text` can be begun so far.' }),
    user_id: T.Optional(
      nullable(T.String({ minLength: 1, maxLength: 255 }), {
        description: 'Who is spoken to: a number, or the client’s own name for somebody. Null: nobody in particular.',
      }),
    ),
    agent_id: T.Optional(nullable(uuid(), { description: 'An agent: its latest published version, or `version`.' })),
    version: T.Optional(
      T.Unsafe<string | number | null>({
        anyOf: [
          { type: 'integer', minimum: 1, maximum: 999_999_999 },
          { type: 'string', pattern: VERSION },
          { type: 'null' },
        ],
        description: 'With `agent_id`: a published version’s number, or `latest`, which is the latest published one.',
        default: 'latest',
        examples: ['latest', 3],
      }),
    ),
    agent_version_id: T.Optional(nullable(uuid(), { description: 'A version; a draft is talked to as a test.' })),
    agent_config: T.Optional(
      T.Union([AgentConfigSchema, T.Null()], { description: 'A config that is no version; always a test.' }),
    ),
    agent_number: T.Optional(nullable(T.String({ minLength: 1, maxLength: 64 }), { description: 'Kept with it.' })),
    initial_context: T.Optional(
      nullable(anyObject(), { description: 'What is known beforehand; its plain members are variables, `{{name}}`.' }),
    ),
    custom_metadata: T.Optional(nullable(anyObject(), { description: 'Whatever the client keeps with it.' })),
  },
  {
    title: 'NewConversation',
    description: 'Exactly one of `agent_id`, `agent_version_id` and `agent_config` says who answers.',
    examples: [{ channel: 'text', agent_id: '0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d', user_id: '+15557654321' }],
  },
)

export const BegunConversationAnswer = closed(
  {
    conversation: ConversationAnswer,
    starting_message: nullable(T.String(), { description: 'What the agent says first; null: it waits.' }),
  },
  { title: 'BegunConversation' },
)

export const NewMessage = closed(
  {
    text: T.String({
      minLength: 1,
      maxLength: 20_000,
      description: 'What the user says.',
      examples: ['When are you open?'],
    }),
    message_id: T.Optional(
      nullable(T.String({ minLength: 1, maxLength: 255, pattern: '^(?!key )' }), {
        description:
          'The client’s name for this message, unique in the conversation: the same again is the same message.',
      }),
    ),
  },
  { title: 'NewMessage', examples: [{ text: 'When are you open?', message_id: '1' }] },
)

export const ReplyAnswer = closed(
  {
    conversation_id: uuid(),
    reply: T.String(),
    tool_calls: T.Array(ToolRecordAnswer),
    written_by: word(['model', 'offline']),
    status: word(CONVERSATION_STATUSES, { description: '`completed`: the agent has ended the conversation.' }),
  },
  { title: 'Reply', description: 'What the agent says to a message.' },
)

export const EndedConversationAnswer = closed(
  {
    conversation_id: uuid(),
    status: word(CONVERSATION_STATUSES),
    duration: nullable(T.Number(), { description: 'Seconds.' }),
    summary: nullable(T.String(), { description: sensitive }),
    summarized_by: writtenBy('the summary'),
  },
  { title: 'EndedConversation' },
)

export const UserErasure = closed(
  { user_id: T.String({ minLength: 1, maxLength: 255, description: 'As it stands in the conversations.' }) },
  { title: 'UserErasure', examples: [{ user_id: '+15557654321' }] },
)

export const UserErasureAnswer = closed(
  {
    conversations: T.Integer({ description: 'How many were emptied; their rows stay, without the user.' }),
    items: T.Integer({ description: 'How much of what was said or done was erased.' }),
    still_open: T.Integer({
      description: 'Calls that still go on and were not touched: ask again when they have ended.',
    }),
  },
  { title: 'UserErasureResult' },
)
