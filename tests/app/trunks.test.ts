/** Trunks: what of their secrets is kept, shown and routed by; and what races may not do. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import type { TableFollower } from '#app/follow-routing.ts'
import { deleteNumber, registerNumber, updateNumber } from '#app/phone-numbers.ts'
import { Refused } from '#app/refused.ts'
import { credentialsOf, openOutbound } from '#app/trunk-secrets.ts'
import { createTrunk, deleteTrunk, updateTrunk } from '#app/trunks.ts'
import { emptyRoutingTable, trunksOf } from '#core/routing-table.ts'
import { createSecretBox } from '#store/secret-box.ts'
import { startTestApp, type TestApp } from '#tests/harness/app.ts'
import { testFollower } from '#tests/harness/follower.ts'

let t: TestApp
const table = emptyRoutingTable()

before(async () => {
  let follower: TableFollower | null = null
  t = await startTestApp({ routing: { changed: async change => follower?.changed(change) } })
  follower = testFollower(t, table)
  await follower.load()
})
after(() => t.close())

const PASSWORD = 'correct horse battery'
const inbound = (more: object = {}) => ({
  allowed_addresses: ['198.51.100.0/24'],
  auth_username: 'ann',
  transports: ['udp'] as const,
  ...more,
})
const OUTBOUND = { address: 'sip.example', auth_username: 'us', transport: 'UDP', media_encryption: 'NONE' } as const
const source = (address: string) => ({ address, port: 1, transport: 'udp' }) as const
const asking = (address: string) => trunksOf(table, source(address)).asking

test('a trunk is routed by when the answer is given, at every change, until it is deleted', async () => {
  const trunk = await createTrunk(t.app, t.caller, { name: 'x', inbound_config: inbound({ auth_password: PASSWORD }) })
  assert.deepEqual(asking('198.51.100.9')[0]?.credentials, credentialsOf('ann', PASSWORD))
  await updateTrunk(t.app, t.caller, trunk.id, { inbound_config: inbound({ allowed_addresses: ['203.0.113.1'] }) })
  assert.deepEqual(asking('198.51.100.9'), [])
  assert.deepEqual(asking('203.0.113.1')[0]?.credentials, credentialsOf('ann', PASSWORD), 'the password stayed')
  await updateTrunk(t.app, t.caller, trunk.id, { inbound_config: inbound({ auth_password: 'another one' }) })
  assert.deepEqual(asking('198.51.100.9')[0]?.credentials, credentialsOf('ann', 'another one'))
  await updateTrunk(t.app, t.caller, trunk.id, { inbound_config: inbound({ auth_username: null }) })
  assert.deepEqual(asking('198.51.100.9'), [])
  assert.equal(trunksOf(table, source('198.51.100.9')).open[0]?.id, trunk.id)
  await deleteTrunk(t.app, t.caller, trunk.id)
  assert.deepEqual(trunksOf(table, source('198.51.100.9')), { open: [], asking: [] })
})

test('no password, nor what it was hashed to, is anywhere in the database, the audit log or the log', async () => {
  const trunk = await createTrunk(t.app, t.caller, {
    name: 'Secretive',
    inbound_config: inbound({ auth_password: PASSWORD }),
    outbound_config: { ...OUTBOUND, auth_password: PASSWORD },
  })
  await updateTrunk(t.app, t.caller, trunk.id, { outbound_config: { ...OUTBOUND, auth_password: `${PASSWORD}!` } })
  const { rows } = await sql<{ row: string }>`select to_jsonb(t)::text as row from trunks t
    union all select to_jsonb(a)::text from audit_log a where subject = ${trunk.id}`.execute(t.app.system)
  const { md5, sha256 } = credentialsOf('ann', PASSWORD)
  const said = JSON.stringify([rows, t.log.lines, trunk])
  for (const secret of [PASSWORD, md5, sha256]) assert.ok(!said.includes(secret))
  assert.ok(said.includes('outbound_password_changed') && !said.includes('inbound_password_changed'))
  const stored = await sql<{
    outbound_secret: string
  }>`select outbound_secret from trunks where id = ${trunk.id}`.execute(t.app.system)
  assert.equal(openOutbound(t.app.secrets, trunk.id, stored.rows[0]?.outbound_secret ?? ''), `${PASSWORD}!`)
})

test('a change of nothing writes nothing', async () => {
  const trunk = await createTrunk(t.app, t.caller, { name: 'x', inbound_config: inbound({ auth_password: PASSWORD }) })
  assert.deepEqual(await updateTrunk(t.app, t.caller, trunk.id, {}), trunk)
  const number = await registerNumber(t.app, t.caller, {
    phone_number: '+15559003000',
    base_number: null,
    trunk_id: null,
  })
  assert.deepEqual(await updateNumber(t.app, t.caller, '+15559003000', {}), number)
  const { rows } = await sql`select from audit_log where subject = any(${[trunk.id, number.id]}::text[])`.execute(
    t.app.system,
  )
  assert.equal(rows.length, 2)
})

test('a trunk whose credentials cannot be opened accepts nobody, and the log says why', async () => {
  const trunk = await createTrunk(t.app, t.caller, {
    name: 'x',
    inbound_config: inbound({ allowed_addresses: ['192.0.2.99'], auth_password: PASSWORD }),
  })
  const blind = emptyRoutingTable()
  const secrets = createSecretBox(Buffer.alloc(32, 'wrong'))
  await testFollower(t, blind, { secrets }).load()
  assert.deepEqual(trunksOf(blind, source('192.0.2.99')), { open: [], asking: [] })
  const line = t.log.lines.find(each => each.level === 'error' && each.fields.trunk === trunk.id)
  assert.match(String(line?.fields.err), /sealed with the key/)
})

test('a number and its trunk, an extension and its base: whoever comes second is refused, and nothing dangles', async () => {
  for (let round = 0; round < 10; round++) {
    const { id } = await createTrunk(t.app, t.caller, { name: `race ${round}` })
    const base = `+1555900${1000 + round}`
    const number = (phone_number: string, base_number: string | null, trunk_id: string | null) =>
      registerNumber(t.app, t.caller, { phone_number, base_number, trunk_id })
    const first = await Promise.allSettled([number(base, null, id), deleteTrunk(t.app, t.caller, id)])
    if (first[0].status === 'rejected') await number(base, null, null)
    const second = await Promise.allSettled([number(`7${round}`, base, null), deleteNumber(t.app, t.caller, base)])
    for (const pair of [first, second]) {
      const reasons = pair.flatMap(each => (each.status === 'rejected' ? [each.reason] : []))
      assert.equal(reasons.length, 1)
      assert.ok(reasons[0] instanceof Refused, String(reasons[0]))
    }
  }
})

test('the tables themselves refuse what must never be', async () => {
  const insert = (phone_number: string, base_number: string | null) =>
    sql`insert into phone_numbers (id, organization_id, phone_number, base_number, trunk_id)
      select gen_random_uuid(), organization_id, ${phone_number}, ${base_number}, id from trunks where is_default
      and organization_id = ${t.caller.organization_id}`.execute(t.app.system)
  await insert('+15559002000', null)
  await assert.rejects(insert('+15559002000', null), /phone_numbers_/)
  await assert.rejects(insert('100', null), /phone_numbers_phone_number_check/)
  await assert.rejects(insert('+15559002001', '+15559002000'), /phone_numbers_phone_number_check/)
  await assert.rejects(insert('100', '+15559002999'), /phone_numbers_base_number_fkey/)
  await insert('100', '+15559002000')
  await assert.rejects(sql`delete from phone_numbers where phone_number = '+15559002000'`.execute(t.app.system), /fkey/)
})
