/** The part of a process that does background work: takes jobs from pg-boss, several at once, and looks after what others left. */
import { setTimeout as sleep } from 'node:timers/promises'
import { PgBoss } from 'pg-boss'
import { type App, newId } from '#app/context.ts'
import type { DatabaseAddress } from '#store/address.ts'
import { adoptOrphans, pruneWorkflows } from '#store/workflow-upkeep.ts'
import { QUEUE, QUEUE_SCHEMA, SUPERVISE_SECONDS } from '#workflows/queue.ts'
import { runWorkflow } from '#workflows/runner.ts'
import type { WorkflowRegistry } from '#workflows/workflow.ts'

export type WorkerInput = {
  /** Not bound to any organization. */
  readonly app: App
  readonly address: DatabaseAddress
  readonly registry: WorkflowRegistry
  /** Workflows at once. */
  readonly concurrency: number
  readonly step_limit_ms?: number
}

export type Worker = {
  /** Begins nothing more. Steps that are being done have this long to end; then they are left for another worker. */
  stop(limit_ms: number): Promise<void>
}

/** What pg-boss needs beside the workflows' own: fetching, heartbeats, its upkeep; and one to listen on. */
const CONNECTIONS = 3
const UPKEEP_MS = 60_000
const KEPT_DAYS = 30
const ORPHANS_AT_ONCE = 100
/** Between two tries at a job that the database would not let be done. */
const AWAY_MS = 1000
/** For the last transaction of a step that was given up. */
const LAST_WORDS_MS = 3000

type JobData = { readonly workflow_id: string; readonly organization_id: string }

const openBoss = (address: DatabaseAddress, app: App): PgBoss => {
  const boss = new PgBoss({
    ...address,
    schema: QUEUE_SCHEMA,
    application_name: 'patchcord',
    max: CONNECTIONS,
    migrate: false,
    schedule: false,
    useListenNotify: true,
    superviseIntervalSeconds: SUPERVISE_SECONDS,
    monitorIntervalSeconds: SUPERVISE_SECONDS,
    maintenanceIntervalSeconds: 3600,
    queueCacheIntervalSeconds: 30,
  })
  boss.on('error', error => app.log.warn({ reason: String(error.message) }, 'the queue of background work has trouble'))
  return boss
}

const lookAfter = async ({ app }: WorkerInput): Promise<void> => {
  await pruneWorkflows(app.system, KEPT_DAYS)
  const job_ids = Array.from({ length: ORPHANS_AT_ONCE }, newId)
  await app.system.transaction().execute(async tx => {
    const adopted = await adoptOrphans(tx, job_ids)
    const whole = { ...app, db: app.system }
    for (const { id: workflow_id, ...rest } of adopted) await app.workflows.enqueue(whole, tx, { workflow_id, ...rest })
    if (adopted.length > 0) app.log.warn({ count: adopted.length }, 'workflows that nobody would have come for go on')
  })
}

/** Rejects when the database is away. */
export const startWorker = async (input: WorkerInput): Promise<Worker> => {
  const { app, address, concurrency } = input
  const draining = new AbortController()
  const ending = new AbortController()
  const parts = { ...input, draining: draining.signal, ending: ending.signal }
  const boss = openBoss(address, app)
  await boss.start()
  const take = async () => {
    // In a queue with more to do, the next job is fetched at once rather than at the next poll.
    const again = () => boss.notifyWorker(worker_id)
    const worker_id: string = await boss.work<JobData>(
      QUEUE,
      { batchSize: 1, pollingIntervalSeconds: 1, notifyPollingIntervalSeconds: 2, heartbeatRefreshSeconds: 3 },
      async ([job]) => {
        if (job === undefined) return
        try {
          await runWorkflow(parts, { ...job.data, job_id: job.id }, job.signal)
        } catch (error) {
          app.log.warn({ workflow_id: job.data.workflow_id, reason: String(error) }, 'a workflow is put off')
          await sleep(AWAY_MS, undefined, { signal: ending.signal }).catch(() => {})
          throw error
        } finally {
          again()
        }
      },
    )
  }
  for (let n = 0; n < concurrency; n++) await take()
  let upkeep: Promise<void> = Promise.resolve()
  const timer = setInterval(() => {
    upkeep = lookAfter(input).catch(error => app.log.warn({ reason: String(error) }, 'upkeep of workflows is put off'))
  }, UPKEEP_MS)
  return {
    stop: async limit_ms => {
      clearInterval(timer)
      draining.abort()
      const limit = setTimeout(() => ending.abort(new Error('the program ends')), limit_ms)
      await boss.stop({ graceful: true, timeout: limit_ms + LAST_WORDS_MS })
      clearTimeout(limit)
      await upkeep
    },
  }
}
