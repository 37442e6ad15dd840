/** Statements sent ahead: none of a transaction's effects without all of them, and the first failure is the one that is told. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { type Db, errorCode, openDatabase } from '#store/database.ts'
import { ahead, prepared } from '#store/pipelined.ts'
import { freshDatabase } from '#tests/harness/database.ts'

const DIVISION_BY_ZERO = '22012'

let fresh: Awaited<ReturnType<typeof freshDatabase>>
let db: Db
before(async () => {
  fresh = await freshDatabase()
  db = openDatabase(fresh.address, { max_connections: 1 })
  await sql`create table marks (mark integer)`.execute(db)
})
after(async () => {
  await db.destroy()
  await fresh.drop()
})

const mark = (tx: Db, value: number) => sql`${ahead}${prepared}insert into marks values (${value}::integer)`.execute(tx)
const fail = (tx: Db) => sql`${ahead}select 1 / 0`.execute(tx)
const marks = async (): Promise<readonly number[]> => {
  const { rows } = await sql<{ mark: number }>`delete from marks returning mark`.execute(db)
  return rows.map(row => row.mark)
}
const divided = (error: unknown): boolean => errorCode(error) === DIVISION_BY_ZERO

test('what was sent ahead is there after the commit, in order', async () => {
  await db.transaction().execute(async tx => {
    await mark(tx, 1)
    await mark(tx, 2)
  })
  assert.deepEqual(await marks(), [1, 2])
})

test('its failure is told by the commit, and nothing stays', async () => {
  const work = db.transaction().execute(async tx => {
    await mark(tx, 1)
    await fail(tx)
    await mark(tx, 2)
  })
  await assert.rejects(work, divided)
  assert.deepEqual(await marks(), [])
})

test('its failure is told by the next statement, not as that one’s own', async () => {
  const work = db.transaction().execute(async tx => {
    await fail(tx)
    await sql`select 1`.execute(tx)
    assert.fail('the statement behind a failure went on')
  })
  await assert.rejects(work, divided)
})

test('a transaction given up says why it was given up, whatever it had sent ahead', async () => {
  const work = db.transaction().execute(async tx => {
    await mark(tx, 1)
    await fail(tx)
    throw new Error('enough')
  })
  await assert.rejects(work, /^Error: enough$/)
  assert.deepEqual(await marks(), [])
})

test('a transaction given up before its first statement leaves none open', async () => {
  await assert.rejects(
    db.transaction().execute(() => Promise.reject(new Error('enough'))),
    /enough/,
  )
  await mark(db, 1)
  assert.deepEqual(await marks(), [1])
})
