/** Lists: from a query to a page, and from a page to an answer with its link to the next one. */
import { refuse } from '#app/refused.ts'
import type { Reply } from '#http/call.ts'
import { readQuery } from '#http/query-string.ts'
import { type Cursor, decodeCursor, encodeCursor, type IdKind } from '#wire/cursor.ts'
import { toUtc } from '#wire/timestamp.ts'

const DEFAULT_LIMIT = 20

type PageQuery = { readonly limit?: number; readonly cursor?: string }

/** A cursor that this list cannot have given out is refused. */
export const pageFrom = (query: PageQuery, ids: IdKind): { readonly limit: number; readonly after: Cursor | null } => {
  const after = query.cursor === undefined ? null : (decodeCursor(query.cursor, ids) ?? refuse('cursor_invalid'))
  return { limit: query.limit ?? DEFAULT_LIMIT, after }
}

type Times = 'created_after' | 'created_before' | 'updated_after' | 'updated_before'
const TIMES = ['created_after', 'created_before', 'updated_after', 'updated_before'] as const

/** The query without its page, its times in UTC. */
export const filtersFrom = <Query extends PageQuery & { readonly [Key in Times]?: string }>(
  query: Query,
): Omit<Query, 'limit' | 'cursor'> => {
  const { limit: _limit, cursor: _cursor, ...filters } = query
  const times = TIMES.flatMap(key => {
    const utc = toUtc(query[key] ?? '')
    return utc === null ? [] : [[key, utc]]
  })
  return { ...filters, ...Object.fromEntries(times) }
}

const nextUrl = (url: string, cursor: string): string => {
  const [path = '', raw = ''] = url.split('?', 2)
  const query = new URLSearchParams(
    Object.entries(readQuery(raw)).map(([key, value]): [string, string] => [key, String(value)]),
  )
  query.set('cursor', cursor)
  return `${path}?${query}`
}

type Next = { readonly created_at: string; readonly id: string } | null

/** X-Next-Cursor and Link, while there is more. */
export const pageHeaders = (url: string, next: Next): Readonly<Record<string, string>> => {
  if (next === null) return {}
  const cursor = encodeCursor(next)
  return { 'x-next-cursor': cursor, link: `<${nextUrl(url, cursor)}>; rel="next"` }
}

/** A bare array; X-Next-Cursor and Link while there is more. */
export const listed = <Item>(
  url: string,
  page: { readonly items: readonly Item[]; readonly next: Next },
  toAnswer: (item: Item) => unknown,
): Reply => ({ status: 200, body: page.items.map(toAnswer), headers: pageHeaders(url, page.next) })
