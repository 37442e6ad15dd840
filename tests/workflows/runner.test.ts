/** What becomes of a workflow whose steps fail, are slow, or are stopped. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { boundTo } from '#app/context.ts'
import { Refused } from '#app/refused.ts'
import { WorkflowFault } from '#app/workflow-fault.ts'
import { cancelWorkflow, getWorkflow } from '#app/workflows.ts'
import { startTestApp, type TestApp } from '#tests/harness/app.ts'
import {
  effectsOf,
  type Moment,
  makeSampleTables,
  type SampleOptions,
  STEPS,
  sampleRegistry,
  startSample,
  tallies,
} from '#tests/workflows/sample.ts'
import { createEngine } from '#workflows/engine.ts'
import { createEnqueue } from '#workflows/queue.ts'
import { type RunnerParts, runWorkflow } from '#workflows/runner.ts'

let t: TestApp
let number = 0
before(async () => {
  t = await startTestApp({ registry: sampleRegistry() })
  await makeSampleTables(t.app.db)
})
after(() => t.close())

const never = new AbortController().signal

/** A workflow that waits, and the means to give it to a worker in this process, as pg-boss would. */
const begin = async (options: SampleOptions) => {
  const registry = sampleRegistry(options)
  const app = { ...t.app, workflows: createEngine(registry, createEnqueue(t.app.db)) }
  number += 1
  const mine = number
  const id = await startSample({ app }, t.caller, mine)
  const ours = boundTo(app, t.caller.organization_id)
  const job = async () => {
    const { rows } = await sql<{ job_id: string; after_seconds: number; state: string }>`
      select j.id as job_id, j.state, round(extract(epoch from j.start_after - j.created_on))::int as after_seconds
      from workflows w join pgboss.job j on j.id = w.job_id where w.id = ${id}`.execute(t.app.db)
    assert.ok(rows[0], 'its job is in the queue')
    return rows[0]
  }
  return {
    id,
    app: ours,
    number: mine,
    job,
    run: async (parts: Partial<RunnerParts> = {}, signal: AbortSignal = never) => {
      const { job_id } = await job()
      const whole = { app, registry, draining: never, ending: never, ...parts }
      await runWorkflow(whole, { workflow_id: id, organization_id: t.caller.organization_id, job_id }, signal)
    },
    state: () => getWorkflow(ours, t.caller, id),
    effects: async () => (await tallies(t.app.db)).find(tally => tally.workflow_id === id)?.effects,
    cancel: () => cancelWorkflow(ours, t.caller, id),
  }
}

/** Throws it the first so many times that it comes by. */
const failing = (at: Moment, times: number, error: () => unknown): ((moment: Moment) => void) => {
  let left = times
  return moment => {
    if (moment === at && left-- > 0) throw error()
  }
}

describe('a workflow', () => {
  test('is done step by step, each knowing what those before it returned', async () => {
    const w = await begin({})
    await w.run()
    const state = await w.state()
    assert.equal(state.status, 'completed')
    assert.deepEqual(await w.effects(), effectsOf(w.number))
    assert.deepEqual(
      state.steps.map(({ name, status, attempts, progress }) => [name, status, attempts, progress]),
      STEPS.map(name => [name, 'completed', 1, 1]),
    )
    assert.equal(state.result?.version, `read ${w.number}, write ${w.number}, publish ${w.number}`.length)
    assert.equal(state.created_by, t.caller.key_id)
  })
  test('that was not begun because its transaction was undone is not there, nor in the queue', async () => {
    const count = async () => {
      const { rows } = await sql<{
        n: number
      }>`select (select count(*) from workflows) + (select count(*) from pgboss.job) as n`.execute(t.app.db)
      return rows[0]?.n
    }
    const there = await count()
    const app = { ...t.app, workflows: { ...t.app.workflows, stepsOf: () => ['read', 'read'] } }
    const enqueue: typeof app.workflows.enqueue = async (...args) => {
      await t.app.workflows.enqueue(...args)
      throw new Error('undone')
    }
    await assert.rejects(
      startSample({ app: { ...app, workflows: { ...app.workflows, enqueue } } }, t.caller, 0),
      /undone/,
    )
    assert.equal(await count(), there)
  })
})

