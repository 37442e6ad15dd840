/** The small pieces: times, cursors, near misses, what cannot be stored, numbers that can exist. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { decodeCursor, encodeCursor } from '#wire/cursor.ts'
import { toPointer } from '#wire/faults.ts'
import { nearestKey } from '#wire/nearest-key.ts'
import { isPossibleNumber } from '#wire/possible-number.ts'
import { toUtc } from '#wire/timestamp.ts'
import { findUnstorable } from '#wire/unstorable.ts'
import { bodyValidator, textValidator } from '#wire/validate.ts'

describe('times', () => {
  const good: readonly (readonly [string, string])[] = [
    ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00.000000Z'],
    ['2026-01-31t12:00:00.5z', '2026-01-31T12:00:00.500000Z'],
    ['2026-01-31T12:00:00.123456789+02:00', '2026-01-31T10:00:00.123456Z'],
    ['2026-01-01T00:30:00-23:59', '2026-01-02T00:29:00.000000Z'],
    ['2024-02-29T23:59:59Z', '2024-02-29T23:59:59.000000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000000Z'],
  ]
  for (const [text, utc] of good) test(text, () => assert.equal(toUtc(text), utc))
  const bad = [
    '',
    'now',
    '2026-01-31',
    '2026-01-31 12:00:00Z',
    '2026-01-31T12:00:00',
    '2026-02-30T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-31T24:00:00Z',
    '2026-01-31T23:59:60Z',
    '2026-01-31T12:00:00+24:00',
    '0000-06-01T00:00:00Z',
    '0001-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-01:00',
    '2026-01-31T12:00:00Z\n',
  ]
  for (const text of bad) test(`not ${JSON.stringify(text)}`, () => assert.equal(toUtc(text), null))
  test('of any instant', () => {
    const range = { min: new Date('0001-01-02T00:00:00Z'), max: new Date('9999-12-30T00:00:00Z'), noInvalidDate: true }
    fc.assert(
      fc.property(fc.date(range), date => toUtc(date.toISOString()) === date.toISOString().replace('Z', '000Z')),
    )
  })
})

describe('cursors', () => {
  const id = '0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d'
  const created_at = '2026-01-31T12:00:00.123456Z'
  test('come back as they went', () => {
    assert.deepEqual(decodeCursor(encodeCursor({ created_at, id }), 'uuid'), { created_at, id })
    assert.deepEqual(decodeCursor(encodeCursor({ created_at, id: 'ab12' }), 'text'), { created_at, id: 'ab12' })
  })
  test('may be a time in Base64, of either alphabet, padded or not, through a query or not', () => {
    const time = '2026-01-31T14:00:00.123456+02:00'
    const base64 = Buffer.from(time).toString('base64')
    for (const text of [
      base64,
      base64.replace(/=+$/, ''),
      Buffer.from(time).toString('base64url'),
      base64.replaceAll('+', ' '),
    ]) {
      assert.deepEqual(decodeCursor(text, 'uuid'), { created_at, id: null })
    }
  })
  const text = (raw: string) => Buffer.from(raw).toString('base64url')
  for (const bad of [
    '',
    '=',
    '!',
    'x',
    text('yesterday'),
    text(`${created_at} 5`),
    text(`${created_at} ${id} `),
    text(`${created_at} ${id}' or 1`),
  ]) {
    test(`not ${JSON.stringify(bad)}`, () => assert.equal(decodeCursor(bad, 'uuid'), null))
  }
  test('of nothing but cursors', () => {
    fc.assert(
      fc.property(fc.string(), given => {
        const cursor = decodeCursor(given, 'text')
        assert.ok(cursor === null || toUtc(cursor.created_at) === cursor.created_at)
      }),
    )
  })
})

describe('the nearest key', () => {
  const known = ['max_duration_seconds', 'silence_timeout_seconds', 'voice', 'text']
  const cases = {
    voic: 'voice',
    vioce: 'voice',
    Voice: 'voice',
    maxDurationSeconds: 'max_duration_seconds',
    'silence-timeout': 'silence_timeout_seconds',
  }
  for (const [asked, near] of Object.entries(cases))
    test(`${asked}: ${near}`, () => assert.equal(nearestKey(asked, known), near))
  test('of none', () => assert.equal(nearestKey('x', []), null))
})

describe('what cannot be stored', () => {
  test('is found wherever it is', () => {
    assert.deepEqual(findUnstorable({ a: [{ b: 'x\0' }] })?.path, ['a', 0, 'b'])
    assert.deepEqual(findUnstorable({ a: { 'k\ud800': 1 } })?.path, ['a'])
    assert.deepEqual(findUnstorable([Number.POSITIVE_INFINITY])?.path, [0])
    assert.equal(findUnstorable({ a: ['x', '👍', 1.5, null, true, { b: '' }] }), null)
  })
  test('is everything nested too deep, without running out of stack', () => {
    const nest = (depth: number) => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`)
    assert.equal(findUnstorable(nest(60)), null)
    assert.match(findUnstorable(nest(500_000))?.message ?? '', /nested deeper/)
  })
  test('is nothing that PostgreSQL would take', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), value => {
        const text = JSON.stringify(value)
        assert.equal(findUnstorable(value) === null, !/\\u0000|\\ud[89a-f][0-9a-f]{2}/i.test(text))
      }),
    )
  })
})

test('bodies are taken as they are, texts are read', () => {
  const schema = { type: 'object', properties: { n: { type: 'integer' } } }
  assert.equal(bodyValidator(schema)({ n: '7' }).length, 1)
  const query = { n: '7' }
  assert.deepEqual(textValidator(schema)(query), [])
  assert.deepEqual(query, { n: 7 })
})

test('pointers are escaped', () => assert.equal(toPointer(['a/b', 0, '~']), '/a~1b/0/~0'))

test('numbers that can exist', () => {
  for (const number of ['+15551234567', '+493012345678', '+442079460000']) assert.ok(isPossibleNumber(number), number)
  for (const number of ['+1555123456', '15551234567', '+155512345678', '+999123456789', ''])
    assert.ok(!isPossibleNumber(number), number)
})

test('a number of a query that is too large to be one is refused, not read as endless', () => {
  const schema = { type: 'object', properties: { limit: { type: 'integer', minimum: 1, maximum: 100 } } }
  for (const limit of ['1e400', '-1e400', 'Infinity', 'NaN', '101', '1.5'])
    assert.equal(textValidator(schema)({ limit }).length, 1, limit)
  assert.deepEqual(textValidator(schema)({ limit: '1e2' }), [])
})
