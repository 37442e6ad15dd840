/** What the database needs now and then: what has run out is forgotten, what lies idle is ended, counts are folded. */
import type { App } from '#app/context.ts'
import { finishConversations } from '#app/end-conversation.ts'
import { pruneRoutingChanges } from '#store/changes.ts'
import { foldConversationCounts } from '#store/conversation-counts.ts'
import { pruneAnswers } from '#store/idempotency-keys.ts'

/** A busy agent adds some ten rows a second to its counts; reading six hundred takes a fraction of a millisecond. */
const EVERY_MS = 60_000

/** Of all organizations: `app` is bound to none. Any number of processes may do it at once. */
export const startUpkeep = (app: App): { stop(): Promise<void> } => {
  const { db, log } = app
  let running: Promise<void> = Promise.resolve()
  const work = async (): Promise<void> => {
    await foldConversationCounts(db)
    await pruneAnswers(db)
    await pruneRoutingChanges(db)
    await finishConversations(app)
  }
  const timer = setInterval(() => {
    running = work().catch(error => log.warn({ err: String(error) }, 'upkeep of the database is put off'))
  }, EVERY_MS)
  return {
    stop: async () => {
      clearInterval(timer)
      await running
    },
  }
}
