/** The PostgreSQL role that requests run as (sql/006_row_level_security.sql). A role belongs to the whole server. */
import type pg from 'pg'
import { StorageError } from '#store/storage-error.ts'

export const TENANT_ROLE = 'patchcord_app'

const CREATE = `create role ${TENANT_ROLE} nologin nosuperuser nobypassrls nocreatedb nocreaterole`

/** Inside a savepoint: false when PostgreSQL refuses. */
const allowed = async (client: pg.PoolClient, ...statements: readonly string[]): Promise<boolean> => {
  await client.query('savepoint attempt')
  try {
    for (const statement of statements) await client.query(statement)
    await client.query('release savepoint attempt')
    return true
  } catch {
    await client.query('rollback to savepoint attempt')
    return false
  }
}

const canBecomeIt = (client: pg.PoolClient): Promise<boolean> =>
  allowed(client, `set local role ${TENANT_ROLE}`, 'set local role none')

/**
 * Makes sure that the role exists, may be taken on, and is bound by row-level security; to be called in a transaction.
 * Throws `StorageError` with the SQL to run where this user may not do it.
 */
export const ensureTenantRole = async (client: pg.PoolClient): Promise<void> => {
  const { rows } = await client.query<{ unbound: boolean }>(
    'select rolsuper or rolbypassrls as unbound from pg_roles where rolname = $1',
    [TENANT_ROLE],
  )
  if (rows[0]?.unbound)
    throw new StorageError(
      `The role ${TENANT_ROLE} passes by row-level security, which keeps organizations apart: ` +
        `have an administrator run: alter role ${TENANT_ROLE} nosuperuser nobypassrls;`,
    )
  // Another database of this server may make it at the same moment: then it is there for the grant.
  if (rows[0] === undefined) await allowed(client, CREATE)
  if (await canBecomeIt(client)) return
  if ((await allowed(client, `grant ${TENANT_ROLE} to current_user`)) && (await canBecomeIt(client))) return
  const user = await client.query<{ name: string }>('select quote_ident(current_user) as name')
  throw new StorageError(
    `This database user may not make or take on the role ${TENANT_ROLE}, which keeps organizations apart: have an ` +
      `administrator run:${rows[0] === undefined ? ` ${CREATE};` : ''} grant ${TENANT_ROLE} to ${user.rows[0]?.name};`,
  )
}
