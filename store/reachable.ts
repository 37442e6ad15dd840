/** Whether a PostgreSQL that somebody else runs can be used, asked once at start, in words for the person who named it. */
import pg from 'pg'
import type { DatabaseAddress } from '#store/address.ts'
import { StorageError } from '#store/storage-error.ts'

const CONNECT_TIMEOUT_MS = 4000
const OLDEST_SERVER_VERSION = 150_000

function explain(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const message = error instanceof Error ? error.message : String(error)
  switch (code) {
    case 'ECONNREFUSED':
      return 'nothing listens there (ECONNREFUSED)'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the host name cannot be resolved (${code})`
    case '28P01':
    case '28000':
      return `the server refuses the user or its password (${code})`
    case '3D000':
      return 'the server has no such database (3D000)'
    default:
      return message.includes('timeout')
        ? `no answer within ${CONNECT_TIMEOUT_MS / 1000} seconds`
        : `${code} ${message}`.trim()
  }
}

/**
 * Throws `StorageError` when the database does not answer in a few seconds, or is older than PostgreSQL 15.
 * `shown` is the address as it may be printed.
 */
export async function requireReachable(address: DatabaseAddress, shown: string): Promise<void> {
  const client = new pg.Client({
    ...address,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: CONNECT_TIMEOUT_MS,
  })
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query<{ server_version_num: string }>('show server_version_num')
    const version = Number(rows[0]?.server_version_num)
    if (version >= OLDEST_SERVER_VERSION) return
  } catch (error) {
    throw new StorageError(`The database at DATABASE_URL ${shown} cannot be used: ${explain(error)}.`)
  } finally {
    client.end().catch(() => {})
  }
  throw new StorageError(
    `The database at DATABASE_URL ${shown} is older than PostgreSQL 15, the oldest that Patchcord runs on.`,
  )
}
