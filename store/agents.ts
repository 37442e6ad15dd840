import { sql } from 'kysely'
import type { Agent } from '#core/agent.ts'
import type { JsonObject } from '#core/version.ts'
import type { Db, Tx } from '#store/database.ts'
import { afterPosition, type Listed, type Page, pageOf, type TimeRange, within } from '#store/keyset.ts'
import { likePattern } from '#store/like-pattern.ts'
import { idsWithPart } from '#store/part-search.ts'

const COLUMNS = [
  'id',
  'organization_id',
  'name',
  'description',
  'active',
  'is_demo',
  'metadata',
  'revision',
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

/** Whoever changes an agent, its versions, slots or SIP endpoint holds this lock; locks are taken agent first, then numbers. */
export const lockAgent = async (tx: Tx, organization_id: string, id: string): Promise<Agent | undefined> =>
  tx
    .selectFrom('agents')
    .select(COLUMNS)
    .where('organization_id', '=', organization_id)
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .forNoKeyUpdate()
    .executeTakeFirst()

export type AgentChange = Partial<Omit<NewAgent, 'id' | 'organization_id'>>

export const updateAgent = async (tx: Tx, id: string, change: AgentChange): Promise<Agent> => {
  const { metadata, ...fields } = change
  return tx
    .updateTable('agents')
    .set({
      ...fields,
      ...(metadata === undefined ? {} : { metadata: JSON.stringify(metadata) }),
      revision: sql`revision + 1`,
      updated_at: sql`now()`,
    })
    .where('id', '=', id)
    .returning(COLUMNS)
    .executeTakeFirstOrThrow()
}

/** Its conversations stay and still name it. */
export const markAgentDeleted = async (tx: Tx, id: string): Promise<void> => {
  await sql`update agents set deleted_at = now(), revision = revision + 1 where id = ${id}`.execute(tx)
}

/**
 * The id of an agent of this name, with whoever else asks so before they make one waiting for the end of this transaction.
 */
export const lockAgentName = async (tx: Tx, organization_id: string, name: string): Promise<string | undefined> => {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`agent ${organization_id} ${name}`}, 0))`.execute(tx)
  const row = await tx
    .selectFrom('agents')
    .select('id')
    .where('organization_id', '=', organization_id)
    .where('name', '=', name)
    .where('deleted_at', 'is', null)
    .limit(1)
    .executeTakeFirst()
  return row?.id
}

export type AgentFilters = TimeRange & {
  readonly name?: string
  /** Anywhere in the name, in either case. */
  readonly name_contains?: string
  readonly active?: boolean
  readonly is_demo?: boolean
  /** What the metadata must contain (PostgreSQL's `@>`). */
  readonly metadata?: JsonObject
}

type Searched = Pick<AgentFilters, 'name_contains' | 'metadata'>

const matching = (db: Db, organization_id: string, filters: Omit<AgentFilters, keyof Searched>) => {
  const { name, active, is_demo, ...times } = filters
  let query = db.selectFrom('agents').where('organization_id', '=', organization_id).where('deleted_at', 'is', null)
  if (name !== undefined) query = query.where('name', '=', name)
  if (active !== undefined) query = query.where('active', '=', active)
  if (is_demo !== undefined) query = query.where('is_demo', '=', is_demo)
  return query.where(within(times))
}

const idsFound = (
  system: Db,
  organization_id: string,
  page: Page,
  { name_contains, metadata }: Searched,
  others: Omit<AgentFilters, keyof Searched>,
): Promise<readonly string[]> => {
  const rows = matching(system, organization_id, others)
    .select(['id', 'created_at', 'name', 'metadata'])
    .where(afterPosition(page, 'uuid'))
  const on_name = name_contains === undefined ? [] : [sql`name ilike ${likePattern(name_contains)}`]
  const on_metadata = metadata === undefined ? [] : [sql`metadata @> ${JSON.stringify(metadata)}::jsonb`]
  const matches = sql<boolean>`${sql.join([...on_name, ...on_metadata], sql` and `)}`
  const by_index =
    name_contains === undefined
      ? sql<boolean>`true`
      : sql<boolean>`parts_of(lower(name), 1) @> parts_to_find(lower(${name_contains}))`
  return idsWithPart(system, page, {
    rows: limit => rows.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(limit),
    matches,
    indexed: needed => rows.where(matches).where(by_index).where(needed),
  })
}

/**
 * `system` finds the ids where a filter needs an index that row-level security keeps from `db`: `ilike` and `@>` are not
 * leakproof, so PostgreSQL asks the policy about every row of the table first. The rows themselves are read through `db`.
 */
export const listAgents = async (
  { db, system }: { readonly db: Db; readonly system: Db },
  organization_id: string,
  page: Page,
  filters: AgentFilters,
): Promise<Listed<Agent>> => {
  const { name_contains, metadata, ...others } = filters
  const searched = {
    ...(name_contains === undefined ? {} : { name_contains }),
    ...(metadata === undefined ? {} : { metadata }),
  }
  const found =
    Object.keys(searched).length === 0 ? null : await idsFound(system, organization_id, page, searched, others)
  const query = found
    ? matching(db, organization_id, {}).where(sql<boolean>`id = any(${found}::uuid[])`)
    : matching(db, organization_id, others)
  const rows = await query
    .select(COLUMNS)
    .where(afterPosition(page, 'uuid'))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(page.limit + 1)
    .execute()
  return pageOf(
    rows,
    page,
    row => row.id,
    row => row,
  )
}
