import { type RawBuilder, sql } from 'kysely'
import type { Conversation, ConversationItem, ConversationStatus } from '#core/conversation.ts'
import type { JsonObject } from '#core/version.ts'
import type { Db, Tx } from '#store/database.ts'
import { afterPosition, type Listed, type Page, pageOf } from '#store/keyset.ts'

export type ConversationFilters = {
  readonly direction?: Conversation['direction']
  readonly channel?: Conversation['channel']
  readonly status?: ConversationStatus
  /** Substring. */
  readonly user_id?: string
  readonly agent_id?: string
  readonly agent_version_id?: string
  readonly agent_number?: string
  readonly is_test?: boolean
  /** Contained in the conversation's. */
  readonly custom_metadata?: JsonObject
  readonly duration_above?: number
  readonly duration_below?: number
  readonly created_after?: string
  readonly created_before?: string
}

const SELECT = sql`select c.id, c.organization_id, c.direction, c.channel, c.status, c.end_reason, c.user_id, c.agent_id,
    a.name as agent_name, c.agent_version_id, v.version, c.agent_number, c.routing, c.media,
    extract(epoch from c.ended_at - c.answered_at)::float8 as duration_seconds, c.user_turn_count,
    c.is_test, c.initial_context, c.custom_metadata, c.summary, c.criteria, c.summarized_by, c.erased_at, c.answered_at, c.ended_at, c.created_at, c.updated_at
  from conversations c
  left join agents a on a.id = c.agent_id
  left join agent_versions v on v.id = c.agent_version_id`

const DURATION = sql`extract(epoch from c.ended_at - c.answered_at)`

/** Each filter that is given, as a condition. */
const CONDITIONS: {
  readonly [K in keyof Required<ConversationFilters>]: (value: Required<ConversationFilters>[K]) => RawBuilder<boolean>
} = {
  direction: value => sql`c.direction = ${value}`,
  channel: value => sql`c.channel = ${value}`,
  status: value => sql`c.status = ${value}`,
  user_id: value => sql`strpos(c.user_id, ${value}) > 0`,
  agent_id: value => sql`c.agent_id = ${value}::uuid`,
  agent_version_id: value => sql`c.agent_version_id = ${value}::uuid`,
  agent_number: value => sql`c.agent_number = ${value}`,
  is_test: value => sql`c.is_test = ${value}`,
  custom_metadata: value => sql`c.custom_metadata @> ${JSON.stringify(value)}::jsonb`,
  duration_above: value => sql`${DURATION} >= ${value}`,
  duration_below: value => sql`${DURATION} <= ${value}`,
  created_after: value => sql`c.created_at >= ${value}::timestamptz`,
  created_before: value => sql`c.created_at <= ${value}::timestamptz`,
}

const conditionsOf = (filters: ConversationFilters): readonly RawBuilder<boolean>[] =>
  Object.entries(filters).flatMap(([name, value]) => {
    const condition = CONDITIONS[name as keyof ConversationFilters] as (value: unknown) => RawBuilder<boolean>
    return value === undefined ? [] : [condition(value)]
  })

export const listConversations = async (
  db: Db,
  organization_id: string,
  page: Page,
  filters: ConversationFilters,
): Promise<Listed<Conversation>> => {
  const conditions = [
    sql<boolean>`c.organization_id = ${organization_id}`,
    afterPosition(page, 'uuid', 'c'),
    ...conditionsOf(filters),
  ]
  const { rows } = await sql<Conversation>`${SELECT} where ${sql.join(conditions, sql` and `)}
    order by c.created_at desc, c.id desc limit ${page.limit + 1}`.execute(db)
  return pageOf(
    rows,
    page,
    row => row.id,
    row => row,
  )
}

export const findConversation = async (
  db: Db,
  organization_id: string,
  id: string,
): Promise<Conversation | undefined> => {
  const { rows } = await sql<Conversation>`${SELECT}
    where c.organization_id = ${organization_id} and c.id = ${id}`.execute(db)
  return rows[0]
}

const ITEM_COLUMNS = [
  'position',
  'created_at as at',
  'who',
  'kind',
  'text',
  'interrupted',
  'tool',
  'message_id',
  'replied_at',
  'written_by',
  'first_word_ms',
  'took_ms',
] as const

export const listConversationItems = async (
  db: Db,
  conversation_id: string,
): Promise<readonly (ConversationItem & { readonly position: number })[]> =>
  db
    .selectFrom('conversation_items')
    .select(ITEM_COLUMNS)
    .where('conversation_id', '=', conversation_id)
    .orderBy('position')
    .execute()

/** What is known of a conversation so far; `null` members are not known yet and change nothing. Times RFC 3339. */
export type ConversationPatch = {
  readonly id: string
  readonly status: ConversationStatus | null
  readonly end_reason: string | null
  readonly media: object | null
  readonly user_turns: number
  readonly answered_at: string | null
  readonly ended_at: string | null
  readonly updated_at: string
}

export type NewConversation = ConversationPatch & {
  readonly organization_id: string
  readonly edge_id: string
  readonly direction: 'inbound' | 'outbound'
  readonly user_id: string | null
  readonly agent_id: string | null
  readonly agent_version_id: string | null
  readonly agent_number: string | null
  readonly routing: object
  /** Variables and metadata that the call came with. */
  readonly initial_context: object | null
  readonly custom_metadata: object | null
  readonly created_at: string
}

