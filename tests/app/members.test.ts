import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { authenticate } from '#app/authenticate.ts'
import { type App, boundTo, type Caller } from '#app/context.ts'
import { addMember, changeRole, removeMember } from '#app/members.ts'
import { createPersonalToken, deletePersonalToken, listPersonalTokens } from '#app/personal-tokens.ts'
import { Refused } from '#app/refused.ts'
import type { MemberRole } from '#core/member.ts'
import { ROLE_SCOPES, scopesThere } from '#core/member.ts'
import { SCOPES } from '#core/scopes.ts'
import { startTestApp, type TestApp } from '#tests/harness/app.ts'

let t: TestApp
let app: App
let here: string
before(async () => {
  t = await startTestApp()
  here = t.caller.organization_id
  app = boundTo(t.app, here)
})
after(() => t.close())

const refusedAs = (code: string) => (error: unknown) => error instanceof Refused && error.refusal.code === code
let people = 0
const add = async (role: MemberRole) => {
  const name = `person${people++}`
  const { member, first_token } = await addMember(app, t.caller, { email: `${name}@example.test`, name }, role)
  assert.ok(first_token)
  const caller: Caller = { ...t.caller, key_id: first_token.token.key_id, user_id: member.user_id }
  return { member, caller, secret: first_token.secret, key_id: first_token.token.key_id }
}
/** Another process: it believes what it has seen itself. */
const process = () => ({ ...t.app, callers: new Map() })

test('what a token may do is what the role and the token both allow', () => {
  assert.deepEqual(scopesThere('admin', SCOPES), SCOPES)
  assert.deepEqual(scopesThere('viewer', SCOPES), ROLE_SCOPES.viewer)
  assert.deepEqual(scopesThere('viewer', ['agents:manage', 'conversations:read_sensitive']), ['agents:read'])
  assert.deepEqual(scopesThere('admin', ['agents:manage', 'trunks:read']), [
    'agents:read',
    'agents:manage',
    'trunks:read',
  ])
  assert.deepEqual(scopesThere('admin', []), [])
  assert.ok(!ROLE_SCOPES.viewer.some(scope => scope === 'conversations:read_sensitive' || scope.endsWith(':manage')))
})

test('a token speaks for its person where that person is, and only whole', async () => {
  const { secret, member, key_id } = await add('viewer')
  assert.match(secret, /^pat_[0-9a-f]{18}\.[A-Za-z0-9_-]{48}$/)
  assert.deepEqual(await authenticate(t.app, secret, here), {
    organization_id: here,
    key_id,
    user_id: member.user_id,
    scopes: ROLE_SCOPES.viewer,
  })
  for (const wrong of [secret.slice(0, -1), `${secret}x`, secret.replace('pat_', 'ak_'), secret.toUpperCase()])
    assert.equal(await authenticate(t.app, wrong, here), null, wrong)
  await assert.rejects(authenticate(t.app, secret), refusedAs('organization_missing'))
  assert.equal(await authenticate(t.app, `${secret}x`), null)
})

test('a deleted token is refused at once here, and within a second in a process that just saw it', async () => {
  const { secret, caller, key_id } = await add('viewer')
  const elsewhere = process()
  assert.ok(await authenticate(elsewhere, secret, here))
  assert.ok(await authenticate(t.app, secret, here))
  await deletePersonalToken(app, caller, key_id)
  assert.equal(await authenticate(t.app, secret, here), null)
  t.clock.advance(1000)
  assert.equal(await authenticate(elsewhere, secret, here), null)
})

test('so is a token of somebody removed, and so is a role that was taken away', async () => {
  const { secret, member } = await add('admin')
  const rest = await add('admin')
  const elsewhere = process()
  const scopes = async (at: App) => (await authenticate(at, secret, here))?.scopes.length
  assert.deepEqual([await scopes(t.app), await scopes(elsewhere)], [SCOPES.length, SCOPES.length])
  await changeRole(app, t.caller, member.user_id, 'viewer')
  assert.equal(await scopes(t.app), ROLE_SCOPES.viewer.length)
  t.clock.advance(1000)
  assert.equal(await scopes(elsewhere), ROLE_SCOPES.viewer.length)
  await removeMember(app, t.caller, member.user_id)
  await assert.rejects(authenticate(t.app, secret, here), refusedAs('not_a_member'))
  t.clock.advance(1000)
  await assert.rejects(authenticate(elsewhere, secret, here), refusedAs('not_a_member'))
  assert.ok(await authenticate(t.app, rest.secret, here))
})

test('an expired token is refused to the millisecond, believed or not', async () => {
  const { caller } = await add('viewer')
  const expires_at_ms = t.clock.now_ms() + 500
  const { secret } = await createPersonalToken(app, caller, { name: 'short', expires_at_ms })
  assert.ok(await authenticate(t.app, secret, here))
  t.clock.advance(500)
  assert.equal(await authenticate(t.app, secret, here), null)
})

test('two admins who remove each other at the same moment: one stays', async () => {
  const other = await t.organization('Duel')
  const there = boundTo(t.app, other.caller.organization_id)
  const admin = async (name: string) =>
    (await addMember(there, other.caller, { email: `${name}@example.test`, name }, 'admin')).member.user_id
  const admins = await Promise.all(['left', 'right'].map(admin))
  const results = await Promise.allSettled([
    removeMember(there, other.caller, admins[0] ?? ''),
    changeRole(there, other.caller, admins[1] ?? '', 'viewer'),
  ])
  assert.deepEqual(results.map(result => result.status).sort(), ['fulfilled', 'rejected'])
  const lost = results.find(result => result.status === 'rejected')
  assert.ok(refusedAs('last_admin')(lost?.reason))
})

test('one address added twenty times at once is one person', async () => {
  const adding = Array.from({ length: 20 }, () =>
    addMember(app, t.caller, { email: 'twin@example.test', name: 'Twin' }, 'viewer'),
  )
  const done = (await Promise.allSettled(adding)).filter(result => result.status === 'fulfilled')
  assert.equal(done.length, 1)
})

test('no secret is kept, and each change says who made it', async () => {
  const { secret, caller, member } = await add('admin')
  const half = secret.split('.')[1] ?? ''
  const made = await createPersonalToken(app, caller, { name: 'noted', expires_at_ms: null })
  const { rows } = await sql<{ dump: string }>`select
    (select string_agg(p::text, '') from personal_tokens p) || (select string_agg(a::text, '') from audit_log a) as dump`.execute(
    t.app.db,
  )
  assert.ok(half.length > 40 && !rows[0]?.dump.includes(half))
  assert.ok(!JSON.stringify(t.log.lines).includes(half))
  const noted = await sql<{ actor: string }>`select actor from audit_log where subject = ${made.token.key_id}`.execute(
    t.app.db,
  )
  assert.deepEqual(noted.rows, [{ actor: member.user_id }])
})

test('the last use of a token is noted, to the minute', async () => {
  const { secret, caller } = await add('viewer')
  const used = async () => (await listPersonalTokens(app, caller, { limit: 1, after: null })).items[0]?.last_used_at
  assert.equal(await used(), null)
  assert.ok(await authenticate(process(), secret, here))
  while ((await used()) === null) await new Promise(setImmediate)
  assert.match(String(await used()), /^\d{4}-/)
})
