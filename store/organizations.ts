import { sql } from 'kysely'
import type { Organization } from '#core/organization.ts'
import type { Db, Tx } from '#store/database.ts'

const COLUMNS = ['id', 'name', 'slug', 'workspace_id', 'created_at'] as const

export const insertOrganization = async (
  tx: Tx,
  row: { id: string; name: string; slug: string },
): Promise<Organization> => tx.insertInto('organizations').values(row).returning(COLUMNS).executeTakeFirstOrThrow()

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
