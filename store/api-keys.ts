import { sql } from 'kysely'
import type { ApiKey } from '#core/api-key.ts'
import type { Scope } from '#core/scopes.ts'
import type { Db, Tx } from '#store/database.ts'
import { afterPosition, type Listed, type Page, pageOf } from '#store/keyset.ts'

const COLUMNS = [
  'id as key_id',
  'organization_id',
  'name',
  'scopes',
  'expires_at',
  'last_used_at',
  'created_at',
] as const

export type NewApiKey = {
  readonly id: string
  readonly organization_id: string
  readonly name: string
  readonly secret_sha256: Buffer
  readonly scopes: readonly Scope[]
  readonly created_by: string | null
  readonly expires_at: string | null
}

export const insertApiKey = async (tx: Tx, row: NewApiKey): Promise<ApiKey> =>
  tx
    .insertInto('api_keys')
    .values({ ...row, scopes: [...row.scopes] })
    .returning(COLUMNS)
    .executeTakeFirstOrThrow()

/** A key that is not deleted, with the hash of its credential; expiry is the caller's to judge. */
export const findApiKey = async (
  db: Db,
  id: string,
): Promise<(ApiKey & { readonly secret_sha256: Buffer }) | undefined> =>
  db
    .selectFrom('api_keys')
    .select([...COLUMNS, 'secret_sha256'])
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()

export const listApiKeys = async (db: Db, organization_id: string, page: Page): Promise<Listed<ApiKey>> => {
  const query = db
    .selectFrom('api_keys')
    .select(COLUMNS)
    .where('organization_id', '=', organization_id)
    .where('deleted_at', 'is', null)
  const rows = await query
    .where(afterPosition(page, 'text'))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(page.limit + 1)
    .execute()
  return pageOf(
    rows,
    page,
    row => row.key_id,
    row => row,
  )
}

/** false when there was no such key. */
export const markApiKeyDeleted = async (tx: Tx, organization_id: string, id: string): Promise<boolean> => {
  const result = await tx
    .updateTable('api_keys')
    .set({ deleted_at: sql`now()` })
    .where('organization_id', '=', organization_id)
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

export const markApiKeyUsed = async (db: Db, id: string): Promise<void> => {
  await sql`update api_keys set last_used_at = now() where id = ${id}`.execute(db)
}
