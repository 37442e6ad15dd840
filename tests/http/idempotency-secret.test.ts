/** What is kept of a request with an Idempotency-Key gives none of its secrets away. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { sql } from 'kysely'
import { canonicalJson } from '#core/canonical-json.ts'
import { ask } from '#tests/harness/http.ts'
import { startWorld } from '#tests/harness/world.ts'

test('a trunk’s password cannot be guessed from what is kept of its request', async () => {
  const world = await startWorld()
  try {
    const body = { name: 'Keyed', inbound_config: { auth_username: 'ann', auth_password: 'password' } }
    const headers = { 'idempotency-key': 'trunk' }
    const made = await ask(world, 'admin', { method: 'POST', path: '/core/trunks', body, headers })
    assert.equal(made.status, 200)
    const { rows } = await sql<{ kept: Buffer; row: string }>`
      select request_sha256 as kept, to_jsonb(k)::text as row from idempotency_keys k`.execute(world.app.system)
    const text = `POST /core/trunks\n${canonicalJson(body)}`
    assert.deepEqual(rows[0]?.kept, world.app.secrets.mac(text))
    assert.notDeepEqual(rows[0]?.kept, createHash('sha256').update(text).digest())
    assert.ok(rows.length === 1 && !rows[0]?.row.includes('"password'))
  } finally {
    await world.close()
  }
})