test('once it is over, however it ended, nothing is kept of what its steps told each other', async () => {
  const kept = async (id: string) => {
    const { rows } = await sql<{ output: object }>`
      select output from workflow_steps where workflow_id = ${id} and output is not null`.execute(t.app.db)
    return rows.map(row => Object.keys(row.output).length)
  }
  const completed = await begin({})
  await completed.run()
  assert.deepEqual(await kept(completed.id), [0, 0, 0])
  const failed = await begin({ at: failing('run:write', 1, () => new WorkflowFault('step_failed')) })
  await failed.run()
  assert.deepEqual(await kept(failed.id), [0])
  const cancelled = await begin({ at: failing('run:write', 1, () => new Error('again')) })
  await cancelled.run()
  assert.deepEqual(await kept(cancelled.id), [1])
  await cancelled.cancel()
  assert.deepEqual(await kept(cancelled.id), [0])
})

describe('a step that fails', () => {
  for (const moment of ['run:write', 'save:write'] as const) {
    test(`of something unforeseen, at ${moment}, is tried again later, without the steps before it`, async () => {
      const w = await begin({ at: failing(moment, 2, () => new Error('secret')) })
      await w.run()
      assert.equal((await w.state()).status, 'queued')
      assert.deepEqual(await w.job(), { ...(await w.job()), after_seconds: 2, state: 'created' })
      await w.run()
      assert.equal((await w.job()).after_seconds, 4)
      await w.run()
      assert.equal((await w.state()).status, 'completed')
      assert.deepEqual(await w.effects(), effectsOf(w.number))
      assert.deepEqual(
        (await w.state()).steps.map(step => step.attempts),
        [1, 3, 1],
      )
    })
  }
  test('again and again fails the workflow after five tries; nobody is told the inside', async () => {
    const undone: string[] = []
    const w = await begin({
      at: failing('save:write', 99, () => new Error('secret')),
      failed: async (_tx, { workflow_id }, error) => {
        undone.push(`${workflow_id} ${error.code}`)
      },
    })
    for (let n = 0; n < 5; n++) await w.run()
    const state = await w.state()
    assert.equal(state.status, 'failed')
    assert.equal(state.error?.code, 'step_failed')
    assert.equal(state.error?.step, 'write')
    assert.doesNotMatch(JSON.stringify(state), /secret/)
    assert.deepEqual(
      state.steps.map(step => step.status),
      ['completed', 'failed', 'cancelled'],
    )
    assert.deepEqual(undone, [`${w.id} step_failed`])
    assert.deepEqual(await w.effects(), [`read ${w.number}`])
  })
  test('for a reason that a customer understands fails it at once, and says so', async () => {
    const w = await begin({ at: failing('run:read', 1, () => new WorkflowFault('step_failed', { detail: 'No.' })) })
    await w.run()
    assert.deepEqual((await w.state()).error, { code: 'step_failed', detail: 'No.', step: 'read' })
  })
  test('waits as long as it was asked to wait, and says in the end why it gave up', async () => {
    const busy = () => new WorkflowFault('step_failed', { detail: 'Busy.', again: true, retry_after_ms: 29_500 })
    const w = await begin({ at: failing('run:read', 99, busy) })
    await w.run()
    assert.equal((await w.job()).after_seconds, 30)
    for (let n = 0; n < 4; n++) await w.run()
    assert.deepEqual((await w.state()).error, { code: 'step_failed', detail: 'Busy.', step: 'read' })
  })
  test('because a rule says no fails it with the rule’s sentence', async () => {
    const w = await begin({ at: failing('save:publish', 1, () => new Refused({ code: 'agent_not_found' })) })
    await w.run()
    assert.partialDeepStrictEqual((await w.state()).error, { code: 'agent_not_found', step: 'publish' })
    assert.deepEqual(await w.effects(), effectsOf(w.number).slice(0, 2))
  })
  test('by ending the program each time is given up', async () => {
    const w = await begin({})
    await sql`update workflow_steps set attempts = 5 where workflow_id = ${w.id} and position = 0`.execute(t.app.db)
    await w.run()
    assert.partialDeepStrictEqual((await w.state()).error, { code: 'worker_lost', step: 'read' })
  })
  test('by never ending is given up, though it does not listen', async () => {
    const w = await begin({ at: moment => (moment === 'run:read' ? new Promise(() => {}) : undefined) })
    await w.run({ step_limit_ms: 20 })
    assert.equal((await w.state()).status, 'queued')
    await sql`update workflow_steps set attempts = 4 where workflow_id = ${w.id} and position = 0`.execute(t.app.db)
    await w.run({ step_limit_ms: 20 })
    assert.partialDeepStrictEqual((await w.state()).error, { code: 'step_too_long', step: 'read' })
  })
})

