/** The end of a written conversation, and what is said of it afterwards. */
import { type App, boundTo, type Caller, transact } from '#app/context.ts'
import { Refused, refuse } from '#app/refused.ts'
import type { Conversation } from '#core/conversation.ts'
import { mindConfigOf } from '#core/mind-config.ts'
import { OFFLINE_WRITER } from '#core/offline-writer.ts'
import type { TranscriptLine, Writer, Written, WrittenSummary } from '#core/writer.ts'
import { findConversation } from '#store/conversations.ts'
import {
  type ConversationState,
  endIdleConversations,
  endConversation as endRow,
  listStoredItems,
  listUnsummarized,
  lockConversation,
  saveSummary,
} from '#store/text-conversations.ts'

const SUMMARY_LIMIT_MS = 30_000

/** By the model; null: it failed, which leaves it to the rules, since an end never waits for somebody who is not there. */
const byModel = async (
  app: App,
  { organization_id, id }: ConversationState,
  write: (writer: Writer) => Promise<Written<WrittenSummary> | null>,
  outer: AbortSignal | undefined,
): Promise<Written<WrittenSummary> | null> => {
  try {
    return await write(await app.writers.for(organization_id))
  } catch (error) {
    outer?.throwIfAborted()
    const reason = error instanceof Refused ? error.refusal.code : 'internal'
    app.log.warn({ conversation_id: id, reason }, 'a summary was written by rule')
    return null
  }
}

const summarize = async (app: App, state: ConversationState, outer?: AbortSignal): Promise<void> => {
  const { organization_id, id } = state
  const items = await listStoredItems(app.db, id)
  const transcript = items.flatMap(({ who, text }): TranscriptLine[] => (text === '' ? [] : [{ who, text }]))
  const { success_criteria } = mindConfigOf(state.config ?? {}, 'text')
  const late = AbortSignal.timeout(SUMMARY_LIMIT_MS)
  const signal = outer ? AbortSignal.any([outer, late]) : late
  // Where the user said nothing there is nothing to judge.
  const has_words = transcript.some(({ who }) => who === 'user')
  const write = async (writer: Writer) =>
    writer.written_by === 'model' && has_words ? writer.summary(transcript, success_criteria, signal) : null
  const written =
    (await byModel(app, state, write, outer)) ?? (await OFFLINE_WRITER.summary(transcript, success_criteria, signal))
  await saveSummary(app.db, organization_id, id, { ...written.value, summarized_by: written.written_by })
}

/** Again and again the same. A turn that goes on loses its reply: the conversation is over. */
export const endConversation = async (app: App, caller: Caller, id: string): Promise<Conversation> => {
  const { organization_id } = caller
  const state = await transact(app, async tx => {
    const found = (await lockConversation(tx, organization_id, id)) ?? refuse('conversation_not_found', [id])
    if (found.channel !== 'text') refuse('conversation_not_text', [id])
    if (found.ended_at === null) await endRow(tx, organization_id, id, 'ended')
    return found
  })
  const ended = (await findConversation(app.db, organization_id, id)) ?? refuse('conversation_not_found', [id])
  if (ended.summarized_by !== null || ended.erased_at !== null) return ended
  await summarize(app, state)
  return (await findConversation(app.db, organization_id, id)) ?? refuse('conversation_not_found', [id])
}

/** Nobody comes back to a chat after a day. */
export const IDLE_SECONDS = 24 * 3600
const SUMMARIES_AT_ONCE = 20

/**
 * For the upkeep, across organizations: ends what lies idle, and summarizes what ended without anybody asking. One that
 * cannot be summarized is passed over. Ends early, without an error, when aborted.
 */
export const finishConversations = async (
  app: App,
  idle_seconds = IDLE_SECONDS,
  signal?: AbortSignal,
): Promise<void> => {
  await endIdleConversations(app.db, idle_seconds)
  for (const { organization_id, id } of await listUnsummarized(app.db, SUMMARIES_AT_ONCE)) {
    if (signal?.aborted) return
    try {
      const its = boundTo(app, organization_id)
      const state = await its.db.transaction().execute(tx => lockConversation(tx, organization_id, id))
      if (state) await summarize(its, state, signal)
    } catch (error) {
      if (signal?.aborted) return
      app.log.warn({ conversation_id: id, err: String(error) }, 'a conversation could not be summarized')
    }
  }
}
