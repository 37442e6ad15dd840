/** A PostgreSQL that somebody else set up, and not as Patchcord needs it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import pg from 'pg'
import type { DatabaseAddress } from '#store/address.ts'
import { migrate } from '#store/migrate.ts'
import { requireReachable } from '#store/reachable.ts'
import { freshDatabase } from '#tests/harness/database.ts'

async function query(address: DatabaseAddress, ...statements: readonly string[]): Promise<void> {
  const client = new pg.Client(address)
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}

test('an encoding that cannot hold every text is refused before anything is made', async () => {
  const { address, drop } = await freshDatabase()
  const name = `${address.database}_ascii`
  await query(address, `create database ${name} encoding 'SQL_ASCII' locale 'C' template template0`)
  await assert.rejects(requireReachable({ ...address, database: name }, 'x'), /has the encoding SQL_ASCII/)
  await requireReachable(address, 'x')
  await query(address, `drop database ${name}`)
  await drop()
})

test('a user that may not make tables is told what it lacks; owning the database and the granted role are enough', async () => {
  const { address, drop } = await freshDatabase()
  const [user, name] = [`${address.database}_guest`, `${address.database}_own`]
  await query(address, `create role ${user} login`, `create database ${name} template template0`)
  const guest = { ...address, user, database: name }
  await assert.rejects(
    migrate(guest),
    /^StorageError: The database user may not make or change.*let it own the database/,
  )
  await query(address, `alter database ${name} owner to ${user}`, `grant patchcord_app to ${user}`)
  assert.ok((await migrate(guest)) > 0)
  await query(address, `drop database ${name}`, `drop role ${user}`)
  await drop()
})
