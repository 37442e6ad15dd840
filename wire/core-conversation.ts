/** Conversations in the `/core` dialect. What was said is only for those who may read it. */

import { type Static, Type as T } from 'typebox'
import { CONVERSATION_STATUSES, type Conversation, type ConversationItem } from '#core/conversation.ts'
import { anyObject, closed, nullable, time, uuid, word } from '#wire/schema.ts'

export const DIRECTIONS = ['inbound', 'outbound'] as const
export const CHANNELS = ['telephone', 'webrtc', 'text'] as const

const Item = closed(
  {
    at: time(),
    who: word(['agent', 'user']),
    kind: word(['speech', 'dtmf']),
    text: T.String(),
    interrupted: T.Boolean({ description: 'The other side spoke over it.' }),
  },
  { title: 'ConversationItem', description: 'Something said, or keys pressed.' },
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
    summary: nullable(T.String(), { description: sensitive }),
    conversation: T.Union([T.Array(Item), T.Null()], { description: `What was said; not part of lists. ${sensitive}` }),
    initial_context: nullable(anyObject(), {
      description: `Variables of X- headers and the inbound webhook; not part of lists. ${sensitive}`,
    }),
    custom_metadata: nullable(anyObject(), {
      description: `What the inbound webhook gave as metadata; not part of lists. ${sensitive}`,
    }),
    recording_details: nullable(anyObject(), { description: sensitive }),
    answered_at: nullable(time()),
    ended_at: nullable(time()),
    created_at: time(),
    updated_at: time(),
  },
  { title: 'Conversation', description: 'One call or chat.' },
)

/** `items` null: they, and what else is sensitive, are not for this reader, or not part of this answer. */
export const toConversationAnswer = (
  conversation: Conversation,
  items: readonly ConversationItem[] | null,
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
  summary: null,
  conversation: items?.map(({ at, who, kind, text, interrupted }) => ({ at, who, kind, text, interrupted })) ?? null,
  initial_context: items && conversation.initial_context,
  custom_metadata: items && conversation.custom_metadata,
  recording_details: null,
  answered_at: conversation.answered_at,
  ended_at: conversation.ended_at,
  created_at: conversation.created_at,
  updated_at: conversation.updated_at,
})
