import assert from 'node:assert/strict'
import { test } from 'node:test'
import pg from 'pg'
import { freshDatabase } from '#tests/harness/database.ts'

async function query(address: object, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client(address)
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

test('fresh databases are migrated, empty, and apart from each other, also when made at once', async () => {
  const fresh = await Promise.all([freshDatabase(), freshDatabase(), freshDatabase()])
  const [first, second] = fresh
  assert.ok(first && second)
  await query(first.address, `create table mark (a int)`)
  const tables = `select table_name from information_schema.tables where table_schema = 'public'`
  const names = (rows: readonly Record<string, unknown>[]) => rows.map(row => row.table_name)
  const of_first = names(await query(first.address, tables))
  const of_second = names(await query(second.address, tables))
  assert.ok(of_first.includes('mark') && of_first.includes('organizations'))
  assert.ok(!of_second.includes('mark') && of_second.includes('organizations'))
  assert.deepEqual(await query(second.address, 'select * from organizations'), [])
  await Promise.all(fresh.map(database => database.drop()))
})
