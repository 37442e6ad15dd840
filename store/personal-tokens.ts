import { sql } from 'kysely'
import type { MemberRole } from '#core/member.ts'
import type { PersonalToken } from '#core/personal-token.ts'
import type { Scope } from '#core/scopes.ts'
import type { Db, Tx } from '#store/database.ts'
import { afterPosition, type Listed, type Page, pageOf } from '#store/keyset.ts'

const COLUMNS = ['id as key_id', 'user_id', 'name', 'scopes', 'expires_at', 'last_used_at', 'created_at'] as const

export type NewPersonalToken = {
  readonly id: string
  readonly user_id: string
  readonly name: string
  readonly secret_sha256: Buffer
  readonly scopes: readonly Scope[]
  readonly expires_at: string | null
}

export const insertPersonalToken = async (tx: Tx, row: NewPersonalToken): Promise<PersonalToken> =>
  tx
    .insertInto('personal_tokens')
    .values({ ...row, scopes: [...row.scopes] })
    .returning(COLUMNS)
    .executeTakeFirstOrThrow()

export type TokenThere = PersonalToken & {
  readonly secret_sha256: Buffer
  /** The person's role in the organization asked about; null: none. */
  readonly role: MemberRole | null
}

/** A token that is not deleted, with what its person is in an organization; expiry is the caller's to judge. */
export const findPersonalToken = async (
  db: Db,
  id: string,
  organization_id: string | null,
): Promise<TokenThere | undefined> => {
  const { rows } = await sql<TokenThere>`
    select t.id as key_id, t.user_id, t.name, t.scopes, t.expires_at, t.last_used_at, t.created_at, t.secret_sha256, m.role
    from personal_tokens t
    left join memberships m on m.user_id = t.user_id and m.organization_id = ${organization_id}::uuid
    where t.id = ${id} and t.deleted_at is null`.execute(db)
  return rows[0]
}

export const listPersonalTokens = async (db: Db, user_id: string, page: Page): Promise<Listed<PersonalToken>> => {
  const rows = await db
    .selectFrom('personal_tokens')
    .select(COLUMNS)
    .where('user_id', '=', user_id)
    .where('deleted_at', 'is', null)
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

/** false when the person has no such token. */
export const markPersonalTokenDeleted = async (tx: Tx, user_id: string, id: string): Promise<boolean> => {
  const result = await tx
    .updateTable('personal_tokens')
    .set({ deleted_at: sql`now()` })
    .where('user_id', '=', user_id)
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

export const markPersonalTokenUsed = async (db: Db, id: string): Promise<void> => {
  await sql`update personal_tokens set last_used_at = now() where id = ${id}`.execute(db)
}
