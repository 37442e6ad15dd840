import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { getInboundRouting } from '#app/inbound-routing.ts'
import { getRouting } from '#app/number-routing.ts'
import { getNumber } from '#app/phone-numbers.ts'
import { makeNumberSecret, makeOrganizationSecret } from '#app/webhook-secrets.ts'
import { startTestApp, type TestApp } from '#tests/harness/app.ts'
import { seedNumbers } from '#tests/harness/seed.ts'

let t: TestApp
before(async () => {
  t = await startTestApp()
})
after(() => t.close())

const sealedIn = async (table: string): Promise<string> => {
  const { rows } = await sql<{ sealed: string }>`select webhook_secret as sealed from ${sql.table(table)}
    where webhook_secret is not null`.execute(t.app.system)
  assert.equal(rows.length, 1)
  return rows[0]?.sealed ?? ''
}

const assertSecret = (secret: string): void => {
  assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/)
  assert.equal(Buffer.from(secret.slice('whsec_'.length), 'base64').length, 32)
}

test('a number’s secret is 256 bits, sealed for that number alone, and another each time', async () => {
  const [number = ''] = await seedNumbers(t, 1)
  const { id, revision } = await getNumber(t.app, t.caller, number)
  const first = await makeNumberSecret(t.app, t.caller, number)
  const secret = await makeNumberSecret(t.app, t.caller, number)
  assertSecret(secret)
  assert.notEqual(secret, first)
  const sealed = await sealedIn('phone_numbers')
  assert.ok(!sealed.includes(secret.slice('whsec_'.length, 20)))
  assert.equal(t.app.secrets.open(sealed, `number ${id} webhook`), secret)
  assert.throws(() => t.app.secrets.open(sealed, `number ${t.caller.organization_id} webhook`))
  const after_it = await getRouting(t.app, t.caller, number)
  assert.deepEqual([after_it.has_webhook_secret, after_it.revision], [true, revision + 2])
})

test('an organization’s secret is sealed for it alone', async () => {
  const secret = await makeOrganizationSecret(t.app, t.caller)
  assertSecret(secret)
  const sealed = await sealedIn('inbound_routing')
  assert.equal(t.app.secrets.open(sealed, `organization ${t.caller.organization_id} webhook`), secret)
  const { enabled, has_webhook_secret, revision } = await getInboundRouting(t.app, t.caller)
  assert.deepEqual({ enabled, has_webhook_secret, revision }, { enabled: false, has_webhook_secret: true, revision: 1 })
})

test('no secret is in the audit log', async () => {
  const { rows } = await sql<{ said: string }>`select string_agg(a::text, ' ') as said from audit_log a`.execute(
    t.app.system,
  )
  assert.match(rows[0]?.said ?? '', /webhook_secret/)
  assert.doesNotMatch(rows[0]?.said ?? '', /whsec_|v1\./)
})
