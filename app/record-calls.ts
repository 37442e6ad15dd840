/**
 * Writes down what happens in calls, behind their back: events are queued in memory and written in batches, in order.
 * A database that is away delays the writing, never a call; a batch whose commit was not seen is written again.
 */
import type { ConversationEvent, Log } from '#app/ports.ts'
import { routingRecord } from '#core/routing-record.ts'
import {
  type ConversationPatch,
  insertConversationItems,
  insertConversations,
  type NewConversation,
  type NewItem,
  updateConversations,
} from '#store/conversations.ts'
import { type Db, isDatabaseAway } from '#store/database.ts'

export type CallRecorder = {
  record(event: ConversationEvent): void
  /** Resolves when everything recorded so far is written. Rejects when the database refuses to take it for `limit_ms`. */
  flush(limit_ms: number): Promise<void>
}

type Batch = {
  readonly opened: Map<string, NewConversation>
  readonly patches: Map<string, ConversationPatch>
  readonly items: NewItem[]
}

/** What is remembered of a conversation while it lasts. */
type Progress = { items: number; user_turns: number }

const rfc3339 = (at_ms: number): string => new Date(at_ms).toISOString()

/** What variables and metadata a call came with; null: none. */
const given = (fields: Readonly<Record<string, unknown>>): object | null =>
  Object.keys(fields).length === 0 ? null : fields

const openedRow = (event: ConversationEvent & { kind: 'opened' }, edge_id: string): NewConversation | null => {
  const { decision, call } = event
  if (decision.organization_id === null) return null
  const answer = decision.outcome.kind === 'answer' ? decision.outcome : null
  return {
    id: event.id,
    organization_id: decision.organization_id,
    edge_id,
    direction: decision.direction,
    status: event.status,
    end_reason: null,
    media: null,
    user_turns: 0,
    user_id: decision.caller,
    agent_id: answer?.agent_id ?? null,
    agent_version_id: answer?.agent_version_id ?? null,
    agent_number: decision.number,
    routing: routingRecord(decision, event.decided_in_us, call.request_uri),
    initial_context: given(decision.variables),
    custom_metadata: decision.webhook?.kind === 'replied' ? given(decision.webhook.reply.metadata) : null,
    answered_at: null,
    ended_at: null,
    created_at: rfc3339(event.at_ms),
    updated_at: rfc3339(event.at_ms),
  }
}

const UNKNOWN = { status: null, end_reason: null, media: null, answered_at: null, ended_at: null } as const

const patchOf = (event: Exclude<ConversationEvent, { kind: 'opened' }>, user_turns: number): ConversationPatch => {
  const base = { id: event.id, ...UNKNOWN, user_turns }
  switch (event.kind) {
    case 'answered': {
      const at = rfc3339(event.at_ms)
      return { ...base, status: 'in_progress', answered_at: at, updated_at: at }
    }
    case 'item':
      return { ...base, updated_at: rfc3339(event.item.at_ms) }
    case 'closed': {
      const at = rfc3339(event.at_ms)
      return {
        ...base,
        status: event.status,
        end_reason: event.reason,
        media: event.media,
        ended_at: at,
        updated_at: at,
      }
    }
  }
}

const merge = <T extends ConversationPatch>(before: T, after: ConversationPatch): T => ({
  ...before,
  status: after.status ?? before.status,
  end_reason: after.end_reason ?? before.end_reason,
  media: after.media ?? before.media,
  answered_at: after.answered_at ?? before.answered_at,
  ended_at: after.ended_at ?? before.ended_at,
  user_turns: after.user_turns,
  updated_at: after.updated_at,
})

const fold = (events: readonly ConversationEvent[], progress: Map<string, Progress>, edge_id: string): Batch => {
  const batch: Batch = { opened: new Map(), patches: new Map(), items: [] }
  for (const event of events) {
    if (event.kind === 'opened') {
      const row = openedRow(event, edge_id)
      if (row === null) continue
      progress.set(event.id, { items: 0, user_turns: 0 })
      batch.opened.set(event.id, row)
      continue
    }
    const known = progress.get(event.id)
    if (known === undefined) continue
    if (event.kind === 'item') {
      if (event.item.who === 'user') known.user_turns += 1
      const { at_ms, ...said } = event.item
      batch.items.push({ conversation_id: event.id, position: known.items++, ...said, created_at: rfc3339(at_ms) })
    }
    const patch = patchOf(event, known.user_turns)
    const opened = batch.opened.get(event.id)
    const patched = batch.patches.get(event.id)
    if (opened) batch.opened.set(event.id, merge(opened, patch))
    else batch.patches.set(event.id, patched ? merge(patched, patch) : patch)
    if (event.kind === 'closed') progress.delete(event.id)
  }
  return batch
}

const only = (batch: Batch, id: string): Batch => ({
  opened: new Map([...batch.opened].filter(([key]) => key === id)),
  patches: new Map([...batch.patches].filter(([key]) => key === id)),
  items: batch.items.filter(item => item.conversation_id === id),
})

const RETRY_MS = 500
/** In one transaction. What piles up in an outage has no bound; a statement has: 65535 parameters, seven an item. */
const BATCH_EVENTS = 1000

export const createCallRecorder = (deps: {
  readonly db: Db
  readonly log: Log
  readonly edge_id: string
}): CallRecorder => {
  const progress = new Map<string, Progress>()
  const queue: ConversationEvent[] = []
  let writing: Promise<void> | null = null

  const write = async (batch: Batch): Promise<void> => {
    await deps.db.transaction().execute(async tx => {
      await insertConversations(tx, [...batch.opened.values()])
      await updateConversations(tx, [...batch.patches.values()])
      await insertConversationItems(tx, batch.items)
    })
  }
  const writeUntilTaken = async (batch: Batch): Promise<void> => {
    for (let failures = 0; ; failures += 1) {
      try {
        return await write(batch)
      } catch (error) {
        if (!isDatabaseAway(error)) return await writeApart(batch, error)
        if (failures % 20 === 0) deps.log.warn({ err: String(error), failures }, 'call records wait for the database')
        await new Promise(resolve => setTimeout(resolve, RETRY_MS).unref())
      }
    }
  }
  /** One record that the database will never take must not hold up the others. */
  const writeApart = async (batch: Batch, error: unknown): Promise<void> => {
    const ids = [...batch.opened.keys(), ...batch.patches.keys()]
    if (ids.length < 2) {
      deps.log.error({ err: String(error), conversation_id: ids[0] }, 'a call record was refused by the database')
      return
    }
    for (const id of ids) await writeUntilTaken(only(batch, id))
  }
  const drain = async (): Promise<void> => {
    while (queue.length > 0) await writeUntilTaken(fold(queue.splice(0, BATCH_EVENTS), progress, deps.edge_id))
    writing = null
  }
  return {
    record: event => {
      queue.push(event)
      writing ??= Promise.resolve().then(drain)
    },
    flush: async limit_ms => {
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error('call records could not be written in time')), limit_ms)
      })
      try {
        while (writing) await Promise.race([writing, late])
      } finally {
        clearTimeout(timer)
      }
    },
  }
}
