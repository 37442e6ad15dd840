/** kill -9 of a worker in the middle of each step, and in the middle of recording it: another one finishes, each effect once. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { startTestApp } from '#tests/harness/app.ts'
import { effectsOf, MOMENTS, makeSampleTables, sampleRegistry, startSample, tallies } from '#tests/workflows/sample.ts'
import { startWorkerProcess, until } from '#tests/workflows/worker-process.ts'

describe('a worker dies', { concurrency: true }, () => {
  for (const moment of MOMENTS) {
    test(`at ${moment}`, async () => {
      await using closing = new AsyncDisposableStack()
      const t = await startTestApp({ registry: sampleRegistry(), max_connections: 2 })
      closing.defer(() => t.close())
      await makeSampleTables(t.app.db)
      const settings = { address: t.address, concurrency: 1, run_ms: 0 }
      await startSample(t, t.caller, 7)
      const dying = await startWorkerProcess({ ...settings, die_at: moment })
      assert.deepEqual(await dying.ended, [null, 'SIGKILL'])
      const other = await startWorkerProcess({ ...settings, die_at: null })
      closing.defer(() => other.end())
      await until('the workflow ends', async () => (await tallies(t.app.db))[0]?.status === 'completed')
      const [tally] = await tallies(t.app.db)
      assert.deepEqual(tally?.effects, effectsOf(7))
      assert.equal(tally?.outside, 4, 'outside, the step at which it died was done twice')
      assert.equal(tally?.claim, 2)
    })
  }
})
