/** The operations on people: an organization's members, and each person's own tokens. */
import { Type as T } from 'typebox'
import { MEMBER_ROLES } from '#core/member.ts'
import { SCOPES } from '#core/scopes.ts'
import { MemberAnswer, NewMemberAnswer, NewPersonalTokenAnswer, PersonalTokenAnswer } from '#wire/core-member.ts'
import { NewCredential } from '#wire/new-credential.ts'
import { operation } from '#wire/operation.ts'
import { paged } from '#wire/parameters.ts'
import { closed, nullable, UUID_PATTERN, uuid, word } from '#wire/schema.ts'

const NewMember = closed(
  {
    email: T.Optional(
      nullable(T.String({ pattern: '^[^\\s@]+@[^\\s@]+$', maxLength: 254 }), {
        description: 'How to reach somebody new.',
        examples: ['ann@example.com'],
      }),
    ),
    name: T.Optional(nullable(T.String({ minLength: 1, maxLength: 200 }), { examples: ['Ann'] })),
    user_id: T.Optional(
      nullable(T.String({ pattern: UUID_PATTERN }), {
        description: 'Somebody known already, by the id that the person told you: `GET /admin/members/me` says it.',
      }),
    ),
    role: T.Optional(nullable(word(MEMBER_ROLES), { default: 'viewer' })),
  },
  { title: 'NewMemberRequest', description: 'Either `email` and `name`, or `user_id`.' },
)

const RoleChange = closed({ role: word(MEMBER_ROLES) }, { title: 'RoleChange' })
const ByUser = closed({ user_id: uuid({ description: 'The person’s id.' }) })
const tag = 'members'

export const memberOperations = {
  getOwnMembership: operation({
    method: 'GET',
    path: '/admin/members/me',
    tag,
    summary: 'The person whose token it is, in the organization named.',
    scope: 'any',
    answers: { 200: MemberAnswer },
    tagged: true,
    refusals: ['person_required'],
  }),
  getOwnScopes: operation({
    method: 'GET',
    path: '/admin/members/me/scopes',
    tag,
    summary: 'What the credential may do in the organization.',
    scope: 'any',
    answers: { 200: T.Array(word(SCOPES)) },
    refusals: [],
  }),
  addMember: operation({
    method: 'POST',
    path: '/admin/members',
    tag,
    summary: 'Add a person; somebody new gets a first token, shown this once.',
    scope: 'members:manage',
    body: NewMember,
    answers: { 200: NewMemberAnswer },
    tagged: true,
    refusals: ['role_exceeds_caller', 'user_not_found', 'member_exists', 'idempotency_secret_shown'],
  }),
  listMembers: operation({
    method: 'GET',
    path: '/admin/members',
    tag,
    summary: 'The members, newest first.',
    scope: 'members:read',
    query: paged({}),
    answers: { 200: T.Array(MemberAnswer) },
    listed: true,
    refusals: [],
  }),
  changeRole: operation({
    method: 'PATCH',
    path: '/admin/members/{user_id}',
    tag,
    summary: 'Give a member another role.',
    scope: 'members:manage',
    path_parameters: ByUser,
    body: RoleChange,
    answers: { 200: MemberAnswer },
    tagged: true,
    refusals: ['role_exceeds_caller', 'member_not_found', 'last_admin', 'precondition_failed'],
  }),
  removeMember: operation({
    method: 'DELETE',
    path: '/admin/members/{user_id}',
    tag,
    summary: 'Remove a member, whose tokens are refused here from then on.',
    scope: 'members:manage',
    path_parameters: ByUser,
    answers: { 204: null },
    refusals: ['member_not_found', 'last_admin', 'precondition_failed'],
  }),
  createPersonalToken: operation({
    method: 'POST',
    path: '/admin/users/me/pats',
    tag,
    summary: 'Make a token for yourself; its credential is shown this once.',
    scope: 'any',
    body: NewCredential,
    answers: { 200: NewPersonalTokenAnswer },
    refusals: ['person_required', 'scopes_exceed_creator', 'expiry_in_past', 'idempotency_secret_shown'],
  }),
  listPersonalTokens: operation({
    method: 'GET',
    path: '/admin/users/me/pats',
    tag,
    summary: 'Your tokens, newest first, without their secrets.',
    scope: 'any',
    query: paged({}),
    answers: { 200: T.Array(PersonalTokenAnswer) },
    listed: true,
    refusals: ['person_required'],
  }),
  deletePersonalToken: operation({
    method: 'DELETE',
    path: '/admin/users/me/pats/{key_id}',
    tag,
    summary: 'Delete a token of yours; it is refused from then on.',
    scope: 'any',
    path_parameters: closed({ key_id: T.String({ minLength: 1, maxLength: 100 }) }),
    answers: { 204: null },
    refusals: ['person_required', 'token_not_found'],
  }),
} as const