describe('a workflow that is stopped', () => {
  test('by whoever asked for it is undone, and its worker writes nothing more', async () => {
    const undone: string[] = []
    const failed: SampleOptions['failed'] = async (_tx, { workflow_id }, { code }) => {
      undone.push(`${workflow_id} ${code}`)
    }
    const at = async (moment: Moment) => {
      if (moment === 'run:write') await w.cancel()
    }
    const w = await begin({ at, failed })
    await w.run()
    const state = await w.state()
    assert.equal(state.status, 'cancelled')
    assert.deepEqual(undone, [`${w.id} cancelled`])
    assert.deepEqual(
      state.steps.map(step => step.status),
      ['completed', 'cancelled', 'cancelled'],
    )
    assert.deepEqual(await w.effects(), [`read ${w.number}`])
    await w.run()
    assert.deepEqual(await w.state(), state)
  })
  test('by the end of the program goes on where it was, without a try being counted', async () => {
    const draining = new AbortController()
    const ending = new AbortController()
    const at = (moment: Moment) => {
      if (moment === 'run:read') draining.abort()
    }
    const w = await begin({ at })
    await w.run({ draining: draining.signal })
    assert.deepEqual(
      (await w.state()).steps.map(({ status, attempts }) => [status, attempts]),
      [
        ['completed', 1],
        ['queued', 0],
        ['queued', 0],
      ],
    )
    assert.equal((await w.job()).after_seconds, 0)
    let hung = true
    const slow = await begin({
      at: moment => (moment === 'run:read' && hung ? new Promise(() => ending.abort()) : undefined),
    })
    await slow.run({ ending: ending.signal })
    assert.deepEqual((await slow.state()).steps[0]?.attempts, 0)
    hung = false
    for (const each of [w, slow]) {
      await each.run()
      assert.equal((await each.state()).status, 'completed')
      assert.deepEqual(await each.effects(), effectsOf(each.number))
    }
  })
  test('by another worker: of two that hold it at once only the newer writes', async () => {
    const newer_is_here = Promise.withResolvers<void>()
    const older_is_done = Promise.withResolvers<void>()
    let newer: Promise<void> | null = null
    const at = async (moment: Moment) => {
      if (moment === 'run:write' && newer === null) {
        newer = w.run()
        await newer_is_here.promise
      }
      if (moment === 'run:publish') {
        newer_is_here.resolve()
        await older_is_done.promise
      }
    }
    const w = await begin({ at })
    await w.run()
    assert.equal((await w.state()).status, 'running')
    assert.deepEqual(await w.effects(), effectsOf(w.number).slice(0, 2))
    older_is_done.resolve()
    await newer
    const [tally] = (await tallies(t.app.db)).filter(each => each.workflow_id === w.id)
    assert.deepEqual(tally?.effects, effectsOf(w.number))
    assert.deepEqual([tally?.status, tally?.claim, tally?.outside], ['completed', 2, 4])
  })
  test('a job that was left over does nothing', async () => {
    const w = await begin({ at: failing('run:read', 1, () => new Error('again')) })
    const { job_id } = await w.job()
    await w.run()
    const state = await w.state()
    const parts = { app: t.app, registry: sampleRegistry(), draining: never, ending: never }
    await runWorkflow(parts, { workflow_id: w.id, organization_id: t.caller.organization_id, job_id }, never)
    assert.deepEqual(await w.state(), state)
  })
  test('one of a kind that only a newer program knows is left for it', async () => {
    const w = await begin({})
    await w.run({ registry: new Map() })
    assert.equal((await w.state()).status, 'queued')
    assert.equal((await w.job()).after_seconds, 15)
    await w.run()
    assert.equal((await w.state()).status, 'completed')
  })
})
