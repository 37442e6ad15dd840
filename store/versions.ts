import { sql } from 'kysely'
import { alone, assignmentKey } from '#core/assignment.ts'
import type { JsonObject, Version, VersionRef, VersionSummary } from '#core/version.ts'
import type { WrittenBy } from '#core/writer.ts'
import type { Db, Tx } from '#store/database.ts'
import { afterPosition, type Listed, type Page, pageOf, type TimeRange, within } from '#store/keyset.ts'
import { prepared } from '#store/pipelined.ts'

const SUMMARY = [
  'id',
  'agent_id',
  'version',
  'published',
  'published_at',
  'digest',
  'base_version',
  'generating',
  'dirty',
  'manually_edited',
  'generation_error',
  'generated_by',
  'workflow_id',
  'created_by',
  'revision',
  'created_at',
  'updated_at',
] as const
const COLUMNS = [...SUMMARY, 'config', 'instruction_builder_inputs'] as const
const STORED = [...COLUMNS, 'generated_from'] as const

/** A version with what its answer does not show. */
export type StoredVersion = Version & { readonly generated_from: JsonObject | null }

export type NewVersion = {
  readonly id: string
  readonly organization_id: string
  readonly agent_id: string
  readonly config: JsonObject
  readonly digest: string
  readonly base_version: number | null
  readonly instruction_builder_inputs: JsonObject | null
  readonly generated_from: JsonObject | null
  readonly generated_by: WrittenBy | null
  readonly dirty: boolean
  readonly manually_edited: boolean
  readonly created_by: string | null
}

const jsonOrNull = (value: JsonObject | null): string | null => (value === null ? null : JSON.stringify(value))

/** Takes the agent's next number; the agent's lock makes that the only taker. */
export const insertVersion = async (tx: Tx, row: NewVersion): Promise<Version> =>
  tx
    .insertInto('agent_versions')
    .values({
      ...row,
      version: sql<number>`coalesce((select max(version) from agent_versions where agent_id = ${row.agent_id}), 0) + 1`,
      config: JSON.stringify(row.config),
      instruction_builder_inputs: jsonOrNull(row.instruction_builder_inputs),
      generated_from: jsonOrNull(row.generated_from),
    })
    .returning(COLUMNS)
    .executeTakeFirstOrThrow()

/** `latest` is the newest version, draft or not. */
export const findVersion = async (
  db: Db,
  organization_id: string,
  agent_id: string,
  ref: VersionRef,
): Promise<StoredVersion | undefined> => {
  let query = db
    .selectFrom('agent_versions')
    .select(STORED)
    .where('organization_id', '=', organization_id)
    .where('agent_id', '=', agent_id)
  if (ref !== 'latest') query = query.where('version', '=', ref)
  return query.orderBy('version', 'desc').limit(1).executeTakeFirst()
}

/** By its own id; undefined when its agent was deleted. */
export const findVersionById = async (db: Db, organization_id: string, id: string): Promise<Version | undefined> =>
  db
    .selectFrom('agent_versions')
    .select(COLUMNS)
    .where('organization_id', '=', organization_id)
    .where('id', '=', id)
    .where(sql<boolean>`exists (select from agents a where a.id = agent_id and a.deleted_at is null)`)
    .executeTakeFirst()

/** A version under lock, and the time of the transaction, which is what every row that it writes is stamped with. */
export type LockedVersion = StoredVersion & {
  readonly locked_at: string
  /** The assignment that holds it alone; null: ensure it. */
  readonly alone_id: string | null
}

/**
 * A version, its agent locked against every other writer, in one round trip: the row is read as it is once the lock is had.
 * undefined when the agent or the version is not there.
 */
export const lockVersion = async (
  tx: Tx,
  organization_id: string,
  agent_id: string,
  ref: VersionRef,
): Promise<LockedVersion | undefined> => {
  const key = ref === 'latest' ? null : assignmentKey(alone(agent_id, ref))
  const { rows } = await sql<LockedVersion>`${prepared}
    select ${sql.join(STORED.map(column => sql.ref(`v.${column}`)))}, now() as locked_at,
      (select id from assignments where organization_id = ${organization_id} and key = ${key}) as alone_id
    from agents a join agent_versions v on v.agent_id = a.id
    where a.organization_id = ${organization_id} and a.id = ${agent_id} and a.deleted_at is null
      ${ref === 'latest' ? sql`` : sql`and v.version = ${ref}`}
    order by v.version desc limit 1 for no key update of a, v`.execute(tx)
  return rows[0]
}

export type VersionFilters = TimeRange & { readonly version?: number; readonly published?: boolean }

/** Newest first, without their configs. */
export const listVersions = async (
  db: Db,
  agent_id: string,
  page: Page,
  filters: VersionFilters,
): Promise<Listed<VersionSummary>> => {
  const { version, published, ...times } = filters
  let query = db.selectFrom('agent_versions').select(SUMMARY).where('agent_id', '=', agent_id)
  if (version !== undefined) query = query.where('version', '=', version)
  if (published !== undefined) query = query.where('published', '=', published)
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

export type DraftChange = {
  readonly config: JsonObject
  readonly digest: string
  readonly instruction_builder_inputs: JsonObject | null
  readonly dirty: boolean
  readonly manually_edited: boolean
}

export const updateDraft = async (tx: Tx, id: string, change: DraftChange): Promise<Version> =>
  tx
    .updateTable('agent_versions')
    .set({
      ...change,
      config: JSON.stringify(change.config),
      instruction_builder_inputs: jsonOrNull(change.instruction_builder_inputs),
      revision: sql`revision + 1`,
      updated_at: sql`now()`,
    })
    .where('id', '=', id)
    .returning(COLUMNS)
    .executeTakeFirstOrThrow()

export const markGenerating = async (tx: Tx, id: string, workflow_id: string): Promise<void> => {
  await tx
    .updateTable('agent_versions')
    .set({ generating: true, workflow_id, generation_error: null, revision: sql`revision + 1`, updated_at: sql`now()` })
    .where('id', '=', id)
    .execute()
}

export type GenerationEnd =
  | { readonly generation_error: string }
  | {
      readonly config: string
      readonly digest: string
      readonly dirty: boolean
      readonly manually_edited: boolean
      readonly generated_from: string
      readonly generated_by: WrittenBy
      readonly generation_error: null
    }

export const endGeneration = async (tx: Tx, id: string, end: GenerationEnd): Promise<void> => {
  await tx
    .updateTable('agent_versions')
    .set({ ...end, generating: false, revision: sql`revision + 1`, updated_at: sql`now()` })
    .where('id', '=', id)
    .execute()
}

export const markPublished = async (tx: Tx, id: string): Promise<void> => {
  await tx
    .updateTable('agent_versions')
    .set({ published: true, published_at: sql`now()`, revision: sql`revision + 1`, updated_at: sql`now()` })
    .where('id', '=', id)
    .execute()
}

/** The highest published version number; null when nothing is published. */
export const latestPublished = async (db: Db, agent_id: string): Promise<number | null> => {
  const row = await db
    .selectFrom('agent_versions')
    .select('version')
    .where('agent_id', '=', agent_id)
    .where('published', '=', true)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.version ?? null
}
