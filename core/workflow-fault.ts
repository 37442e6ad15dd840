/** Every way background work fails that a customer can understand: a closed registry of code → sentence. docs/workflows.md lists the same codes. */
import { SITE_FAULTS } from '#core/site.ts'
import { SOURCE_FAILURES } from '#core/source-failure.ts'

export const WORKFLOW_FAULTS = {
  ...SOURCE_FAILURES,
  step_failed: 'This step failed again and again; whoever runs the server finds the reason in its log.',
  step_too_long: 'This step took too long, again and again.',
  worker_lost: 'The program ended each time that it came to this step; whoever runs the server should look at its log.',
  ...SITE_FAULTS,
} as const

export type WorkflowFaultCode = keyof typeof WORKFLOW_FAULTS
