/** Background work: a workflow is a list of named steps that are done in order, each recorded once it is done. */
import type { JsonObject } from '#core/version.ts'

export const WORKFLOW_TYPES = ['create_from_website', 'create_demo', 'generate_instructions', 'read_source'] as const
export type WorkflowType = (typeof WORKFLOW_TYPES)[number]

export const WORKFLOW_STATUSES = ['queued', 'running', 'completed', 'failed', 'cancelled'] as const
/** Of a workflow and of each of its steps. The last three are final. */
export type WorkflowStatus = (typeof WORKFLOW_STATUSES)[number]

export const isOver = (status: WorkflowStatus): boolean => status !== 'queued' && status !== 'running'

/** What a workflow made; null, or empty, where it made none. */
export type WorkflowResult = {
  readonly agent_id: string | null
  readonly version: number | null
  readonly collection_id: string | null
  readonly phone_numbers: readonly string[]
}

export type WorkflowError = {
  /** From core/workflow-fault.ts, or, where a rule said no, from core/refusal.ts. */
  readonly code: string
  /** A sentence that a customer understands. */
  readonly detail: string
  /** The step that failed; null: none had begun. */
  readonly step: string | null
}

export type WorkflowStepState = {
  readonly name: string
  readonly status: WorkflowStatus
  /** How often it was begun. */
  readonly attempts: number
  /** 0 to 1. */
  readonly progress: number
  /** What it is doing, for people. */
  readonly detail: string | null
  readonly started_at: string | null
  readonly finished_at: string | null
}

export type Workflow = {
  readonly id: string
  readonly organization_id: string
  readonly type: WorkflowType
  readonly status: WorkflowStatus
  readonly steps: readonly WorkflowStepState[]
  readonly result: WorkflowResult | null
  readonly error: WorkflowError | null
  /** Who asked for it, as in the audit log; null: the program itself. */
  readonly created_by: string | null
  /** Rises with every change, progress included. */
  readonly revision: number
  readonly started_at: string | null
  readonly finished_at: string | null
  readonly created_at: string
  readonly updated_at: string
}

/** A step is begun this often at most, whether it failed or its worker died. */
export const ATTEMPTS_MAX = 5
const DELAY_MAX_SECONDS = 60

/** What a step failed of. `error` null: nothing that was foreseen. */
export type StepFailure = {
  readonly error: { readonly code: string; readonly detail: string } | null
  readonly again: boolean
  /** How long whoever refused asked to be left alone; 0: it did not say. */
  readonly retry_after_ms: number
}

/** null: not again. Otherwise the seconds until then: 2, 4, 8, 16, or more where more was asked for, at most a minute. */
export const retryDelaySeconds = (failure: StepFailure, attempts: number): number | null => {
  if (!failure.again || attempts >= ATTEMPTS_MAX) return null
  return Math.min(DELAY_MAX_SECONDS, Math.max(2 ** attempts, Math.ceil(failure.retry_after_ms / 1000)))
}

/** As JSON escapes them, in keys and values alike. */
const UNSTORABLE = /(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/g

/** As it is stored: without what PostgreSQL cannot keep (U+0000, half surrogate pairs), whatever a web page held. */
export const storable = (output: JsonObject): JsonObject =>
  JSON.parse(JSON.stringify(output).replace(UNSTORABLE, '$1\ufffd'))
