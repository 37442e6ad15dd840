/** Answers that were given under an Idempotency-Key, for as long as they may be asked for again. */
import { sql } from 'kysely'
import type { Db, Tx } from '#store/database.ts'

/** An answer as it was sent. */
export type StoredAnswer = {
  readonly request_id: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** The body's text; null: none. */
  readonly body: string | null
  /** The credential whose secret the answer showed; such a body is not stored. */
  readonly secret_of: string | null
}

/** Whose key: one of an organization's credentials'. */
export type KeyOwner = { readonly organization_id: string; readonly credential_id: string; readonly key: string }

const KEPT = sql`interval '24 hours'`

/**
 * Holds the key for the length of this transaction; false while another transaction does. A holder whose process died is
 * let go when its connection closes, and at the latest when its transaction has been idle for a minute.
 */
export const holdKey = async (tx: Tx, { organization_id, credential_id, key }: KeyOwner): Promise<boolean> => {
  const { rows } = await sql<{ held: boolean }>`
    select set_config('idle_in_transaction_session_timeout', '60s', true),
      pg_try_advisory_xact_lock(hashtextextended(${`key ${organization_id} ${credential_id} ${key}`}, 0)) as held`.execute(
    tx,
  )
  return rows[0]?.held === true
}

export const findAnswer = async (
  tx: Tx,
  owner: KeyOwner,
): Promise<(StoredAnswer & { readonly request_sha256: Buffer }) | undefined> =>
  tx
    .selectFrom('idempotency_keys')
    .select(['request_sha256', 'request_id', 'status', 'headers', 'body', 'secret_of'])
    .where('organization_id', '=', owner.organization_id)
    .where('credential_id', '=', owner.credential_id)
    .where('key', '=', owner.key)
    .where(sql<boolean>`created_at > now() - ${KEPT}`)
    .executeTakeFirst()

/** In place of one that has run out. */
export const insertAnswer = async (
  tx: Tx,
  owner: KeyOwner,
  request_sha256: Buffer,
  answer: StoredAnswer,
): Promise<void> => {
  const row = { request_sha256, ...answer, headers: JSON.stringify(answer.headers) }
  await tx
    .insertInto('idempotency_keys')
    .values({ ...owner, ...row })
    .onConflict(conflict =>
      conflict
        .columns(['organization_id', 'credential_id', 'key'])
        .doUpdateSet({ ...row, created_at: sql<string>`now()` }),
    )
    .execute()
}

/** Forgets what may not be asked for any more. */
export const pruneAnswers = async (db: Db): Promise<void> => {
  await sql`delete from idempotency_keys where created_at < now() - ${KEPT}`.execute(db)
}
