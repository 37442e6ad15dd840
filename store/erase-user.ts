/** What one user said and was told, taken out of an organization's conversations. */
import { sql } from 'kysely'
import type { Tx } from '#store/database.ts'

export type Erased = {
  readonly conversations: number
  readonly items: number
  /** Calls that still go on, whose record is still being written; not touched. */
  readonly still_open: number
}

/**
 * The rows of the conversations stay, as numbers; who spoke and what was said goes, also from answers that were kept for
 * an Idempotency-Key. Written conversations are ended first.
 */
export const eraseUser = async (tx: Tx, organization_id: string, user_id: string): Promise<Erased> => {
  const { rows: found } = await sql<{ id: string; is_open: boolean }>`
    select id, channel <> 'text' and ended_at is null as is_open from conversations
    where organization_id = ${organization_id} and user_id = ${user_id} order by id for no key update`.execute(tx)
  const ids = found.filter(row => !row.is_open).map(row => row.id)
  // First of all, so that a turn that goes on can keep nothing behind what is deleted.
  await sql`delete from conversation_turns where conversation_id = any(${ids}::uuid[])`.execute(tx)
  const { numAffectedRows: items } = await sql`delete from conversation_items
    where conversation_id = any(${ids}::uuid[])`.execute(tx)
  // In the decision's trace the user stands as a whole value, never as a part of one.
  await sql`update conversations set user_id = null, initial_context = null, custom_metadata = null, summary = null,
      criteria = null, config = null, erased_at = now(), updated_at = now(),
      routing = replace(routing::text, to_jsonb(${user_id}::text)::text, '"erased"')::jsonb,
      status = case when ended_at is null then 'completed' else status end,
      end_reason = case when ended_at is null then 'erased' else end_reason end,
      ended_at = coalesce(ended_at, now())
    where organization_id = ${organization_id} and id = any(${ids}::uuid[])`.execute(tx)
  // A key's answer that has run out is forgotten by the next upkeep, and not given again until then.
  await sql`update idempotency_keys k set body = null, created_at = '-infinity'
    where organization_id = ${organization_id}
      and exists (select from unnest(${ids.map(String)}::text[]) id where strpos(k.body, id) > 0)`.execute(tx)
  return { conversations: ids.length, items: Number(items ?? 0n), still_open: found.length - ids.length }
}
