/**
 * A connection as Kysely uses it, with fewer round trips. What nobody waits for is sent ahead of the next statement (pg's
 * pipeline mode), and what is asked again and again with one plan is prepared. Both are asked for in the statement itself.
 */
import { type PostgresPoolClient, sql } from 'kysely'
import type pg from 'pg'

const AHEAD = '/*ahead*/'
const PREPARED = '/*prepared*/'

/**
 * Begins a statement of a transaction whose answer nobody reads: it resolves at once, with no rows. Should it fail, the
 * next statement of the transaction, at the latest its commit, rejects with its error.
 */
export const ahead = sql.raw(AHEAD)

/**
 * Begins a statement that is parsed and planned once a connection: for plans that are the same whatever the values, and
 * texts that are few. Lists of any length are neither.
 */
export const prepared = sql.raw(PREPARED)

/** Of so few, each is found by the index, whichever they are; the plan for many is made for those many. */
const FEW = 20

/** `prepared` while each list is short. */
export const preparedIfFew = (...lists: readonly (readonly unknown[])[]) =>
  lists.every(list => list.length <= FEW) ? prepared : sql``

const names = new Map<string, string>()

const nameOf = (text: string): string => {
  const known = names.get(text)
  if (known !== undefined) return known
  const name = `patchcord_${names.size + 1}`
  names.set(text, name)
  return name
}

const NOTHING = { command: 'SELECT', rowCount: 0, rows: [] } as const

/** `begin` goes ahead too: a transaction costs no round trip before its first statement. */
const goesAhead = (text: string): boolean => text === 'begin' || text.startsWith(AHEAD)

type Query = { readonly name?: string; readonly text: string; readonly values: unknown[] }

const toQuery = (text: string, values: readonly unknown[]): Query => {
  const query = { text, values: [...values] }
  return text.slice(0, AHEAD.length + PREPARED.length).includes(PREPARED) ? { name: nameOf(text), ...query } : query
}

const wrap = (client: pg.PoolClient): PostgresPoolClient => {
  let unanswered: Promise<unknown>[] = []
  const query = async (text: string, values: readonly unknown[]) => {
    const answer = client.query(toQuery(text, values))
    if (goesAhead(text)) {
      // Its failure is told by the statement that waits for it.
      answer.catch(() => {})
      unanswered.push(answer)
      return NOTHING
    }
    if (unanswered.length === 0) return answer
    const earlier = unanswered
    unanswered = []
    // What was to be undone need not have succeeded.
    if (text === 'rollback') return answer
    // The first failure is the cause; those behind it only say that the transaction is over.
    const failures = await Promise.allSettled([...earlier, answer])
    for (const outcome of failures) if (outcome.status === 'rejected') throw outcome.reason
    return answer
  }
  // Of the two forms that Kysely knows, cursors are not used here, and cannot be on a pipelined connection.
  return { query: query as unknown as PostgresPoolClient['query'], release: destroy => client.release(destroy) }
}

const wrapped = new WeakMap<pg.PoolClient, PostgresPoolClient>()

/** The same one for the same connection: Kysely knows connections by identity. */
export const pipelined = (client: pg.PoolClient): PostgresPoolClient => {
  const known = wrapped.get(client)
  if (known) return known
  const made = wrap(client)
  wrapped.set(client, made)
  return made
}

/** What Kysely needs of a pool. */
export const poolOf = (pool: pg.Pool, connect: () => Promise<pg.PoolClient>, end: () => Promise<void>) => ({
  connect: async () => pipelined(await connect()),
  end,
  options: pool.options,
})
