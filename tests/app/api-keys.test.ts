import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { createApiKey, deleteApiKey, listApiKeys } from '#app/api-keys.ts'
import { authenticate } from '#app/authenticate.ts'
import { Refused } from '#app/refused.ts'
import { startTestApp, type TestApp } from '#tests/harness/app.ts'

let t: TestApp
before(async () => {
  t = await startTestApp()
})
after(() => t.close())

const refusedAs = (code: string) => (error: unknown) => error instanceof Refused && error.refusal.code === code
const make = (changes: { expires_at_ms?: number | null; scopes?: ('agents:read' | 'agents:manage')[] } = {}) =>
  createApiKey(t.app, t.caller, { name: 'k', expires_at_ms: null, ...changes })

test('a key speaks for its organization with its scopes, and only whole', async () => {
  const { key, secret } = await make({ scopes: ['agents:read'] })
  assert.match(secret, /^ak_[0-9a-f]{18}\.[A-Za-z0-9_-]{48}$/)
  assert.deepEqual(await authenticate(t.app, secret), {
    organization_id: t.caller.organization_id,
    key_id: key.key_id,
    user_id: null,
    scopes: ['agents:read'],
  })
  for (const wrong of [
    '',
    'ak_',
    secret.slice(0, -1),
    `${secret}x`,
    secret.toUpperCase(),
    secret.replace('ak_', 'pat_'),
    `${t.credential.split('.')[0]}.${secret.split('.')[1]}`,
  ])
    assert.equal(await authenticate(t.app, wrong), null, wrong)
})

test('no secret is kept: not in the tables, not in the log', async () => {
  const { secret } = await make()
  const { rows } = await sql<{
    dump: string
  }>`select (select string_agg(k::text, '') from api_keys k) || (select string_agg(a::text, '') from audit_log a) as dump`.execute(
    t.app.db,
  )
  const half = secret.split('.')[1] ?? ''
  assert.ok(half.length > 40 && !rows[0]?.dump.includes(half))
  assert.ok(!JSON.stringify(t.log.lines).includes(half))
})

test('a deleted key is refused where the clock was set back, too', async () => {
  const { key, secret } = await make()
  const elsewhere = { ...t.app, callers: new Map() }
  assert.ok(await authenticate(elsewhere, secret))
  await deleteApiKey(t.app, t.caller, key.key_id)
  const set_back = { ...elsewhere, clock: { now_ms: () => t.clock.now_ms() - 3_600_000 } }
  assert.equal(await authenticate(set_back, secret), null)
})

test('a deleted key is refused at once here, and within a second in a process that just saw it', async () => {
  const { key, secret } = await make()
  const elsewhere = { ...t.app, callers: new Map() }
  assert.ok(await authenticate(elsewhere, secret))
  assert.ok(await authenticate(t.app, secret))
  await deleteApiKey(t.app, t.caller, key.key_id)
  assert.equal(await authenticate(t.app, secret), null)
  t.clock.advance(1000)
  assert.equal(await authenticate(elsewhere, secret), null)
  await assert.rejects(deleteApiKey(t.app, t.caller, key.key_id), refusedAs('key_not_found'))
})

test('an expired key is refused to the millisecond, believed or not', async () => {
  const { secret } = await make({ expires_at_ms: t.clock.now_ms() + 500 })
  assert.ok(await authenticate(t.app, secret))
  t.clock.advance(500)
  assert.equal(await authenticate(t.app, secret), null)
  await assert.rejects(make({ expires_at_ms: t.clock.now_ms() }), refusedAs('expiry_in_past'))
})

test('a key gets no scope that its creator lacks; by default it gets the reads', async () => {
  const limited = { ...t.caller, scopes: ['agents:manage', 'members:manage', 'conversations:read'] as const }
  const { key } = await createApiKey(t.app, limited, { name: 'k', expires_at_ms: null })
  assert.deepEqual(key.scopes, ['agents:read', 'conversations:read', 'members:read'])
  await assert.rejects(
    createApiKey(t.app, limited, { name: 'k', expires_at_ms: null, scopes: ['trunks:read'] }),
    refusedAs('scopes_exceed_creator'),
  )
})

test("the list shows the organization's living keys and no other's", async () => {
  const other = await t.organization('Other')
  const { items } = await listApiKeys(t.app, other.caller, { limit: 10, after: null })
  assert.deepEqual(
    items.map(key => key.name),
    ['First key'],
  )
  await assert.rejects(deleteApiKey(t.app, other.caller, t.caller.key_id), refusedAs('key_not_found'))
})

test('a key that runs out makes none that lives longer', async () => {
  const expires_at_ms = t.clock.now_ms() + 60_000
  const short = await createApiKey(t.app, t.caller, {
    name: 'short',
    expires_at_ms,
    scopes: ['members:manage', 'agents:read'],
  })
  const maker = await authenticate(t.app, short.secret)
  assert.ok(maker)
  const until = async (wanted_ms: number | null) =>
    (await createApiKey(t.app, maker, { name: 'made', expires_at_ms: wanted_ms })).key.expires_at
  const limit = new Date(expires_at_ms).toISOString().replace('Z', '000Z')
  assert.equal(await until(null), limit)
  assert.equal(await until(expires_at_ms + 1000), limit)
  assert.equal(await until(expires_at_ms - 1000), new Date(expires_at_ms - 1000).toISOString().replace('Z', '000Z'))
})
