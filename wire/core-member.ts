/** People, their memberships and their tokens in the `/core` dialect. */
import { type Static, Type as T } from 'typebox'
import { MEMBER_ROLES, type Member } from '#core/member.ts'
import type { PersonalToken } from '#core/personal-token.ts'
import { SCOPES } from '#core/scopes.ts'
import { closed, nullable, time, uuid, word } from '#wire/schema.ts'

const member = {
  user_id: uuid({ description: 'The person, in every organization the same.' }),
  organization_id: uuid(),
  email: T.String(),
  name: T.String(),
  role: word(MEMBER_ROLES),
  created_at: time(),
  updated_at: time(),
} as const

export const MemberAnswer = closed(member, { title: 'Member', description: 'A person in the organization.' })

export const NewMemberAnswer = closed(
  {
    ...member,
    key_id: nullable(T.String(), { description: 'The new person’s first token; null for somebody known already.' }),
    pat_key: nullable(T.String(), {
      description: 'Its credential, for the person. It is shown this once.',
      examples: ['pat_<id>.<secret>'],
    }),
  },
  { title: 'NewMember', description: 'A member, and the first token of a person who is new.' },
)

const token = {
  key_id: T.String(),
  name: T.String(),
  scopes: T.Array(word(SCOPES), {
    description: 'What it may do at most; in an organization, what the role there allows of it.',
  }),
  expires_at: nullable(T.Integer(), {
    description:
      'Milliseconds since 1970: as it was given, or when the credential it was made with ends, if that is sooner; null: never.',
  }),
  last_used_at: nullable(time()),
  created_at: time(),
} as const

export const PersonalTokenAnswer = closed(token, {
  title: 'PersonalToken',
  description: 'A person’s token, without its secret.',
})

export const NewPersonalTokenAnswer = closed(
  {
    ...token,
    pat_key: T.String({ description: 'The credential. It is shown this once.', examples: ['pat_<id>.<secret>'] }),
  },
  { title: 'NewPersonalToken', description: 'A token and its credential.' },
)

export const toMemberAnswer = (row: Member): Static<typeof MemberAnswer> => ({
  user_id: row.user_id,
  organization_id: row.organization_id,
  email: row.email,
  name: row.name,
  role: row.role,
  created_at: row.created_at,
  updated_at: row.updated_at,
})

export const toPersonalTokenAnswer = (row: PersonalToken): Static<typeof PersonalTokenAnswer> => ({
  key_id: row.key_id,
  name: row.name,
  scopes: [...row.scopes],
  expires_at: row.expires_at === null ? null : Date.parse(row.expires_at),
  last_used_at: row.last_used_at,
  created_at: row.created_at,
})
