import { type Expression, type RawBuilder, sql } from 'kysely'
import type { Db } from '#store/database.ts'
import type { Page } from '#store/keyset.ts'

/** Looking through these costs 2 ms. A part that is not on a page of them is in one row of forty at most. */
const NEAR_ROWS = 2000

/** Both select `id` and `created_at`, of the same rows. */
export type PartSearch = {
  /** The rows after the position, by every other filter, newest first; with the text that is searched. */
  readonly rows: (limit: number) => Expression<unknown>
  /** Says of such a row whether the part is in it. */
  readonly has_part: RawBuilder<boolean>
  /** The rows with the part, found by the index of parts, newest first, if `needed`. */
  readonly indexed: (limit: number, needed: RawBuilder<boolean>) => Expression<unknown>
}

/**
 * The ids on a page of a list that is searched for a part of a text, and of one row more. Parts that many rows have are
 * found in the nearest rows, and so are all those of a small organization; the others by an index. PostgreSQL left to choose
 * takes the parts of one word to be independent, and fetches 200,000 rows by index for a page of fifty.
 */
export const idsWithPart = async (db: Db, page: Page, search: PartSearch): Promise<readonly string[]> => {
  const limit = page.limit + 1
  const enough = sql<boolean>`(select enough from judged)`
  const { rows } = await sql<{ readonly id: string }>`
    with near as materialized (${search.rows(NEAR_ROWS)}),
      hits as materialized (
        select id, created_at from near where ${search.has_part} order by created_at desc, id desc limit ${limit}),
      judged as materialized (
        select (select count(*) from hits) = ${limit} or (select count(*) from near) < ${NEAR_ROWS} as enough)
    select id from (
      select id, created_at from hits where ${enough}
      union all select id, created_at from (${search.indexed(limit, sql`not ${enough}`)}) indexed
    ) found order by created_at desc, id desc`.execute(db)
  return rows.map(row => row.id)
}
