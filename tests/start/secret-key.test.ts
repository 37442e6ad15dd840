import assert from 'node:assert/strict'
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { deleteNumber, registerNumber } from '#app/phone-numbers.ts'
import { createTrunk, deleteTrunk } from '#app/trunks.ts'
import { makeNumberSecret, makeOrganizationSecret } from '#app/webhook-secrets.ts'
import { loadSecretKey, requireOwnSecrets } from '#server/secret-key.ts'
import { createSecretBox } from '#store/secret-box.ts'
import { startTestApp } from '#tests/harness/app.ts'
import { makeTempDir } from '#tests/harness/cluster.ts'

const data_dir = makeTempDir('secret-key')
after(() => rmSync(data_dir, { recursive: true, force: true }))
const file = join(data_dir, 'secret-key')

test('a key is made once, for its owner alone; a given one is taken as it is', () => {
  const given = Buffer.alloc(32, 'given')
  assert.deepEqual(loadSecretKey({ secret_key: given, data_dir: '/nowhere' }), given)
  const made = loadSecretKey({ secret_key: null, data_dir })
  assert.equal(made.length, 32)
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.equal(readFileSync(file, 'utf8').trim(), Buffer.from(made).toString('hex'))
  assert.deepEqual(loadSecretKey({ secret_key: null, data_dir }), made)
  writeFileSync(file, 'half a k')
  assert.throws(() => loadSecretKey({ secret_key: null, data_dir }), /holds no key: put back the one/)
})

test('a key that is not the one that secrets were sealed with is refused by name', async t => {
  const { app, caller, close } = await startTestApp()
  t.after(close)
  const wrong = Buffer.alloc(32, 'wrong')
  await requireOwnSecrets(app.system, createSecretBox(wrong))
  const auth = { auth_username: 'carrier', auth_password: 'correct horse' }
  const outbound_config = { address: null, transport: 'UDP', media_encryption: 'NONE', ...auth } as const
  const { id } = await createTrunk(app, caller, { name: 'Carrier', outbound_config })
  const refused = () =>
    assert.rejects(
      requireOwnSecrets(app.system, createSecretBox(wrong)),
      new RegExp(`they name the key ${app.secrets.key_id}, this is `),
    )
  await requireOwnSecrets(app.system, app.secrets)
  await refused()
  await deleteTrunk(app, caller, id)
  await requireOwnSecrets(app.system, createSecretBox(wrong))
  await registerNumber(app, caller, { phone_number: '+15551230001', base_number: null, trunk_id: null })
  await makeNumberSecret(app, caller, '+15551230001')
  await refused()
  await deleteNumber(app, caller, '+15551230001')
  await requireOwnSecrets(app.system, createSecretBox(wrong))
  await makeOrganizationSecret(app, caller)
  await refused()
  await requireOwnSecrets(app.system, app.secrets)
})
