/** How a workflow is written down: its steps, what each does outside and what it writes here. */
import type { App, Caller } from '#app/context.ts'
import type { JsonObject } from '#core/version.ts'
import type { WorkflowError, WorkflowResult, WorkflowType } from '#core/workflow.ts'
import type { Tx } from '#store/database.ts'

export type StepContext<Input extends JsonObject = JsonObject, Outputs extends JsonObject = JsonObject> = {
  /** Bound to the workflow's organization; in `save` and `failed`, its use cases join their transaction. */
  readonly app: App
  readonly workflow_id: string
  readonly organization_id: string
  /** Who asked for it, as in the audit log. */
  readonly created_by: string | null
  /** Acts for whoever asked, in use cases that write the audit log. */
  readonly caller: Caller
  readonly input: Input
  /** By name, of the steps before. */
  readonly outputs: Outputs
  /** Aborts when the workflow was cancelled, when it is somebody else's by now, when the step takes too long, and at the program's end. */
  readonly signal: AbortSignal
  /** How much is done, 0 to 1, and what is being done, for people. Call it as often as you like. */
  progress(fraction: number, detail?: string): void
}

export type Step<Input extends JsonObject = JsonObject, Outputs extends JsonObject = JsonObject> = {
  readonly name: string
  /**
   * Work outside the database. It may be done again after a crash, even at the same time as before by a worker that was
   * taken for dead, so doing it twice must be as good as once. What it returns is recorded as JSON.
   */
  run(context: StepContext<Input, Outputs>): Promise<JsonObject>
  /**
   * Effects in our own database: in the very transaction that records the step as completed, exactly once. No work outside:
   * after eight seconds between two statements PostgreSQL gives the transaction up. What it returns, if anything, is recorded
   * in place of what `run` did: what only the database could say, such as a number that it gave.
   */
  save?(tx: Tx, context: StepContext<Input, Outputs>, output: JsonObject): Promise<JsonObject> | Promise<void>
}

export type WorkflowDefinition<Input extends JsonObject = JsonObject, Outputs extends JsonObject = JsonObject> = {
  readonly type: WorkflowType
  /** One at least. A later program may add steps at the end, and must keep the names of those that are there. */
  readonly steps: readonly Step<Input, Outputs>[]
  /** Undoes what was begun, in the transaction that records the failure, or the cancellation. Must not fail itself. */
  failed?(
    tx: Tx,
    context: Omit<StepContext<Input, Outputs>, 'signal' | 'progress' | 'outputs'>,
    error: WorkflowError,
  ): Promise<void>
  result(outputs: Outputs): WorkflowResult
}

/** Definitions by type. Their inputs were checked when they were started. */
export type WorkflowRegistry = ReadonlyMap<string, WorkflowDefinition>

export const NO_RESULT: WorkflowResult = { agent_id: null, version: null, collection_id: null, phone_numbers: [] }

/** Names each by its type; forgets what exactly its input looks like, since it comes out of the database. */
export const registryOf = (...definitions: readonly WorkflowDefinition[]): WorkflowRegistry =>
  new Map(definitions.map(definition => [definition.type, definition]))

/** Whoever asked, without scopes: use cases ask who, not what they may. */
export const callerOf = (organization_id: string, created_by: string | null): Caller => ({
  organization_id,
  key_id: created_by ?? 'workflow',
  user_id: null,
  scopes: [],
})
