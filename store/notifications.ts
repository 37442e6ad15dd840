/**
 * Word between processes that the trail of changes has grown (docs/adr/0004): it only shortens the wait until they look
 * there, so it may be lost, come twice, or come for nothing. Told after the commit, in a transaction of its own: one that
 * notifies takes a lock over the whole cluster and holds it until its commit is on disk, one publish after the other.
 */
import { sql } from 'kysely'
import pg from 'pg'
import type { DatabaseAddress } from '#store/address.ts'
import type { Db } from '#store/database.ts'

const CHANNEL = 'patchcord_routing'

/** Never waits and never throws; what is told while a notification is on its way goes with the next one. */
export const createNotifier = (db: Db): { tell(): void } => {
  let telling = false
  let again = false
  const tell = (): void => {
    again = telling
    if (telling) return
    telling = true
    sql`select pg_notify(${CHANNEL}, '')`
      .execute(db)
      .catch(() => {})
      .finally(() => {
        telling = false
        if (again) tell()
      })
  }
  return { tell }
}

export type Listener = { stop(): Promise<void> }

const CONNECT_TIMEOUT_MS = 5_000
const RETRY_FIRST_MS = 250
const RETRY_LAST_MS = 10_000
/** A connection into nowhere looks like one on which nothing happens. */
const CHECK_MS = 15_000

/** Rejects as soon as the connection ends, however that comes. `use` says when it listens. */
const listenOnce = async (client: pg.Client, use: () => void): Promise<void> => {
  const ended = Promise.withResolvers<never>()
  client.on('error', ended.reject)
  client.on('end', () => ended.reject(new Error('the connection has ended')))
  ended.promise.catch(() => {})
  await client.connect()
  await client.query(`listen ${CHANNEL}`)
  use()
  const check = setInterval(() => void client.query('select 1').catch(ended.reject), CHECK_MS)
  await ended.promise.finally(() => clearInterval(check))
}

/**
 * Calls `heard` after each notification, and after each connection, since some may have come before it. Connects again for
 * as long as it takes; says nothing when it cannot, as whoever polls will.
 */
export const listenForChanges = (address: DatabaseAddress, heard: () => void): Listener => {
  let stopping = false
  let retry_ms = RETRY_FIRST_MS
  let client: pg.Client | null = null
  let timer: NodeJS.Timeout | undefined
  const listen = async (): Promise<void> => {
    const its = new pg.Client({
      ...address,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      application_name: 'patchcord',
    })
    client = its
    its.on('notification', heard)
    await listenOnce(its, () => {
      retry_ms = RETRY_FIRST_MS
      heard()
    }).catch(() => {})
    its.end().catch(() => {})
    if (stopping) return
    timer = setTimeout(listen, retry_ms)
    retry_ms = Math.min(RETRY_LAST_MS, retry_ms * 2)
  }
  listen()
  return {
    stop: async () => {
      stopping = true
      clearTimeout(timer)
      await Promise.race([client?.end().catch(() => {}), new Promise(resolve => setTimeout(resolve, 500).unref())])
    },
  }
}
