import type { Trunk } from '#core/trunk.ts'
import type { Db, Tx } from '#store/database.ts'
import { afterPosition, type Listed, type Page, pageOf } from '#store/keyset.ts'

const COLUMNS = [
  'id',
  'organization_id',
  'name',
  'is_default',
  'inbound_config',
  'outbound_config',
  'created_at',
  'updated_at',
] as const

export type NewTrunk = Omit<Trunk, 'created_at' | 'updated_at'>

export const insertTrunk = async (tx: Tx, row: NewTrunk): Promise<Trunk> =>
  tx
    .insertInto('trunks')
    .values({
      ...row,
      inbound_config: JSON.stringify(row.inbound_config),
      outbound_config: JSON.stringify(row.outbound_config),
    })
    .returning(COLUMNS)
    .executeTakeFirstOrThrow()

export const findTrunk = async (db: Db, organization_id: string, id: string): Promise<Trunk | undefined> =>
  db
    .selectFrom('trunks')
    .select(COLUMNS)
    .where('organization_id', '=', organization_id)
    .where('id', '=', id)
    .executeTakeFirst()

export const findDefaultTrunk = async (db: Db, organization_id: string): Promise<Trunk | undefined> =>
  db
    .selectFrom('trunks')
    .select(COLUMNS)
    .where('organization_id', '=', organization_id)
    .where('is_default', '=', true)
    .executeTakeFirst()

export const listTrunks = async (db: Db, organization_id: string, page: Page): Promise<Listed<Trunk>> => {
  const query = db.selectFrom('trunks').select(COLUMNS).where('organization_id', '=', organization_id)
  const rows = await query
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
