import { sql } from 'kysely'
import type { Organization } from '#core/organization.ts'
import type { Db, Tx } from '#store/database.ts'
import { afterPosition, type Listed, type Page, pageOf } from '#store/keyset.ts'

const COLUMNS = ['id', 'name', 'slug', 'workspace_id', 'created_at'] as const

/** undefined when the slug is another's. */
export const insertOrganization = async (
  tx: Tx,
  row: { id: string; name: string; slug: string },
): Promise<Organization | undefined> =>
  tx
    .insertInto('organizations')
    .values(row)
    .onConflict(conflict => conflict.column('slug').doNothing())
    .returning(COLUMNS)
    .executeTakeFirst()

/** The organizations that a person is a member of, newest first. */
export const listOrganizationsOf = async (db: Db, user_id: string, page: Page): Promise<Listed<Organization>> => {
  const rows = await db
    .selectFrom('organizations')
    .select(COLUMNS)
    .where('id', 'in', memberships =>
      memberships.selectFrom('memberships').select('organization_id').where('user_id', '=', user_id),
    )
    .where(afterPosition(page, 'uuid'))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(page.limit + 1)
    .execute()
  return pageOf(
    rows,
    page,
    row => row.id,
    row => row,
  )
}

export const findOrganization = async (db: Db, id: string): Promise<Organization | undefined> =>
  db.selectFrom('organizations').select(COLUMNS).where('id', '=', id).executeTakeFirst()

export const anyOrganization = async (db: Db): Promise<Organization | undefined> =>
  db.selectFrom('organizations').select(COLUMNS).orderBy('workspace_id').limit(1).executeTakeFirst()

/** Any number that nobody else locks. */
const FIRST_START_LOCK = 7_283_420_118

/** Until the transaction ends, nobody else is past this: two programs that start at once make one organization. */
export const lockFirstStart = async (tx: Db): Promise<void> => {
  await sql`select pg_advisory_xact_lock(${FIRST_START_LOCK})`.execute(tx)
}
