/** The operations on background work. */
import { Type as T } from 'typebox'
import { WORKFLOW_STATUSES, WORKFLOW_TYPES } from '#core/workflow.ts'
import { WorkflowAnswer } from '#wire/core-workflow.ts'
import { operation } from '#wire/operation.ts'
import { ById, changedBetween, paged } from '#wire/parameters.ts'
import { word } from '#wire/schema.ts'

const WorkflowFilters = paged({
  type: T.Optional(word(WORKFLOW_TYPES)),
  status: T.Optional(word(WORKFLOW_STATUSES)),
  ...changedBetween,
})

const tag = 'workflows'

export const workflowOperations = {
  listWorkflows: operation({
    method: 'GET',
    path: '/core/workflows',
    tag,
    summary: 'Background work, newest first.',
    scope: 'workflows:read',
    query: WorkflowFilters,
    answers: { 200: T.Array(WorkflowAnswer) },
    listed: true,
    refusals: [],
  }),
  getWorkflow: operation({
    method: 'GET',
    path: '/core/workflows/{id}',
    tag,
    summary: 'A workflow with its steps.',
    scope: 'workflows:read',
    path_parameters: ById,
    answers: { 200: WorkflowAnswer },
    refusals: ['workflow_not_found'],
  }),
  cancelWorkflow: operation({
    method: 'POST',
    path: '/core/workflows/{id}/cancel',
    tag,
    summary: 'Stop a workflow; what it had begun is undone.',
    scope: 'workflows:manage',
    path_parameters: ById,
    answers: { 200: WorkflowAnswer },
    refusals: ['workflow_not_found', 'workflow_over'],
  }),
  followWorkflow: operation({
    method: 'GET',
    path: '/core/workflows/{id}/events',
    tag,
    summary: 'The workflow as it is and again whenever it changes, until it is over, as server-sent events.',
    scope: 'workflows:read',
    path_parameters: ById,
    answers: {
      200: T.String({
        description: 'Each event’s data is the whole workflow.',
        examples: ['id: 7\ndata: {"workflow_id": "0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d", "status": "running"}\n\n'],
      }),
    },
    streamed: 'text/event-stream',
    refusals: ['workflow_not_found', 'too_many_streams'],
  }),
} as const
