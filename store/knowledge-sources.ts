import { sql } from 'kysely'
import type { KnowledgeSource, SourceState } from '#core/knowledge.ts'
import type { SourceFailure } from '#core/source-failure.ts'
import type { Db, Tx } from '#store/database.ts'
import { afterPosition, type Listed, type Page, pageOf } from '#store/keyset.ts'

const COLUMNS = [
  'id',
  'organization_id',
  'knowledge_base_id',
  'kind',
  'title',
  'url',
  'file_name',
  'media_type',
  'state',
  'failure',
  'chunk_count',
  'workflow_id',
  'read_at',
  'revision',
  'created_at',
  'updated_at',
] as const

export type NewSource = Pick<
  KnowledgeSource,
  'id' | 'organization_id' | 'knowledge_base_id' | 'kind' | 'title' | 'url' | 'file_name' | 'media_type' | 'state'
> & { readonly content: Buffer | null }

/** undefined: the page is a source of the collection already. */
export const insertSource = async (tx: Tx, row: NewSource): Promise<KnowledgeSource | undefined> =>
  tx
    .insertInto('knowledge_sources')
    .values(row)
    .onConflict(conflict => conflict.doNothing())
    .returning(COLUMNS)
    .executeTakeFirst()

const sourcesOf = (db: Db, organization_id: string, knowledge_base_id: string) =>
  db
    .selectFrom('knowledge_sources')
    .select(COLUMNS)
    .where('organization_id', '=', organization_id)
    .where('knowledge_base_id', '=', knowledge_base_id)

export const findSource = async (
  db: Db,
  organization_id: string,
  knowledge_base_id: string,
  id: string,
): Promise<KnowledgeSource | undefined> =>
  sourcesOf(db, organization_id, knowledge_base_id).where('id', '=', id).executeTakeFirst()

export const findSourceByUrl = async (
  db: Db,
  organization_id: string,
  knowledge_base_id: string,
  url: string,
): Promise<KnowledgeSource | undefined> =>
  sourcesOf(db, organization_id, knowledge_base_id)
    .where('kind', '=', 'url')
    .where(sql<boolean>`md5(url) = md5(${url})`)
    .executeTakeFirst()

/** The collection's lock must be held: locks are taken collection first, then its sources. */
export const lockSource = async (
  tx: Tx,
  organization_id: string,
  knowledge_base_id: string,
  id: string,
): Promise<(KnowledgeSource & { readonly digest: string | null }) | undefined> =>
  sourcesOf(tx, organization_id, knowledge_base_id).select('digest').where('id', '=', id).forUpdate().executeTakeFirst()

/** What was uploaded; null for a source that is read at its URL. */
export const findContent = async (db: Db, organization_id: string, id: string): Promise<Buffer | null> => {
  const row = await db
    .selectFrom('knowledge_sources')
    .select('content')
    .where('organization_id', '=', organization_id)
    .where('id', '=', id)
    .executeTakeFirst()
  return row?.content ?? null
}

export const listSources = async (
  db: Db,
  organization_id: string,
  knowledge_base_id: string,
  page: Page,
  state: SourceState | undefined,
): Promise<Listed<KnowledgeSource>> => {
  let query = sourcesOf(db, organization_id, knowledge_base_id)
  if (state !== undefined) query = query.where('state', '=', state)
  const rows = await query
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

export type SourceChange = {
  readonly state: SourceState
  readonly failure?: SourceFailure
  readonly title?: string
  readonly media_type?: string | null
  readonly workflow_id?: string
  readonly digest?: string
  readonly chunk_count?: number
}

/** A failure that is not given is none; what has a digest was read just now. */
export const updateSource = async (
  tx: Tx,
  id: string,
  { failure, ...change }: SourceChange,
): Promise<KnowledgeSource> =>
  tx
    .updateTable('knowledge_sources')
    .set({
      ...change,
      failure: failure ? JSON.stringify(failure) : null,
      ...(change.digest === undefined ? {} : { read_at: sql<string>`now()` }),
      revision: sql`revision + 1`,
      updated_at: sql`now()`,
    })
    .where('id', '=', id)
    .returning(COLUMNS)
    .executeTakeFirstOrThrow()

export const markReading = async (db: Db, organization_id: string, id: string): Promise<void> => {
  await db
    .updateTable('knowledge_sources')
    .set({ state: 'reading', revision: sql`revision + 1`, updated_at: sql`now()` })
    .where('organization_id', '=', organization_id)
    .where('id', '=', id)
    .where('state', '=', 'queued')
    .execute()
}

export const deleteSource = async (tx: Tx, id: string): Promise<void> => {
  await tx.deleteFrom('knowledge_sources').where('id', '=', id).execute()
}
