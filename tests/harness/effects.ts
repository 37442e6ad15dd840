/** What a request did to the database, table by table: nothing escapes, not even a write nobody thought of. */
import { type Kysely, sql } from 'kysely'

/** Rows more or fewer; `changed`: as many as before, and not the same. Tables that are as they were are left out. */
export type Effects = Readonly<Record<string, number | 'changed'>>

type Snapshot = ReadonlyMap<string, { readonly count: number; readonly digest: string }>

/** When a key was last used is noted behind the answer's back. */
const ROW = `(to_jsonb(t) - 'last_used_at')::text`

/** Held to the rows of phone_numbers by the database (tests/store/part-search.test.ts). */
const FOLLOWS_ITS_NUMBERS = 'number_search'

export const snapshot = async <Database>(db: Kysely<Database>): Promise<Snapshot> => {
  const tables = await sql<{ name: string }>`
    select table_name as name from information_schema.tables
    where table_schema = 'public' and table_type = 'BASE TABLE' and table_name <> ${FOLLOWS_ITS_NUMBERS}`.execute(db)
  const digests = tables.rows.map(
    ({ name }) =>
      sql`select ${name}::text as name, count(*)::int as count,
            md5(coalesce(string_agg(${sql.raw(ROW)}, ',' order by ${sql.raw(ROW)}), '')) as digest from ${sql.table(name)} t`,
  )
  const rows = await sql<{
    name: string
    count: number
    digest: string
  }>`${sql.join(digests, sql` union all `)}`.execute(db)
  return new Map(rows.rows.map(({ name, count, digest }) => [name, { count, digest }]))
}

export const effectsBetween = (before: Snapshot, after: Snapshot): Effects => {
  const effects: Record<string, number | 'changed'> = {}
  for (const [name, now] of after) {
    const then = before.get(name)
    if (then?.digest === now.digest) continue
    const more = now.count - (then?.count ?? 0)
    effects[name] = more === 0 ? 'changed' : more
  }
  return effects
}
