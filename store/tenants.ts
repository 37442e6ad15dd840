/**
 * The database as one organization sees it. Connections run as a role that is bound by row-level security, and name the
 * organization when they change hands: a query without its predicate still finds nobody else's rows.
 */
import { Kysely, PostgresDialect } from 'kysely'
import type pg from 'pg'
import type { DatabaseAddress } from '#store/address.ts'
import { type Db, type OpenOptions, openPool } from '#store/database.ts'
import { poolOf } from '#store/pipelined.ts'
import type { Database } from '#store/schema.ts'
import { TENANT_ROLE } from '#store/tenant-role.ts'

export type Tenants = {
  /** Everything done with it sees and writes rows of this organization only. */
  of(organization_id: string): Db
  close(): Promise<void>
}

/**
 * Every connection may be held by requests that wait for one agent: that is a queue and no outage, which the probe finds
 * sooner. Twenty pipelines on one agent of a machine ten times overloaded waited for more than 10 s.
 */
const QUEUE_TIMEOUT_MS = 30_000

/** A `Db` is a few objects; making one costs microseconds. */
const KEPT_LIMIT = 1000

export const openTenants = (address: DatabaseAddress, options: OpenOptions): Tenants => {
  const pool = openPool(address, { connect_timeout_ms: QUEUE_TIMEOUT_MS, ...options, role: TENANT_ROLE })
  // What a connection was told last: an organization that goes on using it costs no further round trip.
  const named = new WeakMap<pg.PoolClient, string>()
  const connectFor = async (organization_id: string): Promise<pg.PoolClient> => {
    const client = await pool.connect()
    if (named.get(client) === organization_id) return client
    named.delete(client)
    try {
      await client.query(`select set_config('app.organization_id', $1, false)`, [organization_id])
    } catch (error) {
      client.release(true)
      throw error
    }
    named.set(client, organization_id)
    return client
  }
  const open = (organization_id: string): Db => {
    const its_pool = poolOf(
      pool,
      () => connectFor(organization_id),
      async () => {},
    )
    return new Kysely<Database>({ dialect: new PostgresDialect({ pool: its_pool }) })
  }
  const kept = new Map<string, Db>()
  return {
    of: organization_id => {
      const known = kept.get(organization_id)
      if (known) return known
      if (kept.size >= KEPT_LIMIT) kept.clear()
      const db = open(organization_id)
      kept.set(organization_id, db)
      return db
    },
    close: () => pool.end(),
  }
}
