/** Workflows as people read them, started and cancelled. What a worker writes is in store/workflow-claims.ts. */
import { type RawBuilder, sql } from 'kysely'
import type { JsonObject } from '#core/version.ts'
import type { Workflow, WorkflowStatus, WorkflowStepState } from '#core/workflow.ts'
import type { Db, Tx } from '#store/database.ts'
import { afterPosition, type Listed, type Page, pageOf, type TimeRange, within } from '#store/keyset.ts'
import { forgetOutputs } from '#store/workflow-claims.ts'

export type WorkflowFilters = TimeRange & { readonly type?: string; readonly status?: WorkflowStatus }

export type NewWorkflow = {
  readonly id: string
  readonly organization_id: string
  readonly type: string
  readonly input: JsonObject
  readonly created_by: string
  readonly job_id: string
  /** Their names, in order. */
  readonly steps: readonly string[]
}

export const insertWorkflow = async (tx: Tx, workflow: NewWorkflow): Promise<void> => {
  const { id, organization_id, type, input, created_by, job_id, steps } = workflow
  await sql`with w as (
      insert into workflows (id, organization_id, type, input, created_by, job_id)
      values (${id}, ${organization_id}, ${type}, ${JSON.stringify(input)}, ${created_by}, ${job_id})
      returning id, organization_id)
    insert into workflow_steps (organization_id, workflow_id, position, name)
    select w.organization_id, w.id, step.position - 1, step.name
    from w cross join unnest(${[...steps]}::text[]) with ordinality as step (name, position)`.execute(tx)
}

const COLUMNS = sql`id, organization_id, type, status, result, error, created_by, revision, started_at, finished_at,
  created_at, updated_at`

type WorkflowRow = Omit<Workflow, 'steps'>
type StepRow = { readonly [K in keyof WorkflowStepState as `step_${K}`]: WorkflowStepState[K] }

/** A workflow and its steps in one statement: they are of one moment. */
const select = (from: RawBuilder<unknown>): RawBuilder<WorkflowRow & StepRow> => sql`
  select w.*, s.name as step_name, s.status as step_status, s.attempts as step_attempts, s.progress as step_progress,
    s.detail as step_detail, s.started_at as step_started_at, s.finished_at as step_finished_at
  from (${from}) w join workflow_steps s on s.workflow_id = w.id
  order by w.created_at desc, w.id desc, s.position`

const gather = (rows: readonly (WorkflowRow & StepRow)[]): readonly Workflow[] =>
  [...Map.groupBy(rows, row => row.id).values()].flatMap(group => {
    const [first] = group
    if (first === undefined) return []
    const steps = group.map(row => ({
      name: row.step_name,
      status: row.step_status,
      attempts: row.step_attempts,
      progress: row.step_progress,
      detail: row.step_detail,
      started_at: row.step_started_at,
      finished_at: row.step_finished_at,
    }))
    return [{ ...first, steps }]
  })

export const findWorkflow = async (db: Db, organization_id: string, id: string): Promise<Workflow | undefined> => {
  const one = sql`select ${COLUMNS} from workflows where organization_id = ${organization_id} and id = ${id}`
  const { rows } = await select(one).execute(db)
  return gather(rows)[0]
}

export const findWorkflowRevision = async (
  db: Db,
  organization_id: string,
  id: string,
): Promise<number | undefined> => {
  const row = await db
    .selectFrom('workflows')
    .select('revision')
    .where('organization_id', '=', organization_id)
    .where('id', '=', id)
    .executeTakeFirst()
  return row?.revision
}

export const listWorkflows = async (
  db: Db,
  organization_id: string,
  page: Page,
  { type, status, ...times }: WorkflowFilters,
): Promise<Listed<Workflow>> => {
  const conditions = [
    sql<boolean>`organization_id = ${organization_id}`,
    afterPosition(page, 'uuid'),
    within(times),
    ...(type === undefined ? [] : [sql<boolean>`type = ${type}`]),
    ...(status === undefined ? [] : [sql<boolean>`status = ${status}`]),
  ]
  const some = sql`select ${COLUMNS} from workflows where ${sql.join(conditions, sql` and `)}
    order by created_at desc, id desc limit ${page.limit + 1}`
  const { rows } = await select(some).execute(db)
  return pageOf(
    gather(rows),
    page,
    row => row.id,
    row => row,
  )
}

/** What must be undone for a workflow that was stopped, and by which it is known. */
export type StoppedWorkflow = {
  readonly id: string
  readonly organization_id: string
  readonly type: string
  readonly input: JsonObject
  readonly created_by: string | null
}

/** Takes it from whoever works on it. undefined: it is over, or there is none. */
export const cancelWorkflow = async (
  tx: Tx,
  organization_id: string,
  id: string,
): Promise<StoppedWorkflow | undefined> => {
  const { rows } = await sql<StoppedWorkflow>`
    update workflows set status = 'cancelled', claim = claim + 1, revision = revision + 1, finished_at = now(), updated_at = now()
    where organization_id = ${organization_id} and id = ${id} and finished_at is null
    returning id, organization_id, type, input, created_by`.execute(tx)
  await sql`update workflow_steps set status = 'cancelled', finished_at = now()
    where organization_id = ${organization_id} and workflow_id = ${id} and status in ('queued', 'running')
      and exists (select from workflows w where w.id = workflow_id and w.status = 'cancelled')`.execute(tx)
  if (rows[0]) await forgetOutputs(tx, organization_id, id)
  return rows[0]
}
