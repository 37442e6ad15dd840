/** What the workflows of all organizations need now and then. */
import { sql } from 'kysely'
import type { Db, Tx } from '#store/database.ts'

/** Forgets workflows that ended so long ago. */
export const pruneWorkflows = async (db: Db, kept_days: number): Promise<void> => {
  await sql`delete from workflows where finished_at < now() - make_interval(days => ${kept_days})`.execute(db)
}

export type OrphanedWorkflow = { readonly id: string; readonly organization_id: string }

/**
 * Takes hold of unfinished workflows that no job will ever come for: pg-boss forgets jobs that waited for weeks, or that
 * died a thousand times. Each is given the next of `job_ids`.
 */
export const adoptOrphans = async (
  tx: Tx,
  job_ids: readonly string[],
): Promise<readonly (OrphanedWorkflow & { job_id: string })[]> => {
  const { rows } = await sql<OrphanedWorkflow & { job_id: string }>`
    with orphans as (
      select w.id, row_number() over () as n from (
        select id from workflows w
        where finished_at is null and updated_at < now() - interval '1 minute'
          and not exists (select from pgboss.job j where j.id = w.job_id and j.state < 'completed')
        order by id limit ${job_ids.length} for update skip locked) w)
    update workflows w set job_id = j.job_id::uuid, status = 'queued', revision = revision + 1, updated_at = now()
    from orphans o join unnest(${[...job_ids]}::text[]) with ordinality as j (job_id, n) on j.n = o.n
    where w.id = o.id
    returning w.id, w.organization_id, w.job_id`.execute(tx)
  return rows
}
