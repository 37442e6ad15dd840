import { sql } from 'kysely'
import type { KnowledgeBase } from '#core/knowledge.ts'
import type { Db, Tx } from '#store/database.ts'
import { afterPosition, type Listed, type Page, pageOf, type TimeRange, within } from '#store/keyset.ts'

const COLUMNS = [
  'id',
  'organization_id',
  'name',
  'description',
  'language',
  'chunk_count',
  'revision',
  'created_at',
  'updated_at',
] as const

const SOURCE_COUNT = sql<number>`(select count(*) from knowledge_sources s
  where s.organization_id = knowledge_bases.organization_id and s.knowledge_base_id = knowledge_bases.id)`.as(
  'source_count',
)

export type NewKnowledgeBase = Pick<KnowledgeBase, 'id' | 'organization_id' | 'name' | 'description' | 'language'> & {
  readonly search_configuration: string
}

export const insertKnowledgeBase = async (tx: Tx, row: NewKnowledgeBase): Promise<KnowledgeBase> => {
  const made = await tx.insertInto('knowledge_bases').values(row).returning(COLUMNS).executeTakeFirstOrThrow()
  return { ...made, source_count: 0 }
}

const basesOf = (db: Db, organization_id: string) =>
  db
    .selectFrom('knowledge_bases')
    .select([...COLUMNS, SOURCE_COUNT])
    .where('organization_id', '=', organization_id)

export const findKnowledgeBase = async (
  db: Db,
  organization_id: string,
  id: string,
): Promise<KnowledgeBase | undefined> => basesOf(db, organization_id).where('id', '=', id).executeTakeFirst()

/** Whoever adds chunks to a collection or takes some out holds this lock, and so does who deletes it. */
export const lockKnowledgeBase = async (
  tx: Tx,
  organization_id: string,
  id: string,
): Promise<(KnowledgeBase & { readonly search_configuration: string }) | undefined> =>
  basesOf(tx, organization_id).select('search_configuration').where('id', '=', id).forUpdate().executeTakeFirst()

/** Those of the ids that exist; none of them is deleted while this transaction lasts. */
export const holdKnowledgeBases = async (
  tx: Tx,
  organization_id: string,
  ids: readonly string[],
): Promise<ReadonlySet<string>> => {
  const rows = await tx
    .selectFrom('knowledge_bases')
    .select('id')
    .where('organization_id', '=', organization_id)
    .where(sql<boolean>`id = any(${ids}::uuid[])`)
    .orderBy('id')
    .forKeyShare()
    .execute()
  return new Set(rows.map(row => row.id))
}

export type KnowledgeBaseFilters = TimeRange & { readonly name?: string }

export const listKnowledgeBases = async (
  db: Db,
  organization_id: string,
  page: Page,
  { name, ...times }: KnowledgeBaseFilters,
): Promise<Listed<KnowledgeBase>> => {
  let query = basesOf(db, organization_id)
  if (name !== undefined) query = query.where('name', '=', name)
  const rows = await query
    .where(within(times))
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

/** With its sources, chunks and words. */
export const deleteKnowledgeBase = async (tx: Tx, id: string): Promise<void> => {
  await tx.deleteFrom('knowledge_bases').where('id', '=', id).execute()
}

/**
 * The names of agents with a published version that can answer a call now and names the collection: the latest published one,
 * and those that a number's slot or a SIP address pins.
 */
export const agentsUsing = async (tx: Tx, organization_id: string, id: string): Promise<readonly string[]> => {
  const { rows } = await sql<{ name: string }>`
    select distinct a.name from agents a join agent_versions v on v.agent_id = a.id
    where a.organization_id = ${organization_id} and v.organization_id = ${organization_id}
      and a.deleted_at is null and v.published and position(${id} in lower(v.config::text)) > 0
      and (v.version = (select max(version) from agent_versions l where l.agent_id = a.id and l.published)
        or exists (select from sip_endpoints e where e.agent_id = a.id and e.version = v.version)
        or exists (select from slot_entries e
          join phone_numbers n on e.assignment_id in (n.inbound_assignment_id, n.outbound_assignment_id)
          where e.agent_id = a.id and e.version = v.version))
    order by a.name`.execute(tx)
  return rows.map(row => row.name)
}
