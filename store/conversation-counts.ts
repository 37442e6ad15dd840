/** An agent's conversations in numbers, kept as they are written (sql/007): reading them never counts conversations. */
import { sql } from 'kysely'
import type { Db } from '#store/database.ts'

const SUMS = `coalesce(sum(total), 0) as total, coalesce(sum(active), 0) as active,
  coalesce(sum(inbound), 0) as inbound, coalesce(sum(outbound), 0) as outbound,
  coalesce(sum(completed), 0) as completed, coalesce(sum(failed), 0) as failed,
  coalesce(sum(transferred), 0) as transferred, coalesce(sum(unanswered), 0) as unanswered`

/** A `ConversationStats` of rows of conversation_counts, as SQL up to its `from`. */
export const SELECT_STATS = `select ${SUMS}, sum(talked_us) / nullif(sum(talked), 0) / 1000000 as average_duration_seconds,
  max(last_conversation_at) as last_conversation_at`

/**
 * Makes one row of an agent's many. Every row is deleted by one statement only, which adds what it deleted: two processes
 * that fold at once count nothing twice.
 */
export const foldConversationCounts = async (db: Db): Promise<void> => {
  await sql`with many as (select agent_id from conversation_counts group by agent_id having count(*) > 1),
    gone as (delete from conversation_counts where agent_id in (select agent_id from many) returning *)
    insert into conversation_counts
    select organization_id, agent_id, ${sql.raw(SUMS)}, coalesce(sum(talked), 0), coalesce(sum(talked_us), 0), max(last_conversation_at)
    from gone group by organization_id, agent_id`.execute(db)
}
