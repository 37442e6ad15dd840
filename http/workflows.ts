import * as workflows from '#app/workflows.ts'
import type { Workflow } from '#core/workflow.ts'
import { type Handler, ok } from '#http/call.ts'
import { EVENT_STREAM_HEADERS, eventOf, HEARTBEAT, holdStream } from '#http/event-stream.ts'
import { filtersFrom, listed, pageFrom } from '#http/paging.ts'
import { toWorkflowAnswer } from '#wire/core-workflow.ts'

export const listWorkflows: Handler<'listWorkflows'> = async ({ app, caller, query, url }) =>
  listed(url, await workflows.listWorkflows(app, caller, pageFrom(query, 'uuid'), filtersFrom(query)), toWorkflowAnswer)

export const getWorkflow: Handler<'getWorkflow'> = async ({ app, caller, path }) =>
  ok(toWorkflowAnswer(await workflows.getWorkflow(app, caller, path.id)))

export const cancelWorkflow: Handler<'cancelWorkflow'> = async ({ app, caller, path }) =>
  ok(toWorkflowAnswer(await workflows.cancelWorkflow(app, caller, path.id)))

async function* eventsOf(changes: AsyncIterable<Workflow | null>): AsyncGenerator<string> {
  for await (const workflow of changes)
    yield workflow === null ? HEARTBEAT : eventOf(workflow.revision, toWorkflowAnswer(workflow))
}

/** Each event is the whole workflow, so that a client that comes back (Last-Event-ID) has missed nothing. */
export const followWorkflow: Handler<'followWorkflow'> = async ({ app, caller, path, signal }) => {
  await workflows.getWorkflow(app, caller, path.id)
  holdStream(caller.key_id, signal)
  const stream = eventsOf(workflows.followWorkflow(app, caller, path.id, signal))
  return { status: 200, headers: EVENT_STREAM_HEADERS, stream }
}
