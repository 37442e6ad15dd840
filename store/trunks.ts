import { sql } from 'kysely'
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
  'revision',
  'created_at',
  'updated_at',
] as const

const HAS_PASSWORDS = [
  sql<boolean>`inbound_secret is not null`.as('has_inbound_password'),
  sql<boolean>`outbound_secret is not null`.as('has_outbound_password'),
] as const

/** Secrets as sealed, for whoever may open them. */
export type TrunkSecrets = { readonly inbound_secret: string | null; readonly outbound_secret: string | null }
export type TrunkContent = Pick<Trunk, 'name' | 'inbound_config' | 'outbound_config'> & TrunkSecrets
export type NewTrunk = TrunkContent & Pick<Trunk, 'id' | 'organization_id' | 'is_default'>

const toColumns = ({ name, inbound_config, outbound_config, inbound_secret, outbound_secret }: TrunkContent) => ({
  name,
  inbound_config: JSON.stringify(inbound_config),
  outbound_config: JSON.stringify(outbound_config),
  inbound_secret,
  outbound_secret,
})

export const insertTrunk = async (tx: Tx, row: NewTrunk): Promise<Trunk> => {
  const { id, organization_id, is_default } = row
  return tx
    .insertInto('trunks')
    .values({ id, organization_id, is_default, ...toColumns(row) })
    .returning([...COLUMNS, ...HAS_PASSWORDS])
    .executeTakeFirstOrThrow()
}

export const updateTrunk = async (tx: Tx, id: string, content: TrunkContent): Promise<Trunk> =>
  tx
    .updateTable('trunks')
    .set({ ...toColumns(content), revision: sql`revision + 1`, updated_at: sql`now()` })
    .where('id', '=', id)
    .returning([...COLUMNS, ...HAS_PASSWORDS])
    .executeTakeFirstOrThrow()

export const deleteTrunk = async (tx: Tx, id: string): Promise<void> => {
  await tx.deleteFrom('trunks').where('id', '=', id).execute()
}

const trunksOf = (db: Db, organization_id: string) =>
  db
    .selectFrom('trunks')
    .select([...COLUMNS, ...HAS_PASSWORDS])
    .where('organization_id', '=', organization_id)

export const findTrunk = async (db: Db, organization_id: string, id: string): Promise<Trunk | undefined> =>
  trunksOf(db, organization_id).where('id', '=', id).executeTakeFirst()

/** The trunk as it is while this transaction lasts: nobody else changes or deletes it. */
export const lockTrunk = async (
  tx: Tx,
  organization_id: string,
  id: string,
): Promise<(Trunk & TrunkSecrets) | undefined> =>
  trunksOf(tx, organization_id)
    .select(['inbound_secret', 'outbound_secret'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()

/** The trunk that numbers are registered on, null for the default one; it cannot be deleted while this transaction lasts. */
export const holdTrunk = async (tx: Tx, organization_id: string, id: string | null): Promise<string | undefined> => {
  const trunks = tx.selectFrom('trunks').select('id').where('organization_id', '=', organization_id)
  const row = await (id === null ? trunks.where('is_default', '=', true) : trunks.where('id', '=', id))
    .forKeyShare()
    .executeTakeFirst()
  return row?.id
}

export const listTrunks = async (db: Db, organization_id: string, page: Page): Promise<Listed<Trunk>> => {
  const rows = await trunksOf(db, organization_id)
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
