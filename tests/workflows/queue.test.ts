/** The queue in the database: whose it is, what becomes of work that fell out of it, and of work that is long done. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import pg from 'pg'
import { getWorkflow } from '#app/workflows.ts'
import { migrate } from '#store/migrate.ts'
import { adoptOrphans, pruneWorkflows } from '#store/workflow-upkeep.ts'
import { startTestApp, type TestApp } from '#tests/harness/app.ts'
import { freshDatabase } from '#tests/harness/database.ts'
import { makeSampleTables, sampleRegistry, startSample, tallies } from '#tests/workflows/sample.ts'
import { startWorkerProcess, until } from '#tests/workflows/worker-process.ts'
import { prepareQueue } from '#workflows/queue.ts'

let t: TestApp
before(async () => {
  t = await startTestApp({ registry: sampleRegistry() })
  await makeSampleTables(t.app.db)
})
after(() => t.close())

test('requests may start work, and can neither read nor write the queue itself', async () => {
  await startSample(t, t.caller, 1)
  const tenant = t.app.tenants.of(t.caller.organization_id)
  for (const query of [sql`select from pgboss.job`, sql`delete from pgboss.job`, sql`select from pgboss.queue`])
    await assert.rejects(query.execute(tenant), /permission denied/)
})

test('another organization sees nothing of it', async () => {
  const id = await startSample(t, t.caller, 2)
  const other = await t.organization('Another')
  const app = { ...t.app, db: t.app.tenants.of(other.caller.organization_id) }
  await assert.rejects(getWorkflow(app, other.caller, id), { refusal: { code: 'workflow_not_found', about: [id] } })
  for (const table of ['workflows', 'workflow_steps'])
    assert.equal((await sql`select from ${sql.table(table)}`.execute(app.db)).rows.length, 0)
})

test('work whose job is gone is given another; work whose job waits is left alone', async () => {
  const lost = await startSample(t, t.caller, 3)
  const waiting = await startSample(t, t.caller, 4)
  const fresh = await startSample(t, t.caller, 5)
  await sql`update workflows set updated_at = now() - interval '2 minutes' where id in (${lost}, ${waiting})`.execute(
    t.app.db,
  )
  await sql`delete from pgboss.job where data->>'workflow_id' in (${lost}, ${fresh})`.execute(t.app.db)
  const job_ids = ['01a20000-0000-7000-8000-000000000001', '01a20000-0000-7000-8000-000000000002']
  const adopted = await t.app.db.transaction().execute(tx => adoptOrphans(tx, job_ids))
  assert.deepEqual(adopted, [{ id: lost, organization_id: t.caller.organization_id, job_id: job_ids[0] }])
})

test('what ended long ago is forgotten, with its steps', async () => {
  const old = await startSample(t, t.caller, 6)
  const recent = await startSample(t, t.caller, 7)
  const end = (id: string, days: number) =>
    sql`update workflows set status = 'cancelled', finished_at = now() - make_interval(days => ${days}) where id = ${id}`.execute(
      t.app.db,
    )
  await end(old, 31)
  await end(recent, 29)
  await pruneWorkflows(t.app.db, 30)
  const ids = (await tallies(t.app.db)).map(({ workflow_id }) => workflow_id)
  assert.deepEqual([ids.includes(old), ids.includes(recent)], [false, true])
  assert.equal((await sql`select from workflow_steps where workflow_id = ${old}`.execute(t.app.db)).rows.length, 0)
})

test('a user who is no superuser can make the queue, as often as programs start, two at once', async () => {
  const { address, drop } = await freshDatabase()
  const admin = new pg.Client(address)
  await admin.connect()
  const owner = `owner_${process.pid}`
  const database = `owned_${process.pid}`
  try {
    await admin.query(`create role ${owner} login nosuperuser`)
    await admin.query(`grant patchcord_app to ${owner}`)
    await admin.query(`create database ${database} owner ${owner}`)
    const theirs = { ...address, user: owner, database }
    await migrate(theirs)
    await Promise.all([prepareQueue(theirs), prepareQueue(theirs)])
    await prepareQueue(theirs)
  } finally {
    await admin.query(`drop database if exists ${database} with (force)`)
    await admin.query(`drop role if exists ${owner}`)
    await admin.end()
    await drop()
  }
})

test('a worker that is asked to end leaves what it was doing for the next, at once', async () => {
  await using closing = new AsyncDisposableStack()
  const own = await startTestApp({ registry: sampleRegistry(), max_connections: 2 })
  closing.defer(() => own.close())
  await makeSampleTables(own.app.db)
  const settings = { address: own.address, concurrency: 1, die_at: null }
  await startSample(own, own.caller, 8)
  const state = async () => (await tallies(own.app.db))[0]
  const first = await startWorkerProcess({ ...settings, run_ms: 60_000 })
  closing.defer(() => first.end())
  await until('it is begun', async () => (await state())?.outside === 1)
  await first.end()
  assert.equal((await state())?.status, 'queued')
  const second = await startWorkerProcess({ ...settings, run_ms: 0 })
  closing.defer(() => second.end())
  await until('it is done', async () => (await state())?.status === 'completed')
  assert.equal((await state())?.outside, 4)
})
