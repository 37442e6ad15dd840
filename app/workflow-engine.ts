/** What use cases ask of the part that does background work (workflows/). Types only. */
import type { App } from '#app/context.ts'
import type { WorkflowType } from '#core/workflow.ts'
import type { Tx } from '#store/database.ts'
import type { WorkflowJob } from '#store/workflow-claims.ts'
import type { StoppedWorkflow } from '#store/workflows.ts'

export type WorkflowEngine = {
  /** The names of its steps, in order. */
  stepsOf(type: WorkflowType): readonly string[]
  /** Some worker is given the work once the transaction has committed, in so many seconds at the earliest. */
  enqueue(app: App, tx: Tx, job: WorkflowJob, delay_seconds?: number): Promise<void>
  /** Undoes what a workflow that was cancelled had begun. */
  undo(app: App, tx: Tx, stopped: StoppedWorkflow): Promise<void>
}
