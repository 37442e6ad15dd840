import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { inSlices } from '#app/in-slices.ts'

test('other work has its turn between the slices', async () => {
  const told: (number | 'other')[] = []
  let running = true
  const others = (async () => {
    while (running) {
      await setImmediate()
      told.push('other')
    }
  })()
  await inSlices(5, 2, index => told.push(index))
  running = false
  await others
  assert.deepEqual(told.slice(0, 7), [0, 1, 'other', 2, 3, 'other', 4])
})

test('nothing to do', () => inSlices(0, 2, () => assert.fail('there is nothing')))
