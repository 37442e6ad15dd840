/** Background work: started in the transaction of what it is about, followed, and cancelled. */
import { setTimeout as sleep } from 'node:timers/promises'
import { by } from '#app/audit.ts'
import { type App, type Caller, newId, transact } from '#app/context.ts'
import { refuse } from '#app/refused.ts'
import type { JsonObject } from '#core/version.ts'
import { isOver, type Workflow, type WorkflowType } from '#core/workflow.ts'
import { insertAudit } from '#store/audit.ts'
import type { Tx } from '#store/database.ts'
import type { Listed, Page } from '#store/keyset.ts'
import {
  cancelWorkflow as cancelRow,
  findWorkflow,
  findWorkflowRevision,
  insertWorkflow,
  listWorkflows as listRows,
  type WorkflowFilters,
} from '#store/workflows.ts'

export type { WorkflowFilters }

/**
 * Starts background work. In the caller's transaction: with its rollback nothing was started. Returns the workflow's id.
 * `input` must be JSON that PostgreSQL can keep, as request bodies are.
 */
export const startWorkflow = async (
  app: App,
  tx: Tx,
  caller: Caller,
  type: WorkflowType,
  input: JsonObject,
): Promise<string> => {
  const { organization_id } = caller
  const workflow_id = newId()
  const job_id = newId()
  const { actor } = by(caller)
  const steps = app.workflows.stepsOf(type)
  await insertWorkflow(tx, { id: workflow_id, organization_id, type, input, created_by: actor, job_id, steps })
  await insertAudit(tx, { ...by(caller), action: 'workflow.start', subject: workflow_id, after: { type } })
  await app.workflows.enqueue(app, tx, { workflow_id, organization_id, job_id })
  return workflow_id
}

export const listWorkflows = async (
  app: App,
  caller: Caller,
  page: Page,
  filters: WorkflowFilters,
): Promise<Listed<Workflow>> => listRows(app.db, caller.organization_id, page, filters)

export const getWorkflow = async (app: App, caller: Caller, id: string): Promise<Workflow> =>
  (await findWorkflow(app.db, caller.organization_id, id)) ?? refuse('workflow_not_found', [id])

/** What it had begun is undone in the same transaction. Refuses a workflow that is over. */
export const cancelWorkflow = async (app: App, caller: Caller, id: string): Promise<Workflow> =>
  transact(app, async (tx, touch) => {
    const stopped = await cancelRow(tx, caller.organization_id, id)
    if (stopped === undefined) {
      const known = await findWorkflow(tx, caller.organization_id, id)
      return known ? refuse('workflow_over', [known.status]) : refuse('workflow_not_found', [id])
    }
    await app.workflows.undo({ ...app, db: tx, joined: { tx, touch } }, tx, stopped)
    await insertAudit(tx, { ...by(caller), action: 'workflow.cancel', subject: id, after: { type: stopped.type } })
    return (await findWorkflow(tx, caller.organization_id, id)) ?? refuse('workflow_not_found', [id])
  })

/** How soon a change is seen: two questions a second and follower, each by primary key. */
const POLL_MS = 500
const QUIET_POLLS = 30

/**
 * The workflow as it is, then again after every change, until it is over or `signal` ends it. null: nothing has changed for
 * 15 s. Ends early when the workflow is not there, or the database is away.
 */
export async function* followWorkflow(
  app: App,
  caller: Caller,
  id: string,
  signal: AbortSignal,
): AsyncGenerator<Workflow | null> {
  let seen = -1
  for (let quiet = 0; !signal.aborted; quiet++) {
    const revision = await findWorkflowRevision(app.db, caller.organization_id, id)
    if (revision === undefined) return
    if (revision !== seen) {
      const workflow = await findWorkflow(app.db, caller.organization_id, id)
      if (workflow === undefined) return
      yield workflow
      if (isOver(workflow.status)) return
      seen = workflow.revision
      quiet = 0
    } else if (quiet >= QUIET_POLLS) {
      yield null
      quiet = 0
    }
    await sleep(POLL_MS, undefined, { signal }).catch(() => {})
  }
}
