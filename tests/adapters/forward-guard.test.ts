import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createForwardGuard } from '#adapters/forward-guard.ts'
import { parseRange } from '#core/ip.ts'

const NAMES: Readonly<Record<string, readonly string[]>> = {
  'public.example': ['203.0.114.7'],
  'inside.example': ['10.0.0.7', '127.0.0.1'],
  'both.example': ['10.0.0.7', '203.0.114.8'],
  'six.example': ['2001:4860::1'],
  'nobody.example': [],
}
const asked: string[] = []
const resolve = async (name: string): Promise<readonly string[]> => {
  asked.push(name)
  const found = NAMES[name]
  if (found === undefined) throw new Error('ENOTFOUND')
  return found
}

const TABLE: readonly (readonly [host: string, allow: readonly string[], address: string | null])[] = [
  ['203.0.114.7', [], '203.0.114.7'],
  ['127.0.0.1', [], null],
  ['127.0.0.1', ['127.0.0.0/8'], '127.0.0.1'],
  ['169.254.169.254', ['127.0.0.0/8'], null],
  ['public.example', [], '203.0.114.7'],
  ['inside.example', [], null],
  ['inside.example', ['127.0.0.1'], '127.0.0.1'],
  ['both.example', [], '203.0.114.8'],
  ['six.example', [], null],
  ['nobody.example', [], null],
  ['unknown.example', [], null],
  ['[::1]', ['::1'], null],
]

for (const [host, allow, address] of TABLE)
  test(`${host}${allow.length > 0 ? ` with ${allow}` : ''}: ${address}`, async () => {
    const ranges = allow.flatMap(text => parseRange(text) ?? [])
    assert.equal(await createForwardGuard(ranges, resolve)(host), address)
  })

test('an address is not looked up', () => assert.ok(!asked.some(name => name.startsWith('127.'))))
