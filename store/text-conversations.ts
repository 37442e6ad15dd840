/** Written conversations: made, taken turns in, ended. Times are the database's. */
import { sql } from 'kysely'
import type { CriterionRecord, ToolRecord } from '#core/conversation.ts'
import type { StoredItem } from '#core/turn.ts'
import type { AgentConfig, JsonObject } from '#core/version.ts'
import type { Usage, WrittenBy } from '#core/writer.ts'
import { listConversationItems } from '#store/conversations.ts'
import type { Db, Tx } from '#store/database.ts'

export type NewTextConversation = {
  readonly id: string
  readonly organization_id: string
  readonly user_id: string | null
  readonly agent_id: string | null
  readonly agent_version_id: string | null
  readonly agent_number: string | null
  readonly is_test: boolean
  readonly config: AgentConfig | null
  readonly initial_context: JsonObject | null
  readonly custom_metadata: JsonObject | null
  readonly routing: JsonObject
}

const jsonOrNull = (value: object | null): string | null => (value === null ? null : JSON.stringify(value))

export const insertTextConversation = async (tx: Tx, row: NewTextConversation): Promise<void> => {
  await sql`insert into conversations (id, organization_id, direction, channel, status, user_id, agent_id, agent_version_id,
      agent_number, is_test, config, initial_context, custom_metadata, routing, answered_at, created_at, updated_at)
    values (${row.id}, ${row.organization_id}, 'inbound', 'text', 'in_progress', ${row.user_id}, ${row.agent_id},
      ${row.agent_version_id}, ${row.agent_number}, ${row.is_test}, ${jsonOrNull(row.config)},
      ${jsonOrNull(row.initial_context)}, ${jsonOrNull(row.custom_metadata)}, ${JSON.stringify(row.routing)}, now(), now(),
      now())`.execute(tx)
}

/** What a turn needs to know of a conversation. */
export type ConversationState = {
  readonly id: string
  readonly organization_id: string
  readonly channel: 'telephone' | 'webrtc' | 'text'
  readonly ended_at: string | null
  readonly initial_context: JsonObject | null
  /** What it is led by; null: erased, or of an agent that is gone. */
  readonly config: AgentConfig | null
}

/** Under lock until the transaction ends: turns begin and end one after the other. */
export const lockConversation = async (
  tx: Tx,
  organization_id: string,
  id: string,
): Promise<ConversationState | undefined> => {
  const { rows } = await sql<ConversationState>`
    select c.id, c.organization_id, c.channel, c.ended_at, c.initial_context, coalesce(c.config, v.config) as config
    from conversations c left join agent_versions v on v.id = c.agent_version_id
    where c.organization_id = ${organization_id} and c.id = ${id} for no key update of c`.execute(tx)
  return rows[0]
}

export const listStoredItems = async (db: Db, conversation_id: string): Promise<readonly StoredItem[]> =>
  listConversationItems(db, conversation_id)

/** How long a turn is held by whoever does not say that it goes on. */
const HELD = sql`interval '15 seconds'`

/** false: another turn goes on. One whose holder is silent is overrun. */
export const holdTurn = async (
  tx: Tx,
  { organization_id, id }: Pick<ConversationState, 'organization_id' | 'id'>,
  turn_id: string,
): Promise<boolean> => {
  const { rows } = await sql`insert into conversation_turns as t (conversation_id, organization_id, turn_id, held_until)
    values (${id}, ${organization_id}, ${turn_id}, clock_timestamp() + ${HELD})
    on conflict (conversation_id) do update set turn_id = excluded.turn_id, held_until = excluded.held_until
    where t.held_until < clock_timestamp() returning turn_id`.execute(tx)
  return rows.length > 0
}

/** false: it is not ours any more. */
export const holdTurnLonger = async (db: Db, turn_id: string, conversation_id: string): Promise<boolean> => {
  const { numAffectedRows } = await sql`update conversation_turns set held_until = clock_timestamp() + ${HELD}
    where conversation_id = ${conversation_id} and turn_id = ${turn_id}`.execute(db)
  return numAffectedRows === 1n
}

/** Whether the turn is still ours; it stays so until the transaction ends. */
export const lockTurn = async (tx: Tx, turn_id: string, conversation_id: string): Promise<boolean> => {
  const { rows } = await sql`select from conversation_turns
    where conversation_id = ${conversation_id} and turn_id = ${turn_id} for update`.execute(tx)
  return rows.length > 0
}

