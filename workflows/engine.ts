/** Background work as use cases ask for it (app/workflow-engine.ts). */
import type { WorkflowEngine } from '#app/workflow-engine.ts'
import type { Enqueue } from '#workflows/queue.ts'
import { callerOf, type WorkflowRegistry } from '#workflows/workflow.ts'

const CANCELLED = { code: 'cancelled', detail: 'It was cancelled.', step: null }

export const createEngine = (registry: WorkflowRegistry, enqueue: Enqueue): WorkflowEngine => ({
  stepsOf: type => {
    const definition = registry.get(type)
    if (definition === undefined) throw new Error(`nobody has defined the workflow ${type}`)
    return definition.steps.map(step => step.name)
  },
  enqueue,
  undo: async (app, tx, { id, organization_id, type, input, created_by }) => {
    const context = { app, workflow_id: id, organization_id, created_by, input }
    const caller = callerOf(organization_id, created_by)
    await registry.get(type)?.failed?.(tx, { ...context, caller }, CANCELLED)
  },
})
