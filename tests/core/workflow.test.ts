import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { retryDelaySeconds, storable } from '#core/workflow.ts'

test('tries are further and further apart, five at most; who asks for more time gets a minute at most', () => {
  const cases: readonly (readonly [
    again: boolean,
    retry_after_ms: number,
    attempts: number,
    seconds: number | null,
  ])[] = [
    [true, 0, 1, 2],
    [true, 0, 2, 4],
    [true, 0, 4, 16],
    [true, 0, 5, null],
    [false, 0, 1, null],
    [true, 7100, 1, 8],
    [true, 3_600_000, 1, 60],
    [true, 1, 4, 16],
  ]
  for (const [again, retry_after_ms, attempts, seconds] of cases)
    assert.equal(retryDelaySeconds({ error: null, again, retry_after_ms }, attempts), seconds)
})

test('whatever a step returns can be stored, and is the same again when it is read', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ stringUnit: 'binary' })), value => {
      const text = JSON.stringify(storable({ value, more: `a\0b\ud800c\\u0000` }))
      assert.doesNotMatch(text.replaceAll('\\\\', ''), /\\u0000|\\ud[89a-f]/)
      assert.deepEqual(storable(JSON.parse(text)), JSON.parse(text))
    }),
  )
  assert.deepEqual(storable({ 'a\0': '\\u0000 \udc00 \0' }), { 'a\ufffd': '\\u0000 \ufffd \ufffd' })
})
