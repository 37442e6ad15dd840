import assert from 'node:assert/strict'
import { test } from 'node:test'
import { every } from '#server/every.ts'

/** Lets everything that can go on go on. */
const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

test('work that hangs is not begun again, and goes on when it has ended or failed', async t => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const begun: PromiseWithResolvers<void>[] = []
  const failures: unknown[] = []
  const timer = every(
    500,
    () => {
      const work = Promise.withResolvers<void>()
      begun.push(work)
      return work.promise
    },
    error => failures.push(error),
  )
  t.mock.timers.tick(60_000)
  assert.equal(begun.length, 1)
  begun[0]?.resolve()
  await settled()
  t.mock.timers.tick(500)
  assert.equal(begun.length, 2)
  begun[1]?.reject(new Error('away'))
  await settled()
  t.mock.timers.tick(500)
  assert.deepEqual([begun.length, failures.length], [3, 1])
  clearInterval(timer)
})
