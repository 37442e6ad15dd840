/** The operations on phone numbers, trunks and conversations. */
import { Type as T } from 'typebox'
import { CONVERSATION_STATUSES } from '#core/conversation.ts'
import { CHANNELS, ConversationAnswer, DIRECTIONS } from '#wire/core-conversation.ts'
import { PhoneNumberAnswer } from '#wire/core-number.ts'
import { TrunkAnswer } from '#wire/core-trunk.ts'
import { operation } from '#wire/operation.ts'
import { ById, changedBetween, createdBetween, paged, phoneNumber } from '#wire/parameters.ts'
import { closed, nullable, UUID_PATTERN, uuid, word } from '#wire/schema.ts'

const NewPhoneNumber = closed(
  {
    phone_number: phoneNumber(),
    trunk_id: T.Optional(
      nullable(T.String({ pattern: UUID_PATTERN }), {
        description: 'Where its calls come from and go out; null: the organization’s default trunk.',
        default: null,
      }),
    ),
  },
  { title: 'NewPhoneNumber' },
)

const NumberFilters = paged({
  phone_number: T.Optional(
    T.String({ description: 'Part of the number.', minLength: 1, maxLength: 32, examples: ['+1555'] }),
  ),
  trunk_id: T.Optional(uuid()),
  ...changedBetween,
})

const ConversationFilters = paged({
  direction: T.Optional(word(DIRECTIONS)),
  channel: T.Optional(word(CHANNELS)),
  status: T.Optional(word(CONVERSATION_STATUSES)),
  user_id: T.Optional(T.String({ description: 'Part of the caller.', minLength: 1, maxLength: 255 })),
  agent_id: T.Optional(uuid()),
  agent_version_id: T.Optional(uuid()),
  agent_number: T.Optional(T.String({ minLength: 1, maxLength: 64 })),
  duration_above: T.Optional(T.Number({ description: 'Seconds.', minimum: 0, maximum: 1e9 })),
  duration_below: T.Optional(T.Number({ description: 'Seconds.', minimum: 0, maximum: 1e9 })),
  ...createdBetween,
})

export const telephonyOperations = {
  registerNumber: operation({
    method: 'POST',
    path: '/core/phone-numbers',
    tag: 'phone numbers',
    summary: 'Register a phone number.',
    scope: 'phone_numbers:manage',
    body: NewPhoneNumber,
    answers: { 200: PhoneNumberAnswer },
    refusals: ['number_malformed', 'number_exists', 'trunk_not_found'],
  }),
  listNumbers: operation({
    method: 'GET',
    path: '/core/phone-numbers',
    tag: 'phone numbers',
    summary: 'The phone numbers, newest first.',
    scope: 'phone_numbers:read',
    query: NumberFilters,
    answers: { 200: T.Array(PhoneNumberAnswer) },
    listed: true,
    refusals: [],
  }),
  getNumber: operation({
    method: 'GET',
    path: '/core/phone-numbers/{phone_number}',
    tag: 'phone numbers',
    summary: 'A phone number with its two slots.',
    scope: 'phone_numbers:read',
    path_parameters: closed({ phone_number: phoneNumber() }),
    answers: { 200: PhoneNumberAnswer },
    refusals: ['number_not_found'],
  }),
  listTrunks: operation({
    method: 'GET',
    path: '/core/trunks',
    tag: 'trunks',
    summary: 'The trunks, newest first.',
    scope: 'trunks:read',
    query: paged({}),
    answers: { 200: T.Array(TrunkAnswer) },
    listed: true,
    refusals: [],
  }),
  getTrunk: operation({
    method: 'GET',
    path: '/core/trunks/{id}',
    tag: 'trunks',
    summary: 'A trunk.',
    scope: 'trunks:read',
    path_parameters: ById,
    answers: { 200: TrunkAnswer },
    refusals: ['trunk_not_found'],
  }),
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
} as const
