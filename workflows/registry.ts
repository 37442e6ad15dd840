/** Every workflow that this program knows. */
import { registryOf, type WorkflowRegistry } from '#workflows/workflow.ts'

export const workflowRegistry: WorkflowRegistry = registryOf()
