/** People in an organization: added, given a role, removed. */
import { by } from '#app/audit.ts'
import { forgetCallers } from '#app/authenticate.ts'
import { type App, beyondOrganization, type Caller, newId, transact } from '#app/context.ts'
import { addToken, type MadeToken } from '#app/personal-tokens.ts'
import { requireMatch } from '#app/preconditions.ts'
import { refuse } from '#app/refused.ts'
import { type Member, type MemberRole, ROLE_SCOPES } from '#core/member.ts'
import { holds, SCOPES } from '#core/scopes.ts'
import { insertAudit } from '#store/audit.ts'
import type { Tx } from '#store/database.ts'
import type { Listed, Page } from '#store/keyset.ts'
import {
  deleteMembership,
  emailIsTaken,
  findMember,
  insertMembership,
  insertUser,
  listMembers as listRows,
  lockMembers,
  otherAdminExists,
  updateRole,
  userExists,
} from '#store/members.ts'

export type NewPerson = { readonly email: string; readonly name: string }

export type AddedMember = {
  readonly member: Member
  /** The new person's first token; null for somebody who was known already and has tokens. */
  readonly first_token: MadeToken | null
}

/** Nobody hands out more than they hold, by way of somebody else either. */
const requireRole = (caller: Caller, role: MemberRole): void => {
  const beyond = ROLE_SCOPES[role].filter(scope => !holds(caller.scopes, scope))
  if (beyond.length > 0) refuse('role_exceeds_caller', beyond)
}

/**
 * People are known by their id, which they tell whoever adds them. An e-mail address finds nobody in other organizations:
 * it is not checked, so whoever wrote it down first could speak for its owner there.
 */
const findOrMake = async (
  app: App,
  tx: Tx,
  caller: Caller,
  who: NewPerson | { readonly user_id: string },
): Promise<{ readonly user_id: string; readonly first_token: MadeToken | null }> => {
  if ('user_id' in who) {
    const { user_id } = who
    if (!(await beyondOrganization(app, tx, () => userExists(tx, user_id)))) refuse('user_not_found', [user_id])
    return { user_id, first_token: null }
  }
  if (await emailIsTaken(tx, caller.organization_id, who.email)) refuse('member_exists', [who.email])
  const user_id = newId()
  const first_token = await beyondOrganization(app, tx, async () => {
    await insertUser(tx, { id: user_id, email: who.email, name: who.name })
    return addToken(tx, user_id, { name: 'First token', scopes: SCOPES, expires_at: null })
  })
  return { user_id, first_token }
}

const memberOrRefuse = async (tx: Tx, caller: Caller, user_id: string): Promise<Member> =>
  (await findMember(tx, caller.organization_id, user_id)) ?? refuse('member_not_found', [user_id])

export const addMember = async (
  app: App,
  caller: Caller,
  who: NewPerson | { readonly user_id: string },
  role: MemberRole,
): Promise<AddedMember> => {
  const { organization_id } = caller
  requireRole(caller, role)
  return transact(app, async tx => {
    await lockMembers(tx, organization_id)
    const { user_id, first_token } = await findOrMake(app, tx, caller, who)
    if (!(await insertMembership(tx, { organization_id, user_id, role }))) refuse('member_exists', [user_id])
    const token_id = first_token?.token.key_id
    const after = { ...who, role, ...(token_id === undefined ? {} : { token_id }) }
    await insertAudit(tx, { ...by(caller), action: 'member.add', subject: user_id, after })
    return { member: await memberOrRefuse(tx, caller, user_id), first_token }
  })
}

/** The person whose token it is. */
export const getOwnMembership = async (app: App, caller: Caller): Promise<Member> => {
  const user_id = caller.user_id ?? refuse('person_required')
  return (await findMember(app.db, caller.organization_id, user_id)) ?? refuse('not_a_member')
}

export const listMembers = async (app: App, caller: Caller, page: Page): Promise<Listed<Member>> =>
  listRows(app.db, caller.organization_id, page)

/** An organization that has admins keeps one. */
const requireAnotherAdmin = async (tx: Tx, member: Member): Promise<void> => {
  if (member.role !== 'admin') return
  if (!(await otherAdminExists(tx, member.organization_id, member.user_id))) refuse('last_admin', [member.user_id])
}

/** In this process at once, elsewhere within a second. */
const forgetMember = (app: App, { organization_id }: Caller, user_id: string): void =>
  forgetCallers(app, known => known.user_id === user_id && known.organization_id === organization_id)

export const changeRole = async (app: App, caller: Caller, user_id: string, role: MemberRole): Promise<Member> => {
  const { organization_id } = caller
  requireRole(caller, role)
  const changed = await transact(app, async tx => {
    await lockMembers(tx, organization_id)
    const before = await memberOrRefuse(tx, caller, user_id)
    requireMatch(caller, { id: user_id, revision: before.revision })
    if (before.role === role) return before
    await requireAnotherAdmin(tx, before)
    await updateRole(tx, { organization_id, user_id, role })
    const change = { before: { role: before.role }, after: { role } }
    await insertAudit(tx, { ...by(caller), action: 'member.update', subject: user_id, ...change })
    return memberOrRefuse(tx, caller, user_id)
  })
  forgetMember(app, caller, user_id)
  return changed
}

export const removeMember = async (app: App, caller: Caller, user_id: string): Promise<void> => {
  const { organization_id } = caller
  await transact(app, async tx => {
    await lockMembers(tx, organization_id)
    const before = await memberOrRefuse(tx, caller, user_id)
    requireMatch(caller, { id: user_id, revision: before.revision })
    await requireAnotherAdmin(tx, before)
    await deleteMembership(tx, organization_id, user_id)
    await insertAudit(tx, { ...by(caller), action: 'member.remove', subject: user_id, before: { role: before.role } })
  })
  forgetMember(app, caller, user_id)
}
