/** The operations on conversations. */
import { Type as T } from 'typebox'
import { CONVERSATION_STATUSES } from '#core/conversation.ts'
import {
  BegunConversationAnswer,
  CHANNELS,
  ConversationAnswer,
  DIRECTIONS,
  EndedConversationAnswer,
  NewConversation,
  NewMessage,
  ReplyAnswer,
  UserErasure,
  UserErasureAnswer,
} from '#wire/core-conversation.ts'
import { operation } from '#wire/operation.ts'
import { ById, createdBetween, paged } from '#wire/parameters.ts'
import { uuid, word } from '#wire/schema.ts'

const ConversationFilters = paged({
  direction: T.Optional(word(DIRECTIONS)),
  channel: T.Optional(word(CHANNELS)),
  status: T.Optional(word(CONVERSATION_STATUSES)),
  user_id: T.Optional(T.String({ description: 'Part of the caller.', minLength: 1, maxLength: 255 })),
  agent_id: T.Optional(uuid()),
  agent_version_id: T.Optional(uuid()),
  agent_number: T.Optional(T.String({ minLength: 1, maxLength: 64 })),
  is_test: T.Optional(T.Boolean()),
  custom_metadata: T.Optional(
    T.String({
      description: 'A JSON object that the conversation’s must contain; needs conversations:read_sensitive.',
      maxLength: 4000,
      examples: ['{"campaign":"spring"}'],
    }),
  ),
  duration_above: T.Optional(T.Number({ description: 'Seconds.', minimum: 0, maximum: 1e9 })),
  duration_below: T.Optional(T.Number({ description: 'Seconds.', minimum: 0, maximum: 1e9 })),
  ...createdBetween,
})

/** How a language model, asked on somebody's behalf, can fail. */
const MODEL_FAULTS = [
  'model_unreachable',
  'model_refused',
  'model_overloaded',
  'model_broken_stream',
  'model_timeout',
] as const

export const conversationOperations = {
  listConversations: operation({
    method: 'GET',
    path: '/core/conversations',
    tag: 'conversations',
    summary: 'The conversations, newest first, without what was said.',
    scope: 'conversations:read',
    query: ConversationFilters,
    answers: { 200: T.Array(ConversationAnswer) },
    listed: true,
    refusals: [],
  }),
  getConversation: operation({
    method: 'GET',
    path: '/core/conversations/{id}',
    tag: 'conversations',
    summary: 'A conversation; what was said only with conversations:read_sensitive.',
    scope: 'conversations:read',
    path_parameters: ById,
    answers: { 200: ConversationAnswer },
    refusals: ['conversation_not_found'],
  }),
  beginConversation: operation({
    method: 'POST',
    path: '/core/conversations',
    tag: 'conversations',
    summary: 'Begin a written conversation with an agent, a version or a config.',
    scope: 'conversations:manage',
    body: NewConversation,
    answers: { 200: BegunConversationAnswer },
    refusals: [
      'channel_unavailable',
      'agent_not_found',
      'version_not_found',
      'no_published_version',
      'version_not_published',
      'agent_inactive',
      ...MODEL_FAULTS,
    ],
  }),
  sendMessage: operation({
    method: 'POST',
    path: '/core/conversations/{id}/messages',
    tag: 'conversations',
    summary: 'Say something and get the reply; with `Accept: text/event-stream` as it is written.',
    scope: 'conversations:manage',
    path_parameters: ById,
    body: NewMessage,
    answers: { 200: ReplyAnswer },
    kept_apart: true,
    refusals: [
      'conversation_not_found',
      'conversation_not_text',
      'conversation_ended',
      'conversation_busy',
      'message_id_reused',
      ...MODEL_FAULTS,
    ],
  }),
  endConversation: operation({
    method: 'POST',
    path: '/core/conversations/{id}/end',
    tag: 'conversations',
    summary: 'End a written conversation; again and again the same.',
    scope: 'conversations:manage',
    path_parameters: ById,
    answers: { 200: EndedConversationAnswer },
    kept_apart: true,
    refusals: ['conversation_not_found', 'conversation_not_text'],
  }),
  eraseUser: operation({
    method: 'POST',
    path: '/core/conversations/erase',
    tag: 'conversations',
    summary: 'Erase what one user said and was told, in every conversation of the organization.',
    scope: 'conversations:manage',
    body: UserErasure,
    answers: { 200: UserErasureAnswer },
    refusals: [],
  }),
} as const
