/** Brings a database to the schema of this program: sql/NNN_name.sql in order, each once, all in one transaction. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type pg from 'pg'
import type { DatabaseAddress } from '#store/address.ts'
import { errorCode, openPool } from '#store/database.ts'
import { StorageError } from '#store/storage-error.ts'
import { ensureTenantRole } from '#store/tenant-role.ts'

const INSUFFICIENT_PRIVILEGE = '42501'
const FOLDER = join(import.meta.dirname, '..', 'sql')

type Migration = { readonly version: number; readonly name: string }

/** Thrown when the database was already used by a later program; nothing has been changed. */
export class DatabaseNewerError extends Error {
  constructor(found: number, known: number) {
    super(
      `The database has schema ${found}, this program knows schemas up to ${known}: ` +
        'start the newer Patchcord again, or restore a backup made before it ran.',
    )
  }
}

const migrations = (): readonly Migration[] =>
  readdirSync(FOLDER)
    .filter(file => /^\d{3}_\w+\.sql$/.test(file))
    .sort()
    .map(file => ({ version: Number(file.slice(0, 3)), name: file }))

/** Two programs that start at once migrate one after the other. Any number that nobody else locks. */
const MIGRATION_LOCK = 7_283_420_117

const applyMissing = async (client: pg.PoolClient): Promise<number> => {
  await client.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK])
  await client.query(`create table if not exists schema_migrations (
    version integer primary key, name text not null, applied_at timestamptz not null default now())`)
  const { rows } = await client.query<{ version: number }>(
    'select coalesce(max(version), 0) as version from schema_migrations',
  )
  const found = rows[0]?.version ?? 0
  const known = migrations()
  const newest = known.at(-1)?.version ?? 0
  if (found > newest) throw new DatabaseNewerError(found, newest)
  await ensureTenantRole(client)
  const missing = known.filter(migration => migration.version > found)
  for (const { version, name } of missing) {
    await client.query(readFileSync(join(FOLDER, name), 'utf8'))
    await client.query('insert into schema_migrations (version, name) values ($1, $2)', [version, name])
  }
  return missing.length
}

/** Returns how many migrations ran. Throws DatabaseNewerError, or StorageError when a right or a role is missing; any failure leaves the database as it was. */
export const migrate = async (address: DatabaseAddress): Promise<number> => {
  const pool = openPool(address, { max_connections: 1, connect_timeout_ms: 5000 })
  try {
    const client = await pool.connect()
    try {
      await client.query('begin')
      const count = await applyMissing(client)
      await client.query('commit')
      return count
    } catch (error) {
      await client.query('rollback').catch(() => {})
      if (errorCode(error) !== INSUFFICIENT_PRIVILEGE || !(error instanceof Error)) throw error
      throw new StorageError(
        `The database user may not make or change Patchcord's tables (${error.message}): let it own the database.`,
      )
    } finally {
      client.release()
    }
  } finally {
    await pool.end()
  }
}
