import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSecretBox, keyIdOf, SealedError } from '#store/secret-box.ts'

const box = createSecretBox(Buffer.alloc(32, 'one'))
const other = createSecretBox(Buffer.alloc(32, 'two'))

test('what is sealed opens with its key, for its purpose', () => {
  for (const secret of ['', 'hunter2', 'pässword 🔑', 'x'.repeat(10_000)]) {
    const sealed = box.seal(secret, 'trunk 1')
    assert.equal(box.open(sealed, 'trunk 1'), secret)
    assert.ok(secret === '' || !sealed.includes(secret))
    assert.notEqual(sealed, box.seal(secret, 'trunk 1'), 'never the same twice')
  }
})

test('a wrong key is said by name; nothing else opens', () => {
  const sealed = box.seal('hunter2', 'trunk 1')
  assert.equal(keyIdOf(sealed), box.key_id)
  assert.throws(
    () => other.open(sealed, 'trunk 1'),
    new RegExp(`sealed with the key ${box.key_id}, and this is ${other.key_id}`),
  )
  assert.throws(() => box.open(sealed, 'trunk 2'), /belongs to something else/)
  const [form, id, text = ''] = sealed.split('.')
  const flipped = Buffer.from(text, 'base64url')
  for (let at = 0; at < flipped.length; at++) {
    const bytes = Buffer.from(flipped)
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
    assert.throws(() => box.open(`${form}.${id}.${bytes.toString('base64url')}`, 'trunk 1'), SealedError)
  }
  for (const broken of ['', 'hunter2', `v1.${box.key_id}.`, `v1.${box.key_id}.AAAA`, `v2.${box.key_id}.${text}`])
    assert.throws(() => box.open(broken, 'trunk 1'), SealedError, broken)
})

test('equal texts have equal macs, with one key', () => {
  assert.deepEqual(box.mac('hunter2'), box.mac('hunter2'))
  for (const another of [box.mac('hunter3'), other.mac('hunter2')]) assert.notDeepEqual(box.mac('hunter2'), another)
  assert.equal(box.mac('').length, 32)
})
