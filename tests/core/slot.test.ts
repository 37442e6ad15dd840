import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { WHOLE_BP } from '#core/assignment.ts'
import { slotFaults, toEntries, type WantedEntry } from '#core/slot.ts'

const entry = (agent_id: string, more: Partial<WantedEntry> = {}): WantedEntry => ({ agent_id, version: 1, ...more })
const faults = (wanted: readonly WantedEntry[]) => slotFaults(wanted).map(({ path }) => path.join('/'))

test('what is wrong with a list', () => {
  const table: readonly (readonly [string, readonly WantedEntry[], readonly string[]])[] = [
    ['empty', [], []],
    ['no weights', [entry('a'), entry('b')], []],
    ['half a millionth too much', [entry('a', { weight: 0.5 }), entry('b', { weight: 0.500_000_5 })], []],
    ['two millionths too much', [entry('a', { weight: 0.5 }), entry('b', { weight: 0.500_002 })], ['']],
    ['too little', [entry('a', { weight: 0.5 })], ['']],
    ['one without', [entry('a', { weight: 1 }), entry('b')], ['1/weight']],
    ['below a basis point', [entry('a', { weight: 0.000_09 }), entry('b', { weight: 0.999_91 })], ['0/weight']],
    ['a basis point', [entry('a', { weight: 0.0001 }), entry('b', { weight: 0.9999 })], []],
    ['negative', [entry('a', { weight: -1 }), entry('b', { weight: 2 })], ['0/weight', '1/weight']],
    ['no number', [entry('a', { weight: Number.NaN })], ['0/weight']],
    ['infinite', [entry('a', { weight: Number.POSITIVE_INFINITY })], ['0/weight']],
    ['the same version twice', [entry('a'), entry('b'), entry('a', { arm: 'x' })], ['2/version']],
    ['following twice', [entry('a', { version: null }), entry('a', { version: null })], ['1/version']],
    ['following and pinned', [entry('a', { version: null }), entry('a')], []],
    ['the same arm', [entry('a', { arm: 'x' }), entry('b', { arm: 'x' })], ['1/arm']],
    ['another’s own arm', [entry('a', { arm: 'b:1' }), entry('b')], ['1/arm']],
    ['an empty arm', [entry('a', { arm: '' })], ['0/arm']],
    ['an arm of two lines', [entry('a', { arm: 'x\ny' })], ['0/arm']],
    ['a long arm', [entry('a', { arm: '😀'.repeat(100) })], []],
    ['too long an arm', [entry('a', { arm: 'x'.repeat(101) })], ['0/arm']],
    ['twenty', Array.from({ length: 20 }, (_, n) => entry(`${n}`)), []],
    ['twenty-one', Array.from({ length: 21 }, (_, n) => entry(`${n}`)), ['']],
  ]
  for (const [name, wanted, expected] of table) assert.deepEqual(faults(wanted), expected, name)
})

test('what is stored: basis points by largest remainder, arms by name or by agent and version', () => {
  assert.deepEqual(
    toEntries([
      entry('a', { weight: 0.333_35 }),
      entry('a', { version: null, weight: 0.333_35 }),
      entry('b', { weight: 0.3333, arm: 'x' }),
    ]),
    [
      { agent_id: 'a', version: 1, weight_bp: 3334, arm: 'a:1' },
      { agent_id: 'a', version: null, weight_bp: 3333, arm: 'a:latest' },
      { agent_id: 'b', version: 1, weight_bp: 3333, arm: 'x' },
    ],
  )
  assert.deepEqual(toEntries([]), [])
})

test('what was stored and shown is stored as it is when it is sent back', () => {
  const parts = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(parts, given => {
      const total = given.reduce((a, b) => a + b, 0)
      const wanted = given.map((part, n) => entry(`${n}`, { weight: part / total }))
      fc.pre(slotFaults(wanted).length === 0)
      const stored = toEntries(wanted)
      assert.equal(
        stored.reduce((sum, { weight_bp }) => sum + weight_bp, 0),
        WHOLE_BP,
      )
      const shown = stored.map(({ weight_bp, ...rest }) => ({ ...rest, weight: weight_bp / WHOLE_BP }))
      assert.deepEqual(slotFaults(shown), [])
      assert.deepEqual(toEntries(shown), stored)
    }),
  )
})
