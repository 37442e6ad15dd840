/** The operations on phone numbers and trunks. */
import { Type as T } from 'typebox'
import { PhoneNumberAnswer } from '#wire/core-number.ts'
import { NewTrunk, TrunkAnswer, TrunkEdit } from '#wire/core-trunk.ts'
import { operation } from '#wire/operation.ts'
import { ById, ByNumber, changedBetween, extension, paged, phoneNumber } from '#wire/parameters.ts'
import { closed, ignored, nullable, UUID_PATTERN, uuid } from '#wire/schema.ts'

const NewPhoneNumber = closed(
  {
    phone_number: T.Optional(phoneNumber()),
    extension: T.Optional(extension()),
    base_number: T.Optional(phoneNumber()),
    trunk_id: T.Optional(
      nullable(T.String({ pattern: UUID_PATTERN }), {
        description: 'Where its calls come from and go out; null: the base number’s trunk, or else the default one.',
        default: null,
      }),
    ),
  },
  {
    title: 'NewPhoneNumber',
    examples: [{ phone_number: '+15551234567' }],
    description: 'Either `phone_number`, or `extension` and the `base_number` it hangs under.',
  },
)

const NumberEdit = closed(
  {
    outbound_shareable: T.Optional(
      nullable(T.Boolean(), { description: 'Whether other agents may call out from it; null changes nothing.' }),
    ),
    label: T.Optional(nullable(T.String({ maxLength: 200 }), { description: 'What people call it; null: nothing.' })),
    id: ignored(),
    organization_id: ignored(),
    phone_number: ignored(),
    base_number: ignored(),
    trunk_id: ignored(),
    inbound_agent_version_id: ignored(),
    outbound_agent_version_id: ignored(),
    inbound_agents: ignored(),
    outbound_agents: ignored(),
    created_at: ignored(),
    updated_at: ignored(),
  },
  {
    title: 'PhoneNumberEdit',
    examples: [{ label: 'Front desk' }],
    description:
      'What is given is changed; a number’s other fields are ignored. Its slots have a path of their own, and publishing.',
  },
)

const NumberFilters = paged({
  phone_number: T.Optional(
    T.String({ description: 'Part of the number.', minLength: 1, maxLength: 32, examples: ['+1555'] }),
  ),
  trunk_id: T.Optional(uuid()),
  ...changedBetween,
})

export const telephonyOperations = {
  registerNumber: operation({
    method: 'POST',
    path: '/core/phone-numbers',
    tag: 'phone numbers',
    summary: 'Register a phone number, or an extension beneath one.',
    scope: 'phone_numbers:manage',
    body: NewPhoneNumber,
    answers: { 200: PhoneNumberAnswer },
    tagged: true,
    refusals: ['number_malformed', 'number_exists', 'number_not_found', 'trunk_not_found'],
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
    path_parameters: ByNumber,
    answers: { 200: PhoneNumberAnswer },
    tagged: true,
    refusals: ['number_not_found'],
  }),
  updateNumber: operation({
    method: 'PATCH',
    path: '/core/phone-numbers/{phone_number}',
    tag: 'phone numbers',
    summary: 'Change what is said about a phone number.',
    scope: 'phone_numbers:manage',
    path_parameters: ByNumber,
    body: NumberEdit,
    answers: { 200: PhoneNumberAnswer },
    tagged: true,
    refusals: ['precondition_failed', 'number_not_found'],
  }),
  deleteNumber: operation({
    method: 'DELETE',
    path: '/core/phone-numbers/{phone_number}',
    tag: 'phone numbers',
    summary: 'Give up a phone number, with its slots; conversations stay.',
    scope: 'phone_numbers:manage',
    path_parameters: ByNumber,
    answers: { 204: null },
    refusals: ['precondition_failed', 'number_not_found', 'number_has_extensions'],
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
    tagged: true,
    refusals: ['trunk_not_found'],
  }),
  createTrunk: operation({
    method: 'POST',
    path: '/core/trunks',
    tag: 'trunks',
    summary: 'Make a trunk.',
    scope: 'trunks:manage',
    body: NewTrunk,
    answers: { 200: TrunkAnswer },
    tagged: true,
    refusals: ['trunk_credentials_incomplete'],
  }),
  updateTrunk: operation({
    method: 'PUT',
    path: '/core/trunks/{id}',
    tag: 'trunks',
    summary: 'Change a trunk.',
    scope: 'trunks:manage',
    path_parameters: ById,
    body: TrunkEdit,
    answers: { 200: TrunkAnswer },
    tagged: true,
    refusals: ['precondition_failed', 'trunk_not_found', 'trunk_credentials_incomplete'],
  }),
  deleteTrunk: operation({
    method: 'DELETE',
    path: '/core/trunks/{id}',
    tag: 'trunks',
    summary: 'Delete a trunk that no number is registered on.',
    scope: 'trunks:manage',
    path_parameters: ById,
    answers: { 204: null },
    refusals: ['precondition_failed', 'trunk_not_found', 'trunk_is_default', 'trunk_has_numbers'],
  }),
} as const
