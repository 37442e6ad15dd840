import { type Expression, type RawBuilder, sql } from 'kysely'
import type { Db } from '#store/database.ts'
import type { Page } from '#store/keyset.ts'

/** Looking through these costs 2 ms. What is not on a page of them is in one row of forty at most. */
const NEAR_ROWS = 2000

/** Both queries select `id` and `created_at`, of the same rows. */
export type PartSearch = {
  /** The rows after the position, by every other filter, newest first; with the columns that are searched. */
  readonly rows: (limit: number) => Expression<unknown>
  /** Says of such a row whether it is one of those searched for. */
  readonly matches: RawBuilder<boolean>
  /** All that match, found by their index, in any order, if `needed`. */
  readonly indexed: (needed: RawBuilder<boolean>) => Expression<unknown>
}

/**
 * The ids on a page of a list that is searched for a part of a text or of a document, and of one row more. What many rows
 * match is found in the nearest rows, and so is all of a small organization; the rest by an index. PostgreSQL left to choose
 * guesses wrong both ways: the parts of one word count as independent, and it fetched 200,000 rows by index for a page of
 * fifty; a document that happens to be in its statistics counts as one in a hundred, and it walked half a million for a hundred.
 */
export const idsWithPart = async (db: Db, page: Page, search: PartSearch): Promise<readonly string[]> => {
  const limit = page.limit + 1
  const enough = sql<boolean>`(select enough from judged)`
  const { rows } = await sql<{ readonly id: string }>`
    with near as materialized (${search.rows(NEAR_ROWS)}),
      hits as materialized (
        select id, created_at from near where ${search.matches} order by created_at desc, id desc limit ${limit}),
      judged as materialized (
        select (select count(*) from hits) = ${limit} or (select count(*) from near) < ${NEAR_ROWS} as enough),
      indexed as materialized (${search.indexed(sql`not ${enough}`)})
    select id from (
      select id, created_at from hits where ${enough} union all select id, created_at from indexed
    ) found order by created_at desc, id desc limit ${limit}`.execute(db)
  return rows.map(row => row.id)
}
