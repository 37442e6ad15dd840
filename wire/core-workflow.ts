/** Background work in the `/core` dialect. */
import { type Static, Type as T } from 'typebox'
import { WORKFLOW_STATUSES, WORKFLOW_TYPES, type Workflow } from '#core/workflow.ts'
import { closed, nullable, time, uuid, word } from '#wire/schema.ts'

const Step = closed(
  {
    name: T.String({ examples: ['publish'] }),
    status: word(WORKFLOW_STATUSES),
    progress: T.Number({ description: 'How much of it is done, 0 to 1.', minimum: 0, maximum: 1 }),
    detail: nullable(T.String(), { description: 'What it is doing.' }),
    started_at: nullable(time()),
    finished_at: nullable(time()),
  },
  { title: 'WorkflowStep' },
)

const Result = closed(
  {
    agent_id: nullable(uuid()),
    version: nullable(T.Integer({ minimum: 1 })),
    collection_id: nullable(uuid()),
    phone_numbers: T.Array(T.String()),
  },
  { title: 'WorkflowResult', description: 'What it made; null where it made none.' },
)

const Failure = closed(
  {
    code: T.String({
      description: 'From the lists in docs/workflows.md and docs/errors.md.',
      examples: ['step_failed'],
    }),
    detail: T.String({ description: 'Why, in a sentence.' }),
    step: nullable(T.String(), { description: 'The step that failed.' }),
  },
  { title: 'WorkflowFailure' },
)

export const WorkflowAnswer = closed(
  {
    workflow_id: uuid(),
    organization_id: uuid(),
    type: word(WORKFLOW_TYPES),
    status: word(WORKFLOW_STATUSES),
    steps: T.Array(Step, { description: 'In order; those that lie ahead are queued.' }),
    result: T.Union([Result, T.Null()], { description: 'Null until it is completed.' }),
    error: T.Union([Failure, T.Null()], { description: 'Null unless it failed.' }),
    created_by: nullable(T.String(), { description: 'The key that started it, or the person whose token did.' }),
    started_at: nullable(time()),
    finished_at: nullable(time()),
    created_at: time(),
    updated_at: time(),
  },
  { title: 'Workflow', description: 'Work that goes on behind the answer.' },
)

/** What the endpoints that start background work answer, 202. */
export const WorkflowStarted = closed(
  { workflow_id: uuid({ description: 'Follow it at /core/workflows/{id}.' }) },
  { title: 'WorkflowStarted' },
)

export const toWorkflowAnswer = (workflow: Workflow): Static<typeof WorkflowAnswer> => ({
  workflow_id: workflow.id,
  organization_id: workflow.organization_id,
  type: workflow.type,
  status: workflow.status,
  steps: workflow.steps.map(({ name, status, progress, detail, started_at, finished_at }) => ({
    ...{ name, status, progress, detail, started_at, finished_at },
  })),
  result: workflow.result && { ...workflow.result, phone_numbers: [...workflow.result.phone_numbers] },
  error: workflow.error,
  created_by: workflow.created_by,
  started_at: workflow.started_at,
  finished_at: workflow.finished_at,
  created_at: workflow.created_at,
  updated_at: workflow.updated_at,
})
