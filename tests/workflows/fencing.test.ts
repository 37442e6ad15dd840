/**
 * Three workers and three hundred workflows. One is killed; one is stopped until others have taken its work over, and then
 * goes on as if nothing had been.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startTestApp } from '#tests/harness/app.ts'
import { effectsOf, makeSampleTables, STEPS, sampleRegistry, startSample, tallies } from '#tests/workflows/sample.ts'
import { startWorkerProcess, until } from '#tests/workflows/worker-process.ts'

const WORKFLOWS = 300
const LOST = 'a workflow is no longer this worker’s'

test('of three workers one is killed and one sleeps: all is done, nothing twice, and who wakes writes nothing', async () => {
  await using closing = new AsyncDisposableStack()
  const t = await startTestApp({ registry: sampleRegistry(), max_connections: 4 })
  closing.defer(() => t.close())
  await makeSampleTables(t.app.db)
  const settings = { address: t.address, concurrency: 4, run_ms: 25, die_at: null }
  const [killed, sleeping, steady] = await Promise.all([
    startWorkerProcess(settings),
    startWorkerProcess(settings),
    startWorkerProcess(settings),
  ])
  closing.defer(() => steady.end())
  closing.defer(() => sleeping.end())
  const numbers = Array.from({ length: WORKFLOWS }, (_, number) => number)
  await Promise.all(numbers.map(number => startSample(t, t.caller, number)))
  const completed = async () => (await tallies(t.app.db)).filter(({ status }) => status === 'completed').length
  await until('some are done', async () => (await completed()) > 40)
  killed.child.kill('SIGKILL')
  await until('some more are done', async () => (await completed()) > 80)
  sleeping.child.kill('SIGSTOP')
  await until('all are done', async () => (await completed()) === WORKFLOWS)
  const done = await tallies(t.app.db)
  assert.deepEqual(
    done.map(({ effects }) => effects),
    done.map(({ number }) => effectsOf(number)),
  )
  assert.deepEqual(new Set(done.map(({ number }) => number)).size, WORKFLOWS)
  assert.ok(done.filter(({ claim }) => claim > 1).length >= 2, 'work was taken over from both')

  sleeping.child.kill('SIGCONT')
  await until('it notices', () => sleeping.said(LOST) > 0)
  await startSample(t, t.caller, WORKFLOWS)
  await until('the last is done', async () => (await completed()) === WORKFLOWS + 1)
  await sleeping.end()
  const later = await tallies(t.app.db)
  const without = (list: typeof later) =>
    list.filter(({ number }) => number < WORKFLOWS).map(({ outside: _, ...rest }) => rest)
  assert.deepEqual(without(later), without(done), 'who woke has changed nothing')
  assert.equal(later.length * STEPS.length, later.flatMap(({ effects }) => effects).length)
})
