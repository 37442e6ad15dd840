/** What the database needs now and then: what has run out is forgotten, what lies idle is ended, counts are folded. */
import type { App } from '#app/context.ts'
import { finishConversations, IDLE_SECONDS } from '#app/end-conversation.ts'
import { pruneRoutingChanges } from '#store/changes.ts'
import { foldConversationCounts } from '#store/conversation-counts.ts'
import { pruneAnswers } from '#store/idempotency-keys.ts'

/** A busy agent adds some ten rows a second to its counts; reading six hundred takes a fraction of a millisecond. */
const EVERY_MS = 60_000

/** Of all organizations: `app` is bound to none. Any number of processes may do it at once. */
export const startUpkeep = (app: App): { stop(): Promise<void> } => {
  const { db, log } = app
  const stopping = new AbortController()
  /** One round after the other: a model that is slow is not asked for the same summary again meanwhile. */
  const rounds = (work: () => Promise<void>) => {
    let running: Promise<void> | null = null
    const start = (): void => {
      running ??= work()
        .catch(error => log.warn({ err: String(error) }, 'upkeep of the database is put off'))
        .finally(() => (running = null))
    }
    const timer = setInterval(start, EVERY_MS)
    return async (): Promise<void> => {
      clearInterval(timer)
      await running
    }
  }
  const stops = [
    rounds(async () => {
      await foldConversationCounts(db)
      await pruneAnswers(db)
      await pruneRoutingChanges(db)
    }),
    rounds(() => finishConversations(app, IDLE_SECONDS, stopping.signal)),
  ]
  return {
    stop: async () => {
      stopping.abort()
      await Promise.all(stops.map(stop => stop()))
    },
  }
}
