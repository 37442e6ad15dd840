import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { alone, assignmentKey, scaleWeights, WHOLE_BP, withoutAgent, withVersion } from '#core/assignment.ts'
import type { AssignmentEntry } from '#core/routing-table.ts'

const entry = (agent_id: string, weight_bp: number): AssignmentEntry => ({
  agent_id,
  version: 1,
  weight_bp,
  arm: agent_id,
})
const sum = (weights: readonly number[]) => weights.reduce((a, b) => a + b, 0)

test('weights scale by largest remainder', () => {
  const table: readonly (readonly [readonly number[], readonly number[]])[] = [
    [[1], [10000]],
    [
      [1, 1],
      [5000, 5000],
    ],
    [
      [1, 1, 1],
      [3334, 3333, 3333],
    ],
    [
      [2, 1],
      [6667, 3333],
    ],
    [
      [1, 2],
      [3333, 6667],
    ],
    [
      [9999, 1],
      [9999, 1],
    ],
    [
      [0.5, 0.3, 0.2],
      [5000, 3000, 2000],
    ],
    [
      [1_000_000, 1, 1],
      [9998, 1, 1],
    ],
  ]
  for (const [given, expected] of table) assert.deepEqual(scaleWeights(given), expected, String(given))
})

test('scaled weights are whole, at least 1, sum to 10000 and keep their order', () => {
  const weights = fc.array(fc.double({ min: 0.0001, max: 1, noNaN: true }), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(weights, given => {
      const scaled = scaleWeights(given)
      assert.equal(sum(scaled), WHOLE_BP)
      assert.ok(scaled.every(weight => Number.isInteger(weight) && weight >= 1))
      for (const [i, a] of given.entries())
        for (const [j, b] of given.entries()) if (a < b) assert.ok((scaled[i] ?? 0) <= (scaled[j] ?? 0) + 1)
    }),
  )
})

test('an agent leaves a list', () => {
  const list = [entry('a', 5000), entry('b', 3000), entry('c', 2000)]
  assert.deepEqual(
    withoutAgent(list, 'b').map(e => [e.agent_id, e.weight_bp]),
    [
      ['a', 7143],
      ['c', 2857],
    ],
  )
  assert.equal(withoutAgent(list, 'x'), list, 'the very same list when it was not in it')
  assert.deepEqual(withoutAgent([entry('a', 10000)], 'a'), [])
})

test('a version takes its agent’s place', () => {
  const one = (agent_id: string, version: number | null, weight_bp: number, arm: string) => ({
    ...{ agent_id, version, weight_bp, arm },
  })
  const b = one('b', 1, 5000, 'b')
  const table: readonly (readonly [readonly AssignmentEntry[], readonly AssignmentEntry[]])[] = [
    [
      [one('a', 1, 5000, 'x'), b],
      [one('a', 9, 5000, 'x'), b],
    ],
    [
      [b, one('a', null, 5000, 'a:latest')],
      [b, one('a', 9, 5000, 'a:latest')],
    ],
    [
      [one('a', 1, 1000, 'x'), b, one('a', 2, 4000, 'y')],
      [b, one('a', 9, 5000, 'y')],
    ],
    [
      [one('a', 9, 2500, 'x'), one('a', 2, 2500, 'y'), b],
      [one('a', 9, 5000, 'x'), b],
    ],
  ]
  for (const [before, after] of table) assert.deepEqual(withVersion(before, 'a', 9), after, JSON.stringify(before))
  const same = [one('a', 9, 5000, 'x'), b]
  assert.equal(withVersion(same, 'a', 9), same, 'the very same list when nothing changes')
  const without = [one('b', 1, 10_000, 'b')]
  assert.equal(withVersion(without, 'a', 9), without)
})

test('equal lists have equal keys, other lists other keys', () => {
  assert.equal(assignmentKey(alone('a', 1)), assignmentKey(alone('a', 1)))
  assert.notEqual(assignmentKey(alone('a', 1)), assignmentKey(alone('a', 2)))
  assert.notEqual(
    assignmentKey([entry('a', 5000), entry('b', 5000)]),
    assignmentKey([entry('b', 5000), entry('a', 5000)]),
  )
})
