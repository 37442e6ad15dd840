/** Lists by keyset: newest first, `(created_at, id)`, never OFFSET. */
import { type RawBuilder, sql } from 'kysely'

/** Where a page begins: after this row. `id` null: strictly before that instant (a cursor that a client made itself). */
export type Position = { readonly created_at: string; readonly id: string | null }
export type Page = { readonly limit: number; readonly after: Position | null }
export type Listed<T> = {
  readonly items: readonly T[]
  readonly next: { readonly created_at: string; readonly id: string } | null
}

/** Inclusive bounds, RFC 3339. */
export type TimeRange = {
  readonly created_after?: string
  readonly created_before?: string
  readonly updated_after?: string
  readonly updated_before?: string
}

/** The rows that come after a position in a list; all of them for a first page. `table`: the alias the columns hang under. */
export const afterPosition = ({ after }: Page, id_type: 'uuid' | 'text', table?: string): RawBuilder<boolean> => {
  if (after === null) return sql<boolean>`true`
  const column = (name: string) => sql.ref(table === undefined ? name : `${table}.${name}`)
  if (after.id === null) return sql<boolean>`${column('created_at')} < ${after.created_at}::timestamptz`
  return sql<boolean>`(${column('created_at')}, ${column('id')}) <
    (${after.created_at}::timestamptz, ${after.id}::${sql.raw(id_type)})`
}

/**
 * The rows made and last changed within these bounds. What was last changed before some time was made before it too: said
 * aloud, the list's index begins there (a million agents: 0.3 ms instead of 77).
 */
export const within = (times: TimeRange): RawBuilder<boolean> => {
  const { created_after, created_before, updated_after, updated_before } = times
  const bounds = [
    ...(created_after === undefined ? [] : [sql`created_at >= ${created_after}::timestamptz`]),
    ...(created_before === undefined ? [] : [sql`created_at <= ${created_before}::timestamptz`]),
    ...(updated_after === undefined ? [] : [sql`updated_at >= ${updated_after}::timestamptz`]),
    ...(updated_before === undefined
      ? []
      : [sql`updated_at <= ${updated_before}::timestamptz`, sql`created_at <= ${updated_before}::timestamptz`]),
  ]
  return bounds.length === 0 ? sql<boolean>`true` : sql<boolean>`${sql.join(bounds, sql` and `)}`
}

/** `rows` holds one more than the page when there is a next one. */
export const pageOf = <R extends { readonly created_at: string }, T>(
  rows: readonly R[],
  page: Page,
  idOf: (row: R) => string,
  toItem: (row: R) => T,
): Listed<T> => {
  const shown = rows.slice(0, page.limit)
  const last = shown.at(-1)
  return {
    items: shown.map(toItem),
    next: rows.length > page.limit && last ? { created_at: last.created_at, id: idOf(last) } : null,
  }
}
