import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalJson } from '#core/canonical-json.ts'

test('the forms that RFC 8785 prescribes', () => {
  const table: readonly (readonly [unknown, string])[] = [
    [{ b: 1, a: [true, null, 'x'] }, '{"a":[true,null,"x"],"b":1}'],
    [[1e21, 0.000001, 1e-7, -0, 100], '[1e+21,0.000001,1e-7,0,100]'],
    ['\u20ac$\u000f\nA\'B"\\', '"\u20ac$\\u000f\\nA\'B\\"\\\\"'],
    // Sorted by UTF-16 code units: the surrogates of U+1F600 come before U+FB33 (3.2.3).
    [
      { '\ufb33': 1, '\ud83d\ude00': 2, '\r': 3, '1': 4, '\u00f6': 5 },
      '{"\\r":3,"1":4,"\u00f6":5,"\ud83d\ude00":2,"\ufb33":1}',
    ],
    [{ gone: undefined, kept: null }, '{"kept":null}'],
  ]
  for (const [value, text] of table) assert.equal(canonicalJson(value), text)
})

test('key order does not matter, and nothing is lost', () => {
  const shuffle = (value: unknown): unknown => {
    if (value === null || typeof value !== 'object') return value
    if (Array.isArray(value)) return value.map(shuffle)
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([key, member]) => [key, shuffle(member)]),
    )
  }
  fc.assert(
    fc.property(fc.jsonValue(), value => {
      assert.equal(canonicalJson(shuffle(value)), canonicalJson(value))
      assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)))
    }),
  )
})
