/** What the database needs now and then: answers and changes that have run out are forgotten, counts are folded. */
import type { Log } from '#app/ports.ts'
import { pruneRoutingChanges } from '#store/changes.ts'
import { foldConversationCounts } from '#store/conversation-counts.ts'
import type { Db } from '#store/database.ts'
import { pruneAnswers } from '#store/idempotency-keys.ts'

/** A busy agent adds some ten rows a second to its counts; reading six hundred takes a fraction of a millisecond. */
const EVERY_MS = 60_000

/** Any number of processes may do it at once. */
export const startUpkeep = (db: Db, log: Log): { stop(): Promise<void> } => {
  let running: Promise<void> = Promise.resolve()
  const work = async (): Promise<void> => {
    await foldConversationCounts(db)
    await pruneAnswers(db)
    await pruneRoutingChanges(db)
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
