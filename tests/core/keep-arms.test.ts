import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keepArms } from '#core/keep-arms.ts'
import type { AssignmentEntry } from '#core/routing-table.ts'

const entry = (agent_id: string, version: number | null, arm: string, weight_bp = 5000): AssignmentEntry => ({
  agent_id,
  version,
  weight_bp,
  arm,
})

test('an agent and version that are in the slot keep their arm, at their new weight', () => {
  const held = [entry('a', 1, 'control', 9000), entry('b', null, 'trial', 1000)]
  assert.deepEqual(keepArms([entry('b', null, 'b:latest'), entry('a', 1, 'a:1')], held), [
    entry('b', null, 'trial'),
    entry('a', 1, 'control'),
  ])
})

test('another version is another arm', () => {
  const entries = [entry('a', 2, 'a:2'), entry('a', null, 'a:latest')]
  assert.deepEqual(keepArms(entries, [entry('a', 1, 'control', 10_000)]), entries)
})

test('an arm that would stand there twice is not kept', () => {
  const entries = [entry('a', 1, 'a:1'), entry('b', 1, 'b:1')]
  assert.deepEqual(keepArms(entries, [entry('a', 1, 'b:1', 10_000)]), entries)
})

test('only those give an arm up that another has by its own name, and those that follow from it', () => {
  const held = [entry('a', 2, 'a:1'), entry('b', 1, 'control'), entry('c', 1, 'a:2')]
  const wanted = [entry('a', 1, 'a:1'), entry('a', 2, 'a:2'), entry('b', 1, 'b:1'), entry('c', 1, 'c:1')]
  for (const entries of [wanted, wanted.toReversed()]) {
    const arms = Object.fromEntries(keepArms(entries, held).map(each => [`${each.agent_id}:${each.version}`, each.arm]))
    assert.deepEqual(arms, { 'a:1': 'a:1', 'a:2': 'a:2', 'b:1': 'control', 'c:1': 'c:1' })
  }
})
