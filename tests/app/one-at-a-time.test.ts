import assert from 'node:assert/strict'
import { test } from 'node:test'
import { oneAtATime } from '#app/one-at-a-time.ts'

test('each begins when the one before has ended, well or not; one too many is turned away, and may come again', async () => {
  const inLine = oneAtATime(2, () => {
    throw new Error('full')
  })
  const told: string[] = []
  const first = Promise.withResolvers<void>()
  const failing = inLine(async () => {
    told.push('first')
    await first.promise
    throw new Error('it failed')
  })
  const second = inLine(async () => told.push('second'))
  await assert.rejects(
    inLine(async () => {}),
    /full/,
  )
  assert.deepEqual(told, ['first'])
  first.resolve()
  await assert.rejects(failing, /it failed/)
  await second
  assert.deepEqual(told, ['first', 'second'])
  assert.equal(await inLine(async () => 3), 3)
})
