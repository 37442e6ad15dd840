/** Watches a workflow until it is over: by its events, or, where something on the way does not let them through, by asking. */
import { setTimeout as sleep } from 'node:timers/promises'
import { eventReader } from '#cli/event-stream.ts'
import type { ApiAccess } from '#cli/patchcord-api.ts'
import { getJson, openStream } from '#cli/read-api.ts'
import { isOver, type WorkflowAnswer } from '#cli/workflow-story.ts'

const POLL_MS = 1000
/** How often in a row Patchcord may not answer before it is given up: it may be starting again. */
const MISSES_LIMIT = 20

type Shown = (workflow: WorkflowAnswer) => void

/** null: the events ended, or never began, before the workflow did. */
const byEvents = async (access: ApiAccess, path: string, shown: Shown): Promise<WorkflowAnswer | null> => {
  const read = eventReader()
  for await (const piece of openStream(access, `${path}/events`)) {
    for (const data of read(piece)) {
      const workflow = JSON.parse(data) as WorkflowAnswer
      shown(workflow)
      if (isOver(workflow)) return workflow
    }
  }
  return null
}

/** The workflow as it ended, or a sentence that says why nobody knows. */
export const followWorkflow = async (
  access: ApiAccess,
  workflow_id: string,
  shown: Shown,
): Promise<WorkflowAnswer | string> => {
  const path = `/core/workflows/${workflow_id}`
  let misses = 0
  for (;;) {
    const ended = await byEvents(access, path, shown).catch(() => null)
    if (ended !== null) return ended
    const asked = await getJson(access, path)
    if ('wrong' in asked) {
      misses += 1
      if (misses >= MISSES_LIMIT || asked.is_final) return `${asked.wrong} (workflow ${workflow_id})`
    } else {
      misses = 0
      const workflow = asked.body as WorkflowAnswer
      shown(workflow)
      if (isOver(workflow)) return workflow
    }
    await sleep(POLL_MS)
  }
}
