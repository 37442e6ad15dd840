/** Connections to PostgreSQL. One pool a thread; every query goes through Kysely. */
import { Kysely, PostgresDialect, type Transaction } from 'kysely'
import pg from 'pg'
import type { DatabaseAddress } from '#store/address.ts'
import { poolOf } from '#store/pipelined.ts'
import type { Database } from '#store/schema.ts'

export type Db = Kysely<Database>
export type Tx = Transaction<Database>

const { builtins } = pg.types

/** `2026-11-22 16:43:06.1+00` → `2026-11-22T16:43:06.100000Z`; sessions run in UTC, below. */
const toRfc3339 = (text: string): string => {
  const [date = '', clock = ''] = text.replace(/\+00$/, '').split(' ')
  const [seconds = '', fraction = ''] = clock.split('.')
  return `${date}T${seconds}.${fraction.padEnd(6, '0')}Z`
}

const PARSERS = new Map<number, (text: string) => unknown>([
  [builtins.TIMESTAMPTZ, toRfc3339],
  [builtins.INT8, Number],
  [builtins.NUMERIC, Number],
])

const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    PARSERS.get(oid) ?? pg.types.getTypeParser(oid, format as 'text'),
} as unknown as pg.CustomTypesConfig

export type OpenOptions = {
  readonly max_connections: number
  /** How long a request waits for a connection before the database counts as away. */
  readonly connect_timeout_ms?: number
  /** A query that takes longer is given up, with its connection; by default none is. */
  readonly query_timeout_ms?: number
  /** Taken on by every connection before its first query; by default the user stays who it is. */
  readonly role?: string
}

export const openPool = (address: DatabaseAddress, options: OpenOptions): pg.Pool => {
  const pool = new pg.Pool({
    ...address,
    types,
    max: options.max_connections,
    connectionTimeoutMillis: options.connect_timeout_ms ?? 1500,
    ...(options.query_timeout_ms === undefined ? {} : { query_timeout: options.query_timeout_ms }),
    application_name: 'patchcord',
    keepAlive: true,
    pipeline: true,
    // Before a connection's first query: its answers are parsed as UTC.
    onConnect: async client => {
      const as = options.role === undefined ? '' : `; set role ${options.role}`
      await client.query(`set timezone = 'UTC'; set datestyle = 'ISO'${as}`)
    },
  })
  // A connection that dies while idle is replaced by the next request; without a listener it would end the process.
  pool.on('error', () => {})
  // So would one that dies between two queries of a transaction, whose next query says so.
  pool.on('connect', client => client.on('error', () => {}))
  return pool
}

export const openDatabase = (address: DatabaseAddress, options: OpenOptions): Db => {
  const pool = openPool(address, options)
  const its_pool = poolOf(
    pool,
    () => pool.connect(),
    () => pool.end(),
  )
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool: its_pool }) })
}

const CLOSE_LIMIT_MS = 3000

/** `last` and queries in flight are waited for, but not for ever: a database that hangs must not keep a process from ending. */
export const closeDatabase = async (
  db: Db,
  last: () => Promise<void> = async () => {},
  limit_ms = CLOSE_LIMIT_MS,
): Promise<void> => {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<void>(resolve => {
    timer = setTimeout(resolve, limit_ms)
  })
  const close = async () => {
    await last()
    await db.destroy()
  }
  await Promise.race([close(), limit]).finally(() => clearTimeout(timer))
}

/** PostgreSQL's five-letter code, or the socket's; '' when the error is not the database's. */
export const errorCode = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  return typeof code === 'string' ? code : ''
}

/** Socket faults, and PostgreSQL's own words for "not now": classes 08, 53, 57P. */
const AWAY =
  /^(08(?!P01)...|25006|40001|40P01|53...|57P0.|ECONNREFUSED|ECONNRESET|ECONNABORTED|ENOENT|EPIPE|ETIMEDOUT|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|EADDRNOTAVAIL|EMFILE|ENFILE|ENOTFOUND|EAI_AGAIN|EACCES)$/
const AWAY_MESSAGES = /timeout exceeded when trying to connect|Connection terminated|Query read timeout|not queryable/

export const isDatabaseAway = (error: unknown): boolean =>
  AWAY.test(errorCode(error)) || (error instanceof Error && AWAY_MESSAGES.test(error.message))

/** What a row's own content breaks: classes 22 (data), 23 (constraints), 54 (limits). Written again, it would fail again. */
const REFUSED = /^(22...|23...|54...)$/

/** Everything else passes: a database that is put back, an account whose password was changed, a network without a way. */
export const isRefusedByDatabase = (error: unknown): boolean => REFUSED.test(errorCode(error))