export const endTurn = async (db: Db, turn_id: string, conversation_id: string): Promise<void> => {
  await sql`delete from conversation_turns
    where conversation_id = ${conversation_id} and turn_id = ${turn_id}`.execute(db)
}

export type NewTextItem = {
  readonly who: 'agent' | 'user'
  readonly text: string
  readonly message_id?: string
  readonly tool?: ToolRecord
  readonly written_by?: WrittenBy
  readonly first_word_ms?: number | null
  readonly took_ms?: number
  readonly usage?: Usage | null
}

/** Behind what is there; the conversation or its turn must be held. Answers the first one's position. */
export const appendItems = async (tx: Tx, conversation_id: string, items: readonly NewTextItem[]): Promise<number> => {
  const { rows } = await sql<{ next: number }>`select coalesce(max(position) + 1, 0) as next from conversation_items
    where conversation_id = ${conversation_id}`.execute(tx)
  const first = rows[0]?.next ?? 0
  if (items.length === 0) return first
  await tx
    .insertInto('conversation_items')
    .values(
      items.map((item, index) => ({
        ...{ conversation_id, position: first + index, who: item.who, text: item.text, interrupted: false },
        kind: item.tool ? ('tool_call' as const) : ('text' as const),
        tool: jsonOrNull(item.tool ?? null),
        message_id: item.message_id ?? null,
        replied_at: null,
        written_by: item.written_by ?? null,
        first_word_ms: item.first_word_ms ?? null,
        took_ms: item.took_ms ?? null,
        usage: jsonOrNull(item.usage ?? null),
        created_at: sql<string>`clock_timestamp()`,
      })),
    )
    .execute()
  return first
}

export const countUserTurn = async (tx: Tx, id: string): Promise<void> => {
  await sql`update conversations set user_turn_count = user_turn_count + 1, updated_at = now() where id = ${id}`.execute(
    tx,
  )
}

export const markReplied = async (tx: Tx, conversation_id: string, position: number): Promise<void> => {
  await sql`update conversation_items set replied_at = now()
    where conversation_id = ${conversation_id} and position = ${position}`.execute(tx)
}

/** Whoever is in a turn finds it gone. Ending what has ended changes nothing. */
export const endConversation = async (tx: Tx, organization_id: string, id: string, reason: string): Promise<void> => {
  await sql`update conversations set status = 'completed', end_reason = ${reason}, ended_at = now(), updated_at = now()
    where organization_id = ${organization_id} and id = ${id} and ended_at is null`.execute(tx)
  await sql`delete from conversation_turns where conversation_id = ${id}`.execute(tx)
}

export type SummaryRecord = {
  readonly summary: string
  readonly criteria: readonly CriterionRecord[]
  readonly summarized_by: WrittenBy
}

/** The first summary stays; what was erased gets none. */
export const saveSummary = async (
  db: Db,
  organization_id: string,
  id: string,
  record: SummaryRecord,
): Promise<void> => {
  await sql`update conversations set summary = ${record.summary}, criteria = ${JSON.stringify(record.criteria)},
      summarized_by = ${record.summarized_by}
    where organization_id = ${organization_id} and id = ${id} and summarized_by is null and erased_at is null`.execute(
    db,
  )
}

type Named = { readonly organization_id: string; readonly id: string }

/** Of all organizations. Ends the written conversations in which nobody has said anything for so long. */
export const endIdleConversations = async (db: Db, idle_seconds: number): Promise<number> =>
  db.transaction().execute(async tx => {
    const { rows } = await sql<Named>`update conversations c
      set status = 'completed', end_reason = 'idle', ended_at = now(), updated_at = now()
      where id in (select id from conversations where channel = 'text' and ended_at is null
          and updated_at < now() - make_interval(secs => ${idle_seconds}) limit 1000 for update skip locked)
      returning c.organization_id, c.id`.execute(tx)
    return rows.length
  })

/** Of all organizations: written conversations that ended and have no summary yet, the oldest first. */
export const listUnsummarized = async (db: Db, limit: number): Promise<readonly Named[]> => {
  const { rows } = await sql<Named>`select organization_id, id from conversations
    where channel = 'text' and ended_at is not null and ended_at < now() - interval '1 minute'
      and summarized_by is null and erased_at is null
    order by ended_at limit ${limit}`.execute(db)
  return rows
}
