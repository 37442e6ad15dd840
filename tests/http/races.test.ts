/** Many writers at once: nothing is lost, nothing happens twice. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { holdKey } from '#store/idempotency-keys.ts'
import { type Answer, ask } from '#tests/harness/http.ts'
import { startWorld, type World } from '#tests/harness/world.ts'

let world: World
before(async () => {
  world = await startWorld()
})
after(() => world.close())

const makeAgent = async (name: string): Promise<string> => {
  const made = await ask(world, 'admin', { method: 'POST', path: '/core/agents', body: { name, metadata: { n: 0 } } })
  return (made.body as { id: string }).id
}

test('64 writers that each add one, If-Match what they read, lose no update', async () => {
  const path = `/core/agents/${await makeAgent('counter')}`
  let stale = 0
  const addOne = async (): Promise<void> => {
    for (;;) {
      const read = await ask(world, 'admin', { method: 'GET', path })
      const { n } = (read.body as { metadata: { n: number } }).metadata
      const headers = { 'if-match': String(read.headers.etag) }
      const { status } = await ask(world, 'admin', { method: 'PUT', path, body: { metadata: { n: n + 1 } }, headers })
      if (status === 200) return
      assert.equal(status, 412)
      stale += 1
    }
  }
  await Promise.all(Array.from({ length: 64 }, addOne))
  const { body, headers } = await ask(world, 'admin', { method: 'GET', path })
  assert.deepEqual((body as { metadata: object }).metadata, { n: 64 })
  assert.match(String(headers.etag), /\.65"$/)
  assert.ok(stale > 0, 'some came too late, or this test shows nothing')
})

test('2,000 keys, each sent three times at once and until it is answered: one effect and one answer a key', async () => {
  const KEYS = 2000
  const send = async (key: number): Promise<Answer> => {
    for (;;) {
      const answer = await ask(world, 'admin', {
        method: 'POST',
        path: '/core/agents',
        body: { name: `keyed ${key}` },
        headers: { 'idempotency-key': `race ${key}` },
      })
      if (answer.status !== 409) return answer
    }
  }
  let next = 0
  let first_answers = 0
  const work = async (): Promise<void> => {
    for (let key = next++; key < KEYS; key = next++) {
      const answers = await Promise.all([send(key), send(key), send(key)])
      assert.deepEqual(new Set(answers.map(answer => answer.status)), new Set([200]))
      assert.equal(new Set(answers.map(answer => JSON.stringify(answer.body))).size, 1)
      first_answers += answers.filter(answer => answer.headers['idempotent-replayed'] === undefined).length
    }
  }
  await Promise.all(Array.from({ length: 8 }, work))
  assert.equal(first_answers, KEYS)
  const { rows } = await sql<{ agents: number; names: number; audited: number }>`
    select count(*) as agents, count(distinct name) as names,
      (select count(*) from audit_log where after->>'name' like 'keyed %') as audited
    from agents where name like 'keyed %'`.execute(world.app.system)
  assert.deepEqual(rows, [{ agents: KEYS, names: KEYS, audited: KEYS }])
})

test('a refusal is an answer too: what would succeed by now is still refused under its key', async () => {
  const path = `/core/agents/${await makeAgent('refused')}/versions`
  const copy = { method: 'POST', path, body: { base_version: 1 }, headers: { 'idempotency-key': 'too early' } } as const
  const first = await ask(world, 'admin', copy)
  assert.equal(first.status, 404)
  await ask(world, 'admin', { method: 'POST', path, body: { config: {} } })
  const again = await ask(world, 'admin', copy)
  assert.deepEqual([again.status, again.body], [404, first.body])
  assert.equal(again.headers['idempotent-replayed'], 'true')
  const fresh = await ask(world, 'admin', { ...copy, headers: { 'idempotency-key': 'later' } })
  assert.equal(fresh.status, 200)
})

test('a key that is older than a day is free', async () => {
  const request = {
    method: 'POST',
    path: '/core/agents',
    body: { name: 'daily' },
    headers: { 'idempotency-key': 'daily' },
  } as const
  const id = async () => ((await ask(world, 'admin', request)).body as { id: string }).id
  const first = await id()
  assert.equal(await id(), first)
  await sql`update idempotency_keys set created_at = now() - interval '24 hours 1 second'`.execute(world.app.system)
  const second = await id()
  assert.notEqual(second, first)
  assert.equal(await id(), second)
})

test('another credential’s key of the same text is another key', async () => {
  const request = {
    method: 'POST',
    path: '/core/agents',
    body: { name: 'x' },
    headers: { 'idempotency-key': 'x' },
  } as const
  const ours = await ask(world, 'admin', request)
  const theirs = await ask(world, 'other', request)
  assert.deepEqual([ours.status, theirs.status], [200, 200])
  assert.notDeepEqual(theirs.body, ours.body)
  assert.equal(theirs.headers['idempotent-replayed'], undefined)
})

test('what fails inside is not kept: the next try has its effect', async () => {
  const request = {
    method: 'POST',
    path: '/core/agents',
    body: { name: 'second try' },
    headers: { 'idempotency-key': 'second try' },
  } as const
  await sql`alter table agents add constraint broken check (name <> 'second try')`.execute(world.app.system)
  assert.equal((await ask(world, 'admin', request)).status, 500)
  await sql`alter table agents drop constraint broken`.execute(world.app.system)
  const answer = await ask(world, 'admin', request)
  assert.equal(answer.status, 200)
  assert.equal(answer.headers['idempotent-replayed'], undefined)
})

test('a holder that died frees its key: at once when its connection ends, in any case after an idle minute', async () => {
  const owner = {
    organization_id: world.admin.organization_id,
    credential_id: world.admin.key_id,
    key: 'of the dead',
  }
  const request = {
    method: 'POST',
    path: '/core/agents',
    body: { name: 'heir' },
    headers: { 'idempotency-key': owner.key },
  } as const
  const held = world.app.system.transaction().execute(async tx => {
    assert.equal(await holdKey(tx, owner), true)
    const { rows } = await sql<{ pid: number; limit: string }>`
      select pg_backend_pid() as pid, current_setting('idle_in_transaction_session_timeout') as limit`.execute(tx)
    assert.equal(rows[0]?.limit, '1min')
    assert.equal((await ask(world, 'admin', request)).status, 409)
    await sql`select pg_terminate_backend(${rows[0]?.pid ?? 0}, 5000)`.execute(world.app.system)
    await sql`select 1`.execute(tx)
  })
  await assert.rejects(held)
  assert.equal((await ask(world, 'admin', request)).status, 200)
})
