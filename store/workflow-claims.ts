/**
 * What a worker writes about a workflow that it holds. Every statement asks whether the claim is still the newest: a worker
 * that was stopped for a while and wakes when its work has long been somebody else's changes nothing.
 */
import { sql } from 'kysely'
import type { JsonObject } from '#core/version.ts'
import type { WorkflowError, WorkflowResult, WorkflowStatus } from '#core/workflow.ts'
import type { Db, Tx } from '#store/database.ts'

export type WorkflowJob = {
  readonly workflow_id: string
  readonly organization_id: string
  /** pg-boss's. */
  readonly job_id: string
}

export type Claim = { readonly workflow_id: string; readonly organization_id: string; readonly claim: number }

export type ClaimedWorkflow = Claim & {
  readonly type: string
  readonly input: JsonObject
  readonly created_by: string | null
  readonly steps: readonly {
    readonly name: string
    readonly status: WorkflowStatus
    readonly output: JsonObject | null
  }[]
}

/** undefined: the workflow is over, or waits for another job than this. */
export const claimWorkflow = async (db: Db, job: WorkflowJob): Promise<ClaimedWorkflow | undefined> => {
  const { workflow_id, organization_id, job_id } = job
  const { rows } = await sql<Omit<ClaimedWorkflow, 'steps' | 'workflow_id' | 'organization_id'>>`
    update workflows set claim = claim + 1, status = 'running', revision = revision + 1, updated_at = now(),
      started_at = coalesce(started_at, now())
    where organization_id = ${organization_id} and id = ${workflow_id} and job_id = ${job_id} and finished_at is null
    returning claim, type, input, created_by`.execute(db)
  const [claimed] = rows
  if (claimed === undefined) return undefined
  const steps = await db
    .selectFrom('workflow_steps')
    .select(['name', 'status', 'output'])
    .where('organization_id', '=', organization_id)
    .where('workflow_id', '=', workflow_id)
    .orderBy('position')
    .execute()
  return { workflow_id, organization_id, ...claimed, steps }
}

const held = ({ organization_id, workflow_id, claim }: Claim) =>
  sql`organization_id = ${organization_id} and id = ${workflow_id} and claim = ${claim} and status = 'running'`

const touched = sql`revision = revision + 1, updated_at = now()`

/**
 * Holds the claim until the end of the transaction; false: it is held no more. Of a worker that is stopped in the middle,
 * PostgreSQL ends the transaction, so that whoever takes the work over need not wait for it.
 */
export const holdClaim = async (tx: Tx, claim: Claim): Promise<boolean> => {
  const { rows } = await sql`select set_config('idle_in_transaction_session_timeout', '8s', true)
    from workflows where ${held(claim)} for update`.execute(tx)
  return rows.length > 0
}

export const isHeld = async (db: Db, claim: Claim): Promise<boolean> => {
  const { rows } = await sql`select from workflows where ${held(claim)}`.execute(db)
  return rows.length > 0
}

/** How often the step has been begun now; undefined: the claim is held no more. */
export const beginStep = async (db: Db, claim: Claim, position: number): Promise<number | undefined> => {
  const { rows } = await sql<{ attempts: number }>`
    with w as (update workflows set ${touched} where ${held(claim)} returning id, organization_id)
    update workflow_steps s set status = 'running', attempts = s.attempts + 1, progress = 0, detail = null,
      started_at = coalesce(s.started_at, now())
    from w where s.organization_id = w.organization_id and s.workflow_id = w.id and s.position = ${position}
    returning s.attempts`.execute(db)
  return rows[0]?.attempts
}

/** Nothing happens when the claim is held no more. */
export const noteProgress = async (
  db: Db,
  claim: Claim,
  position: number,
  progress: number,
  detail: string | null,
): Promise<void> => {
  await sql`with w as (update workflows set ${touched} where ${held(claim)} returning id, organization_id)
    update workflow_steps s set progress = ${progress}, detail = ${detail}
    from w where s.organization_id = w.organization_id and s.workflow_id = w.id and s.position = ${position}
      and s.status = 'running'`.execute(db)
}

/** Under `holdClaim`, as is all that follows. */
export const completeStep = async (tx: Tx, claim: Claim, position: number, output: JsonObject): Promise<void> => {
  await sql`with w as (update workflows set ${touched} where ${held(claim)} returning id, organization_id)
    update workflow_steps s set status = 'completed', progress = 1, output = ${JSON.stringify(output)}::jsonb, finished_at = now()
    from w where s.organization_id = w.organization_id and s.workflow_id = w.id and s.position = ${position}`.execute(
    tx,
  )
}

/**
 * What steps told those behind them is of no use once it is over, and must not outlive what it was about: whole websites and
 * documents, which their owner may delete.
 */
export const forgetOutputs = async (tx: Tx, organization_id: string, workflow_id: string): Promise<void> => {
  await sql`update workflow_steps set output = '{}'
    where organization_id = ${organization_id} and workflow_id = ${workflow_id} and status = 'completed'`.execute(tx)
}

export const completeWorkflow = async (tx: Tx, claim: Claim, result: WorkflowResult): Promise<void> => {
  await sql`update workflows set status = 'completed', result = ${JSON.stringify(result)}::jsonb, finished_at = now(), ${touched}
    where ${held(claim)}`.execute(tx)
  await forgetOutputs(tx, claim.organization_id, claim.workflow_id)
}

/** The step at `position` has failed; those behind it are never begun. */
export const failWorkflow = async (tx: Tx, claim: Claim, position: number, error: WorkflowError): Promise<void> => {
  await sql`update workflow_steps set status = case when position = ${position} then 'failed' else 'cancelled' end,
      finished_at = now()
    where organization_id = ${claim.organization_id} and workflow_id = ${claim.workflow_id} and status in ('queued', 'running')`.execute(
    tx,
  )
  await sql`update workflows set status = 'failed', error = ${JSON.stringify(error)}::jsonb, finished_at = now(), ${touched}
    where ${held(claim)}`.execute(tx)
  await forgetOutputs(tx, claim.organization_id, claim.workflow_id)
}

/** Lets go of it for the job that is named. `counted`: beginning the step has been an attempt. */
export const releaseWorkflow = async (
  tx: Tx,
  claim: Claim,
  position: number,
  next: { readonly job_id: string; readonly counted: boolean; readonly detail: string | null },
): Promise<void> => {
  await sql`update workflow_steps set status = 'queued', detail = ${next.detail},
      attempts = attempts - ${next.counted ? 0 : 1}
    where organization_id = ${claim.organization_id} and workflow_id = ${claim.workflow_id} and position = ${position}
      and status = 'running'`.execute(tx)
  await sql`update workflows set status = 'queued', job_id = ${next.job_id}, ${touched} where ${held(claim)}`.execute(
    tx,
  )
}
