/** Thrown by a step that cannot be done, for a reason that a customer understands. Any other error is done again. */
import { WORKFLOW_FAULTS, type WorkflowFaultCode } from '#core/workflow-fault.ts'

export type WorkflowFaultOptions = {
  /** A sentence in place of the registry's, when there is more to say. */
  readonly detail?: string
  /** Worth another try, as other errors are; the fault is what is said when tries have run out. Default: false. */
  readonly again?: boolean
  /** With `again`: how long to wait at least. */
  readonly retry_after_ms?: number
}

export class WorkflowFault extends Error {
  readonly code: WorkflowFaultCode
  readonly detail: string
  readonly again: boolean
  readonly retry_after_ms: number

  constructor(code: WorkflowFaultCode, options: WorkflowFaultOptions = {}) {
    const detail = options.detail ?? WORKFLOW_FAULTS[code]
    super(detail)
    this.code = code
    this.detail = detail
    this.again = options.again ?? false
    this.retry_after_ms = options.retry_after_ms ?? 0
  }
}
