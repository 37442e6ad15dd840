import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCallHealth } from '#app/call-health.ts'

/** Seconds, what happens, and then whether the version is failing. */
type Row = readonly [second: number, happens: 'failed' | 'well' | 'taken' | 'nothing', failing: boolean]

const STORIES: Readonly<Record<string, readonly Row[]>> = {
  'three in a row within a minute rest it for half a minute': [
    [0, 'failed', false],
    [20, 'failed', false],
    [59, 'failed', true],
    [88.9, 'nothing', true],
    [89, 'nothing', false],
  ],
  'three over more than a minute are chance': [
    [0, 'failed', false],
    [30, 'failed', false],
    [60, 'failed', false],
    [61, 'failed', true],
  ],
  'a good one between begins anew': [
    [0, 'failed', false],
    [1, 'failed', false],
    [2, 'well', false],
    [3, 'failed', false],
    [4, 'failed', false],
    [5, 'failed', true],
  ],
  'after the rest one call may try, and while it tries no other': [
    [0, 'failed', false],
    [0, 'failed', false],
    [0, 'failed', true],
    [30, 'nothing', false],
    [30, 'taken', true],
    [31, 'well', false],
    [32, 'failed', false],
  ],
  'one that tries and fails rests again': [
    [0, 'failed', false],
    [0, 'failed', false],
    [0, 'failed', true],
    [40, 'taken', true],
    [41, 'failed', true],
    [70, 'nothing', true],
    [71, 'nothing', false],
  ],
  'one that tries and says nothing lets the next one try': [
    [0, 'failed', false],
    [0, 'failed', false],
    [0, 'failed', true],
    [40, 'taken', true],
    [69, 'nothing', true],
    [70, 'nothing', false],
    [70, 'taken', true],
  ],
  'calls taken before it rested do not prolong it': [
    [0, 'taken', false],
    [0, 'failed', false],
    [0, 'failed', false],
    [0, 'failed', true],
    [1, 'taken', true],
    [30, 'nothing', false],
  ],
}

for (const [name, rows] of Object.entries(STORIES))
  test(`health: ${name}`, () => {
    let now_ms = 0
    const health = createCallHealth({ clock: { now_ms: () => now_ms }, engine_up: () => true })
    for (const [index, [second, happens, failing]] of rows.entries()) {
      now_ms = second * 1000
      if (happens === 'taken') health.taken('v')
      else if (happens !== 'nothing') health.began('v', happens === 'well')
      assert.equal(health.now().failing.has('v'), failing, `row ${index + 1}`)
      assert.equal(health.now().failing.has('other'), false)
    }
  })

test('health: the engine is as it is at the moment', () => {
  let up = true
  const health = createCallHealth({ clock: { now_ms: () => 0 }, engine_up: () => up })
  assert.equal(health.now().engine_up, true)
  up = false
  assert.equal(health.now().engine_up, false)
})
