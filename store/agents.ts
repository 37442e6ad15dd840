import { sql } from 'kysely'
import type { Agent, ConversationStats } from '#core/agent.ts'
import type { JsonObject } from '#core/version.ts'
import type { Db, Tx } from '#store/database.ts'

const COLUMNS = [
  'id',
  'organization_id',
  'name',
  'description',
  'active',
  'is_demo',
  'metadata',
  'created_at',
  'updated_at',
] as const

export type NewAgent = {
  readonly id: string
  readonly organization_id: string
  readonly name: string
  readonly description: string | null
  readonly active: boolean
  readonly is_demo: boolean
  readonly metadata: JsonObject
}

export const insertAgent = async (tx: Tx, row: NewAgent): Promise<Agent> =>
  tx
    .insertInto('agents')
    .values({ ...row, metadata: JSON.stringify(row.metadata) })
    .returning(COLUMNS)
    .executeTakeFirstOrThrow()

export const findAgent = async (db: Db, organization_id: string, id: string): Promise<Agent | undefined> =>
  db
    .selectFrom('agents')
    .select(COLUMNS)
    .where('organization_id', '=', organization_id)
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()

/** Whoever changes an agent's versions, slots or SIP endpoint holds this lock; locks are taken agent first, then numbers. */
export const lockAgent = async (tx: Tx, organization_id: string, id: string): Promise<boolean> => {
  const row = await tx
    .selectFrom('agents')
    .select('id')
    .where('organization_id', '=', organization_id)
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .forNoKeyUpdate()
    .executeTakeFirst()
  return row !== undefined
}

/** Statistics over all conversations of an agent, in one pass. */
export const conversationStats = async (db: Db, agent_id: string): Promise<ConversationStats> => {
  const { rows } = await sql<ConversationStats>`
    select count(*) as total,
      count(*) filter (where ended_at is null) as active,
      count(*) filter (where direction = 'inbound') as inbound,
      count(*) filter (where direction = 'outbound') as outbound,
      count(*) filter (where status = 'completed') as completed,
      count(*) filter (where status = 'failed') as failed,
      count(*) filter (where status = 'transferred') as transferred,
      count(*) filter (where status = 'unanswered') as unanswered,
      avg(extract(epoch from ended_at - answered_at)) as average_duration_seconds,
      max(created_at) as last_conversation_at
    from conversations where agent_id = ${agent_id}`.execute(db)
  const row = rows[0]
  if (row === undefined) throw new Error('an aggregate answered no row')
  return row
}
