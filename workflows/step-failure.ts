/** What a thrown error means for its step. */
import { Refused } from '#app/refused.ts'
import { WorkflowFault } from '#app/workflow-fault.ts'
import { PASSING, sentenceOf } from '#core/refusal.ts'
import type { StepFailure } from '#core/workflow.ts'
import { WORKFLOW_FAULTS } from '#core/workflow-fault.ts'

/** A rule that says no will say it again; what lies outside, and what nobody foresaw, may be over in a moment. */
export const failureOf = (thrown: unknown): StepFailure => {
  if (thrown instanceof WorkflowFault) {
    const { code, detail, again, retry_after_ms } = thrown
    return { error: { code, detail }, again, retry_after_ms }
  }
  if (thrown instanceof Refused) {
    const error = { code: thrown.refusal.code, detail: sentenceOf(thrown.refusal) }
    return { error, again: PASSING.has(thrown.refusal.code), retry_after_ms: 0 }
  }
  return { error: null, again: true, retry_after_ms: 0 }
}

export const UNFORESEEN = { code: 'step_failed', detail: WORKFLOW_FAULTS.step_failed } as const
