/** Splits: as exact as the weights, and nobody moves who need not. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { scaleWeights } from '#core/assignment.ts'
import { hashPair, score } from '#core/rendezvous.ts'
import { type AssignmentEntry, toAssignment } from '#core/routing-table.ts'
import { draw, HEALTHY } from '#core/serve.ts'
import { AGENT, agent, entry, OTHER, THIRD, world } from '#tests/core/routing-world.ts'

const arm = (name: string, weight_bp: number): AssignmentEntry => ({ ...entry(AGENT, 1, weight_bp), arm: name })
const TABLE = world({ agents: [agent(AGENT, [1]), agent(OTHER, [1]), agent(THIRD, [1])] })

/** Caller → the arm drawn for it. */
const drawer = (entries: readonly AssignmentEntry[], organization_id = 'org', number = '+15551234567') => {
  const list = toAssignment(organization_id, 'list', entries)
  return (caller: string): string | null => draw(TABLE, list, () => hashPair(number, caller), HEALTHY, [])?.arm ?? null
}

const caller = (index: number): string => `+1555${String(index).padStart(7, '0')}`
const callers = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => caller(index))

test('a million callers over 0.5, 0.3 and 0.2: as a fair draw would have it', () => {
  const drawn = drawer([arm('a', 5000), arm('b', 3000), arm('c', 2000)])
  const counts = { a: 0, b: 0, c: 0 }
  const all = 1_000_000
  for (let index = 0; index < all; index++) counts[drawn(caller(index)) as 'a' | 'b' | 'c'] += 1
  const expected = { a: 0.5 * all, b: 0.3 * all, c: 0.2 * all }
  const chi_square = (['a', 'b', 'c'] as const).reduce(
    (sum, key) => sum + (counts[key] - expected[key]) ** 2 / expected[key],
    0,
  )
  // p = 0.001 at two degrees of freedom.
  assert.ok(chi_square < 13.8, `χ² = ${chi_square}, ${JSON.stringify(counts)}`)
})

test('twenty equal arms, and one of a ten-thousandth', () => {
  const twenty = drawer(Array.from({ length: 20 }, (_, index) => arm(`arm ${index}`, 500)))
  const counts = new Map<string | null, number>()
  for (const each of callers(200_000)) counts.set(twenty(each), (counts.get(twenty(each)) ?? 0) + 1)
  const chi_square = [...counts.values()].reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)
  // p = 0.001 at nineteen degrees of freedom.
  assert.ok(chi_square < 43.8, `χ² = ${chi_square}`)
  const rare = drawer([arm('most', 9999), arm('rare', 1)])
  const few = callers(1_000_000).filter(each => rare(each) === 'rare').length
  // 100 ± 4 standard deviations.
  assert.ok(few > 60 && few < 140, String(few))
})

test('the order of a list moves nobody', () => {
  const list = [arm('a', 5000), arm('b', 3000), arm('c', 2000)]
  const drawn = drawer(list)
  const reordered = drawer(list.toReversed())
  for (const each of callers(20_000)) assert.equal(reordered(each), drawn(each))
})

test('5 % that become 10 % keep the first 5 %, and take from both others alike', () => {
  const before = drawer([arm('new', 500), arm('a', 6000), arm('b', 3500)])
  const [a = 0, b = 0] = [(9000 * 6000) / 9500, (9000 * 3500) / 9500]
  const after = drawer([arm('new', 1000), arm('a', a), arm('b', b)])
  for (const each of callers(50_000)) {
    if (before(each) === after(each)) continue
    assert.equal(after(each), 'new')
  }
})

test('an arm that goes moves its own callers only; and one that cannot serve, while it cannot', () => {
  const three = [arm('a', 5000), { ...entry(OTHER, 1, 3000), arm: 'b' }, arm('c', 2000)]
  const without = scaleWeights([5000, 2000])
  const before = drawer(three)
  const after = drawer([arm('a', without[0] ?? 0), arm('c', without[1] ?? 0)])
  const paused = world({ agents: [agent(AGENT, [1]), agent(OTHER, [1], { active: false })] })
  const list = toAssignment('org', 'list', three)
  for (const each of callers(20_000)) {
    const now = draw(paused, list, () => hashPair('+15551234567', each), HEALTHY, [])?.arm
    if (before(each) === 'b') assert.notEqual(now, 'b')
    else {
      assert.equal(now, before(each))
      assert.equal(after(each), before(each))
    }
  }
})

test('a new version inherits the callers of a named arm', () => {
  const before = drawer([{ ...entry(AGENT, 1, 2000), arm: 'trial' }, entry(OTHER, 1, 8000)])
  const after = drawer([{ ...entry(THIRD, 1, 2000), arm: 'trial' }, entry(OTHER, 1, 8000)])
  for (const each of callers(5_000)) assert.equal(after(each), before(each))
})

test('two numbers of one caller, and two organizations, draw apart', () => {
  const list = [arm('a', 5000), arm('b', 5000)]
  const here = drawer(list)
  for (const there of [drawer(list, 'org', '+15551234568'), drawer(list, 'another')]) {
    const same = callers(10_000).filter(each => here(each) === there(each)).length
    // Half of them ± 5 standard deviations.
    assert.ok(same > 4750 && same < 5250, String(same))
  }
})

/** For good: a change that breaks one of these moves callers everywhere. */
const VECTORS: readonly (readonly [string, string, string])[] = [
  ['', '', 'ffeb679f2e3539e3'],
  ['a', '', '6cb735651c55dc6a'],
  ['', 'a', '26ab212822c657ee'],
  ['+15551234567', '+4930123456', 'afe87fd9f31ee989'],
  ['0197f0a8-0000-7000-8000-000000000000', 'trial', '2045073f29824a28'],
  ['\u{1F600} ü', '100', '57eecba6f8be31dc'],
]

const hex = (first: string, second: string): string => {
  const { high, low } = hashPair(first, second)
  return [high, low].map(half => (half >>> 0).toString(16).padStart(8, '0')).join('')
}

test('the hash is what it always was', () => {
  for (const [first, second, expected] of VECTORS) assert.equal(hex(first, second), expected, `${first} ${second}`)
})

test('these callers keep these arms, in every process and for good', () => {
  const drawn = drawer([arm('a', 5000), arm('b', 3000), arm('c', 2000)])
  assert.equal(callers(64).map(drawn).join(''), 'cbbbbbaacabababccaaaaacccacbabcbaaccacccbaccaaacbbcbcaaccacbbcbb')
})

test('a draw is positive, finite, and lighter for a heavier arm', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.integer({ min: 1, max: 10_000 }), (who, name, weight) => {
      const drawn = score(hashPair(who, ''), hashPair(name, ''), weight)
      assert.ok(drawn > 0 && Number.isFinite(drawn))
      assert.ok(score(hashPair(who, ''), hashPair(name, ''), weight + 1) < drawn)
    }),
  )
})

test('texts that differ in one bit differ in about half of the hash', () => {
  let flipped = 0
  const pairs = 2000
  for (let index = 0; index < pairs; index++) {
    const text = caller(index)
    const other = `${text.slice(0, -1)}${String.fromCharCode(text.charCodeAt(text.length - 1) ^ 1)}`
    const [a, b] = [hashPair('', text), hashPair('', other)]
    const bits = (x: number): number => (x >>> 0).toString(2).replaceAll('0', '').length
    flipped += bits(a.high ^ b.high) + bits(a.low ^ b.low)
  }
  assert.ok(Math.abs(flipped / pairs - 32) < 0.6, String(flipped / pairs))
})
