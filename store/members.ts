/** People, and the organizations that they are members of. */
import { sql } from 'kysely'
import type { Member, MemberRole } from '#core/member.ts'
import type { Db, Tx } from '#store/database.ts'
import { afterPosition, type Listed, type Page, pageOf } from '#store/keyset.ts'

const membersOf = (db: Db, organization_id: string) =>
  db
    .selectFrom('memberships as m')
    .innerJoin('users as u', 'u.id', 'm.user_id')
    .select([
      'm.user_id',
      'm.organization_id',
      'u.email',
      'u.name',
      'm.role',
      'm.revision',
      'm.created_at',
      'm.updated_at',
    ])
    .where('m.organization_id', '=', organization_id)

export const insertUser = async (tx: Tx, row: { id: string; email: string; name: string }): Promise<void> => {
  await tx.insertInto('users').values(row).execute()
}

export const userExists = async (db: Db, id: string): Promise<boolean> =>
  (await db.selectFrom('users').select('id').where('id', '=', id).executeTakeFirst()) !== undefined

/** Whoever changes who belongs to an organization holds this: of two who each take away one of the last two admins, one waits. */
export const lockMembers = async (tx: Tx, organization_id: string): Promise<void> => {
  await tx.selectFrom('organizations').select('id').where('id', '=', organization_id).forNoKeyUpdate().execute()
}

type NewMembership = { readonly organization_id: string; readonly user_id: string; readonly role: MemberRole }

/** false when the person is a member already. */
export const insertMembership = async (tx: Tx, row: NewMembership): Promise<boolean> => {
  const result = await tx
    .insertInto('memberships')
    .values(row)
    .onConflict(conflict => conflict.doNothing())
    .executeTakeFirst()
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n
}

export const findMember = async (db: Db, organization_id: string, user_id: string): Promise<Member | undefined> =>
  membersOf(db, organization_id).where('m.user_id', '=', user_id).executeTakeFirst()

/** In any spelling of the address's case. */
export const emailIsTaken = async (db: Db, organization_id: string, email: string): Promise<boolean> => {
  const row = await membersOf(db, organization_id)
    .where(sql<boolean>`lower(u.email) = lower(${email})`)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

export const otherAdminExists = async (db: Db, organization_id: string, user_id: string): Promise<boolean> => {
  const row = await db
    .selectFrom('memberships')
    .select('user_id')
    .where('organization_id', '=', organization_id)
    .where('role', '=', 'admin')
    .where('user_id', '<>', user_id)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

export const updateRole = async (tx: Tx, row: NewMembership): Promise<void> => {
  await tx
    .updateTable('memberships')
    .set({ role: row.role, revision: sql`revision + 1`, updated_at: sql`now()` })
    .where('organization_id', '=', row.organization_id)
    .where('user_id', '=', row.user_id)
    .execute()
}

export const deleteMembership = async (tx: Tx, organization_id: string, user_id: string): Promise<void> => {
  await tx
    .deleteFrom('memberships')
    .where('organization_id', '=', organization_id)
    .where('user_id', '=', user_id)
    .execute()
}

export const listMembers = async (db: Db, organization_id: string, page: Page): Promise<Listed<Member>> => {
  const rows = await db
    .selectFrom(membersOf(db, organization_id).select('m.user_id as id').as('member'))
    .selectAll()
    .where(afterPosition(page, 'uuid'))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(page.limit + 1)
    .execute()
  return pageOf(
    rows,
    page,
    row => row.id,
    ({ id: _, ...member }) => member,
  )
}
