/** The trail that processes with a routing table follow. */
import { sql } from 'kysely'
import { arrayLiteral } from '#store/array-literal.ts'
import type { Db, Tx } from '#store/database.ts'
import { ahead, prepared } from '#store/pipelined.ts'

type Change = {
  readonly number_ids: readonly string[]
  readonly agent_ids: readonly string[]
  readonly trunk_ids: readonly string[]
  readonly schedule_ids: readonly string[]
  readonly organization_ids: readonly string[]
}

/** A failure is told by the transaction's next statement (store/pipelined.ts). */
export const insertRoutingChange = async (tx: Tx, change: Change): Promise<void> => {
  const ids = (list: readonly string[]) => sql`${arrayLiteral(list)}::uuid[]`
  await sql`${ahead}${prepared}insert into routing_changes (number_ids, agent_ids, trunk_ids, schedule_ids, organization_ids)
    values (${ids(change.number_ids)}, ${ids(change.agent_ids)}, ${ids(change.trunk_ids)}, ${ids(change.schedule_ids)},
      ${ids(change.organization_ids)})`.execute(tx)
}

/**
 * Every transaction before `xid` had ended at `at` (the database's time): what a reader has surely seen. `database`: which
 * one, on which timeline: another one's transactions say nothing about it, nor do those of a standby that was promoted or a
 * backup that was put back, which may have lost some and given their ids to others.
 */
export type Horizon = { readonly xid: string; readonly at: string; readonly database: string }

export const readHorizon = async (db: Db): Promise<Horizon> => {
  const { rows } = await sql<Horizon>`
    select pg_snapshot_xmin(pg_current_snapshot())::text as xid, now() as at,
      (select s.system_identifier || '/' || d.oid || '/' || c.timeline_id
        from pg_control_system() s, pg_control_checkpoint() c, pg_database d
        where d.datname = current_database()) as database`.execute(db)
  const [horizon] = rows
  if (horizon === undefined) throw new Error('the database did not say what it has seen')
  return horizon
}

/** How long the trail is kept, and how long a reader may be away before it has to read everything anew. */
const KEPT_HOURS = 24
const AWAY_MS_MAX = (KEPT_HOURS / 2) * 3_600_000

/** Whether what lies between two horizons may have been pruned, or nothing leads from one to the other. */
export const trailIsBroken = (since: Horizon, now: Horizon): boolean =>
  now.database !== since.database ||
  BigInt(now.xid) < BigInt(since.xid) ||
  Date.parse(now.at) - Date.parse(since.at) > AWAY_MS_MAX

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
      select id, number_ids, agent_ids, trunk_ids, schedule_ids, organization_ids from routing_changes where xid >= ${since.xid}::xid8 order by id`.execute(
        tx,
      )
      return { changes: rows, horizon }
    })

/** Forgets changes that every reader has read, or is away for too long to rely on. */
export const pruneRoutingChanges = async (db: Db): Promise<void> => {
  await sql`delete from routing_changes where created_at < now() - make_interval(hours => ${KEPT_HOURS})`.execute(db)
}
