import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { createNotifier, listenForChanges } from '#store/notifications.ts'
import { startTestApp, type TestApp } from '#tests/harness/app.ts'

let t: TestApp
before(async () => {
  t = await startTestApp()
})
after(() => t.close())

/** Counts what is heard, and waits for more. */
const ear = () => {
  let heard = 0
  let more = Promise.withResolvers<void>()
  return {
    hear: () => {
      heard += 1
      more.resolve()
      more = Promise.withResolvers()
    },
    count: () => heard,
    until: async (count: number) => {
      while (heard < count) await more.promise
    },
  }
}

test('who listens hears once on connecting, and of what is told; a burst is told as few', async () => {
  const { hear, until, count } = ear()
  const listener = listenForChanges(t.address, hear)
  await until(1)
  const notifier = createNotifier(t.app.system)
  notifier.tell()
  await until(2)
  for (let times = 0; times < 1000; times++) notifier.tell()
  await until(3)
  await listener.stop()
  assert.ok(count() < 20, `${count()} notifications`)
})

test('a session that is ended is followed by another, which asks to look at once', async () => {
  const { hear, until } = ear()
  const listener = listenForChanges(t.address, hear)
  await until(1)
  await sql`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and query like 'listen %'`.execute(t.app.system)
  await until(2)
  await listener.stop()
})

test('neither throws nor rejects without a database', async () => {
  const nowhere = { host: '127.0.0.1', port: 1, user: 'nobody', database: 'none' }
  const listener = listenForChanges(nowhere, () => assert.fail('nothing was told'))
  await new Promise(resolve => setImmediate(resolve))
  await listener.stop()
})
