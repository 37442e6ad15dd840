/** Ending while the database hangs. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { closeDatabase, type Db, openDatabase } from '#store/database.ts'
import { freshDatabase } from '#tests/harness/database.ts'

/** Resolves once the query is on its way. */
async function begin(db: Db, seconds: number): Promise<{ readonly ended: Promise<boolean> }> {
  const begun = Promise.withResolvers<void>()
  const ended = db.connection().execute(async connection => {
    begun.resolve()
    await sql`select pg_sleep(${seconds})`.execute(connection)
  })
  await begun.promise
  const outcome = ended.then(
    () => true,
    () => false,
  )
  return { ended: outcome }
}

test('a query that never ends does not keep the database open; one that ends, and a last one, are waited for', async () => {
  const { address, drop } = await freshDatabase()
  const frozen = openDatabase(address, { max_connections: 1 })
  const hanging = await begin(frozen, 3600)
  await closeDatabase(frozen, async () => {}, 50)

  const quick = openDatabase(address, { max_connections: 2 })
  const query = await begin(quick, 0.1)
  let last = false
  await closeDatabase(
    quick,
    async () => {
      await sql`select 1`.execute(quick)
      last = true
    },
    60_000,
  )
  assert.equal(last, true)
  assert.equal(await query.ended, true)
  await drop()
  assert.equal(await hanging.ended, false)
})
