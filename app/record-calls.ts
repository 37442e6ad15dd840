/**
 * Writes down what happens in calls, behind their back: events are queued (app/call-spool.ts) and written in batches, in
 * order. A database that cannot take them now delays the writing, never a call; a batch whose commit was not seen is written
 * again. Only a record whose own content it refuses is given up.
 */
import type { CallNote, CallSpool } from '#app/call-spool.ts'
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
import { type Db, isRefusedByDatabase } from '#store/database.ts'

export type CallRecorder = {
  record(event: ConversationEvent): void
  /** Resolves when everything recorded so far is in the database; rejects after `limit_ms`: the rest is in the spool. */
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

/** null: nothing is written of it. */
const noteOf = (event: ConversationEvent, progress: Map<string, Progress>, edge_id: string): CallNote | null => {
  if (event.kind === 'opened') {
    const opened = openedRow(event, edge_id)
    if (opened === null) return null
    progress.set(event.id, { items: 0, user_turns: 0 })
    return { opened }
  }
  const known = progress.get(event.id)
  if (known === undefined) return null
  if (event.kind === 'closed') progress.delete(event.id)
  if (event.kind !== 'item') return { patch: patchOf(event, known.user_turns), item: null }
  if (event.item.who === 'user') known.user_turns += 1
  const { at_ms, ...said } = event.item
  const item = { conversation_id: event.id, position: known.items++, ...said, created_at: rfc3339(at_ms) }
  return { patch: patchOf(event, known.user_turns), item }
}

const fold = (notes: readonly CallNote[]): Batch => {
  const batch: Batch = { opened: new Map(), patches: new Map(), items: [] }
  for (const note of notes) {
    if ('opened' in note) {
      batch.opened.set(note.opened.id, note.opened)
      continue
    }
    const { patch, item } = note
    if (item !== null) batch.items.push(item)
    const opened = batch.opened.get(patch.id)
    const patched = batch.patches.get(patch.id)
    if (opened) batch.opened.set(patch.id, merge(opened, patch))
    else batch.patches.set(patch.id, patched ? merge(patched, patch) : patch)
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
const BATCH_NOTES = 1000

/** A record that cannot even be written down as a statement. */
const isOurFault = (error: unknown): boolean =>
  error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError

const pause = (): Promise<void> => new Promise(resolve => setTimeout(resolve, RETRY_MS).unref())

export const createCallRecorder = (deps: {
  readonly db: Db
  readonly log: Log
  readonly edge_id: string
  readonly spool: CallSpool
}): CallRecorder => {
  const { db, log, edge_id, spool } = deps
  const progress = new Map<string, Progress>()
  let writing: Promise<void> | null = null
  /** How often in a row the database was found away. */
  let failures = 0
  let more = false

  const write = async (batch: Batch): Promise<void> => {
    await db.transaction().execute(async tx => {
      await insertConversations(tx, [...batch.opened.values()])
      await updateConversations(tx, [...batch.patches.values()])
      await insertConversationItems(tx, batch.items)
    })
  }
  const writeUntilTaken = async (batch: Batch): Promise<void> => {
    for (;;) {
      try {
        await write(batch)
        failures = 0
        return
      } catch (error) {
        if (isRefusedByDatabase(error) || isOurFault(error)) return await writeApart(batch, error)
        if (failures % 20 === 0) log.warn({ err: String(error), failures }, 'call records wait for the database')
        failures += 1
        await pause()
      }
    }
  }
  /** One record that the database will never take must not hold up the others. */
  const writeApart = async (batch: Batch, error: unknown): Promise<void> => {
    const ids = [...new Set([...batch.opened.keys(), ...batch.patches.keys()])]
    if (ids.length < 2) {
      log.error({ err: String(error), conversation_id: ids[0] }, 'a call record was refused by the database')
      return
    }
    for (const id of ids) await writeUntilTaken(only(batch, id))
  }
  const drain = async (): Promise<void> => {
    for (;;) {
      more = false
      const notes = await spool.next(BATCH_NOTES)
      if (notes.length > 0) {
        await writeUntilTaken(fold(notes))
        spool.taken()
      } else if (!more) {
        writing = null
        return
      }
    }
  }
  const start = (): void => {
    more = true
    writing ??= Promise.resolve().then(drain)
  }
  // What earlier processes have left.
  start()
  return {
    record: event => {
      const note = noteOf(event, progress, edge_id)
      if (note === null) return
      spool.append(note)
      start()
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
