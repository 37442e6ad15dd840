/** pg-boss: the queue's tables, and work put into it in the transaction of what it is about. */
import { fromKysely, PgBoss } from 'pg-boss'
import { type App, beyondOrganization } from '#app/context.ts'
import type { DatabaseAddress } from '#store/address.ts'
import type { Db, Tx } from '#store/database.ts'
import type { WorkflowJob } from '#store/workflow-claims.ts'

export const QUEUE = 'workflows'
export const QUEUE_SCHEMA = 'pgboss'

/**
 * A worker that has been silent for HEARTBEAT_SECONDS is dead. With a look every SUPERVISE_SECONDS its work is given to
 * another after 12 s, at most 14. pg-boss takes no shorter heartbeat.
 */
export const HEARTBEAT_SECONDS = 10
export const SUPERVISE_SECONDS = 2

/** pg-boss bounds what it will do for one job; we count attempts ourselves, by step (core/workflow.ts). */
const RETRY_LIMIT = 1000
/** Between heartbeats nothing else bounds a step; the runner does. */
const EXPIRE_SECONDS = 12 * 3600
const KEPT_SECONDS = 3600

/** Creates or updates pg-boss's own tables, in a schema that belongs to whoever owns ours. Safe in several programs at once. */
export const prepareQueue = async (address: DatabaseAddress): Promise<void> => {
  const boss = new PgBoss({
    ...address,
    schema: QUEUE_SCHEMA,
    max: 1,
    supervise: false,
    schedule: false,
    registerInstance: false,
  })
  boss.on('error', () => {})
  try {
    await boss.start()
    await boss.createQueue(QUEUE, {
      notify: true,
      retryLimit: RETRY_LIMIT,
      retryDelay: 0,
      retryBackoff: false,
      expireInSeconds: EXPIRE_SECONDS,
      heartbeatSeconds: HEARTBEAT_SECONDS,
      deleteAfterSeconds: KEPT_SECONDS,
    })
  } finally {
    await boss.stop({ graceful: false })
  }
}

export type Enqueue = (app: App, tx: Tx, job: WorkflowJob, delay_seconds?: number) => Promise<void>

/** pg-boss without a connection of its own: what it asks for itself, the queue's settings, it asks as the owner. */
export const createEnqueue = (system: Db): Enqueue => {
  const boss = new PgBoss({
    db: fromKysely(system),
    schema: QUEUE_SCHEMA,
    supervise: false,
    schedule: false,
    migrate: false,
    registerInstance: false,
  })
  return async (app, tx, { workflow_id, organization_id, job_id }, delay_seconds = 0) => {
    const data = { workflow_id, organization_id }
    const options = { id: job_id, startAfter: delay_seconds, db: fromKysely(tx) }
    // Requests have no right to the queue, or they could give each other work.
    await beyondOrganization(app, tx, () => boss.send(QUEUE, data, options))
  }
}
