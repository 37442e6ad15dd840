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

async function ask(address: DatabaseAddress): Promise<{ readonly version: number; readonly encoding: string }> {
  // made here and not before: it reads the files that the URL names, and may not find them
  const client = new pg.Client({
    ...address,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: CONNECT_TIMEOUT_MS,
  })
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query<{ version: string; encoding: string }>(
      `select current_setting('server_version_num') as version, current_setting('server_encoding') as encoding`,
    )
    return { version: Number(rows[0]?.version), encoding: rows[0]?.encoding ?? '' }
  } finally {
    client.end().catch(() => {})
  }
}

/**
 * Throws `StorageError` when the database does not answer in a few seconds, is older than PostgreSQL 15, or is not in UTF-8.
 * `shown` is the address as it may be printed.
 */
export async function requireReachable(address: DatabaseAddress, shown: string): Promise<void> {
  const { version, encoding } = await ask(address).catch(error => {
    throw new StorageError(`The database at DATABASE_URL ${shown} cannot be used: ${explain(error)}.`)
  })
  if (version < OLDEST_SERVER_VERSION)
    throw new StorageError(
      `The database at DATABASE_URL ${shown} is older than PostgreSQL 15, the oldest that Patchcord runs on.`,
    )
  if (encoding !== 'UTF8')
    throw new StorageError(
      `The database at DATABASE_URL ${shown} has the encoding ${encoding}, which cannot hold every text: make one with UTF8.`,
    )
}