/** Why another process ended a conversation whose own fell silent. */
const PRESUMED = 'process_died'
/** When something was last known of a conversation `c`: a presumed end is that, however late it was presumed. */
const LAST_KNOWN = sql`case when c.end_reason is distinct from ${PRESUMED} then c.updated_at else c.ended_at end`

/**
 * Writing the same rows twice leaves one of each: a batch whose commit was not seen is simply written again. A row may know
 * more than the one that is there: a process that died between the two has left it to the next; or less, where what came
 * after it was written at once and stood in no file.
 */
export const insertConversations = async (tx: Tx, rows: readonly NewConversation[]): Promise<void> => {
  if (rows.length === 0) return
  await sql`insert into conversations as c (id, organization_id, edge_id, direction, channel, status, end_reason, user_id,
      agent_id, agent_version_id, agent_number, routing, media, initial_context, custom_metadata, user_turn_count,
      answered_at, ended_at, created_at, updated_at)
    select id, organization_id, edge_id, direction, 'telephone', status, end_reason, user_id,
      agent_id, agent_version_id, agent_number, routing, media, initial_context, custom_metadata, user_turns,
      answered_at, ended_at, created_at, updated_at
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(id uuid, organization_id uuid, edge_id uuid, direction text,
      status text, end_reason text, user_id text, agent_id uuid, agent_version_id uuid, agent_number text, routing jsonb,
      media jsonb, initial_context jsonb, custom_metadata jsonb, user_turns integer, answered_at timestamptz,
      ended_at timestamptz, created_at timestamptz, updated_at timestamptz)
    on conflict (id) do update set
      status = case when excluded.status = 'ringing' and c.answered_at is not null then 'in_progress' else excluded.status end,
      end_reason = excluded.end_reason, media = coalesce(excluded.media, c.media),
      user_turn_count = greatest(excluded.user_turn_count, c.user_turn_count),
      answered_at = coalesce(excluded.answered_at, c.answered_at),
      ended_at = excluded.ended_at, updated_at = greatest(excluded.updated_at, ${LAST_KNOWN})
    where c.ended_at is null or c.end_reason = ${PRESUMED}`.execute(tx)
}

/**
 * An ended conversation is not changed any more, unless its end was only presumed: its process was cut off, and what it
 * says itself is true, be it that the call goes on.
 */
export const updateConversations = async (tx: Tx, patches: readonly ConversationPatch[]): Promise<void> => {
  if (patches.length === 0) return
  await sql`update conversations c set
      status = coalesce(p.status, case when c.end_reason is distinct from ${PRESUMED} then c.status
        when coalesce(p.answered_at, c.answered_at) is null then 'ringing' else 'in_progress' end),
      end_reason = coalesce(p.end_reason, nullif(c.end_reason, ${PRESUMED})),
      media = coalesce(p.media, c.media), user_turn_count = greatest(p.user_turns, c.user_turn_count),
      answered_at = coalesce(p.answered_at, c.answered_at), ended_at = p.ended_at,
      updated_at = greatest(p.updated_at, ${LAST_KNOWN})
    from jsonb_to_recordset(${JSON.stringify(patches)}::jsonb) as p(id uuid, status text, end_reason text, media jsonb,
      user_turns integer, answered_at timestamptz, ended_at timestamptz, updated_at timestamptz)
    where c.id = p.id and (c.ended_at is null or c.end_reason = ${PRESUMED})`.execute(tx)
}

export type NewItem = {
  readonly conversation_id: string
  readonly position: number
  readonly who: 'agent' | 'user'
  readonly kind: 'speech' | 'dtmf'
  readonly text: string
  readonly interrupted: boolean
  readonly created_at: string
}

export const insertConversationItems = async (tx: Tx, items: readonly NewItem[]): Promise<void> => {
  if (items.length === 0) return
  await tx
    .insertInto('conversation_items')
    .values([...items])
    .onConflict(conflict => conflict.columns(['conversation_id', 'position']).doNothing())
    .execute()
}

/** A process that answers calls says that it lives. */
export const beatVoiceEdge = async (db: Db, id: string): Promise<void> => {
  await sql`insert into voice_edges (id) values (${id}) on conflict (id) do update set seen_at = now()`.execute(db)
}

export const removeVoiceEdge = async (db: Db, id: string): Promise<void> => {
  await db.deleteFrom('voice_edges').where('id', '=', id).execute()
}

/**
 * Closes the calls of edges that have been silent for so long that their process must be dead. They ended with its last sign
 * of life, as far as anybody knows: nobody was called for the hours until somebody looked. Answers how many.
 */
export const closeAbandonedConversations = async (db: Db, silent_seconds: number): Promise<number> =>
  db.transaction().execute(async tx => {
    const { rows } = await sql<{ id: string; seen_at: string }>`delete from voice_edges
      where seen_at < now() - make_interval(secs => ${silent_seconds}) returning id, seen_at`.execute(tx)
    const { numAffectedRows } = await sql`update conversations c
      set status = 'failed', end_reason = ${PRESUMED}, updated_at = now(),
        ended_at = greatest(c.updated_at, (select d.seen_at
          from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as d(id uuid, seen_at timestamptz) where d.id = c.edge_id))
      where c.ended_at is null and c.edge_id is not null
        and not exists (select from voice_edges e where e.id = c.edge_id)`.execute(tx)
    return Number(numAffectedRows ?? 0n)
  })
