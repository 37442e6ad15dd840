/** People in an organization, and what their role lets them do there. */
import { holds, READ_SCOPES, SCOPES, type Scope } from '#core/scopes.ts'

export const MEMBER_ROLES = ['admin', 'viewer'] as const
export type MemberRole = (typeof MEMBER_ROLES)[number]

/** A person as a member of one organization. Times RFC 3339 UTC. */
export type Member = {
  readonly user_id: string
  readonly organization_id: string
  readonly email: string
  readonly name: string
  readonly role: MemberRole
  readonly revision: number
  readonly created_at: string
  readonly updated_at: string
}

/** An admin may do everything; a viewer reads everything but what was said in conversations. */
export const ROLE_SCOPES: Readonly<Record<MemberRole, readonly Scope[]>> = { admin: SCOPES, viewer: READ_SCOPES }

/** What a person's token may do in an organization: what the role there and the token both hold. */
export const scopesThere = (role: MemberRole, token_scopes: readonly Scope[]): readonly Scope[] =>
  SCOPES.filter(scope => holds(ROLE_SCOPES[role], scope) && holds(token_scopes, scope))
