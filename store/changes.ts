/** The trail that processes with a routing table follow. */
import { sql } from 'kysely'
import { arrayLiteral } from '#store/array-literal.ts'
import type { Db, Tx } from '#store/database.ts'

type Change = {
  readonly number_ids: readonly string[]
  readonly agent_ids: readonly string[]
  readonly trunk_ids: readonly string[]
}

export const insertRoutingChange = async (tx: Tx, change: Change): Promise<void> => {
  const ids = (list: readonly string[]) => sql`${arrayLiteral(list)}::uuid[]`
  await sql`insert into routing_changes (number_ids, agent_ids, trunk_ids)
    values (${ids(change.number_ids)}, ${ids(change.agent_ids)}, ${ids(change.trunk_ids)})`.execute(tx)
}

/** Every transaction before this one has ended: what a reader has surely seen. Opaque. */
export type Horizon = string

export const readHorizon = async (db: Db): Promise<Horizon> => {
  const { rows } = await sql<{
    horizon: string
  }>`select pg_snapshot_xmin(pg_current_snapshot())::text as horizon`.execute(db)
  return rows[0]?.horizon ?? '0'
}

/**
 * Changes by transactions that had not ended at `since`, and the horizon to ask from next. A change may come twice, never
 * not at all: ids are drawn before commit, transaction ids are compared with what was still running.
 */
export const readChangesSince = async (
  db: Db,
  since: Horizon,
): Promise<{ readonly changes: readonly (Change & { readonly id: number })[]; readonly horizon: Horizon }> =>
  db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async tx => {
      const horizon = await readHorizon(tx)
      const { rows } = await sql<Change & { id: number }>`
      select id, number_ids, agent_ids, trunk_ids from routing_changes where xid >= ${since}::xid8 order by id`.execute(
        tx,
      )
      return { changes: rows, horizon }
    })

/** Forgets changes that every living process has long read. One that was cut off for longer does not notice: start it anew. */
export const pruneRoutingChanges = async (db: Db): Promise<void> => {
  await sql`delete from routing_changes where created_at < now() - interval '1 day'`.execute(db)
}
