/** The routing table of a process that answers calls: filled at its start, also without a database, and kept true after. */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { keepSnapshot, readSnapshot, type SnapshotPlace } from '#app/edge-snapshot.ts'
import { followRouting, type TableFollower } from '#app/follow-routing.ts'
import type { Clock, Log } from '#app/ports.ts'
import { type RoutingTable, replaceTable } from '#core/routing-table.ts'
import { every } from '#server/every.ts'
import type { VoiceSettings } from '#server/voice-messages.ts'
import { type Db, isDatabaseAway } from '#store/database.ts'
import { listenForChanges } from '#store/notifications.ts'
import type { SecretBox } from '#store/secret-box.ts'

/** How often changes of other processes are looked for, whether or not somebody has told of one. */
const POLL_MS = 500
const SNAPSHOT_MS = 1_000
const RENEW_MS = 60_000
const RETRY_MS = 1_000

type Parts = {
  readonly settings: Pick<VoiceSettings, 'address' | 'edge_id' | 'data_dir' | 'webhook_timeout_ms'>
  readonly db: Db
  readonly table: RoutingTable
  readonly secrets: SecretBox
  readonly clock: Clock
  readonly log: Log
  /** Called once when nobody has a table and no call can be answered yet. */
  readonly waiting: () => void
}

export type EdgeRouting = { readonly follower: TableFollower; stop(): Promise<void> }

/** From the database; where that is not to be had, from the disk. With neither, as soon as the database is back. */
const fill = async (parts: Parts, follower: TableFollower, place: SnapshotPlace): Promise<void> => {
  const { table, clock, log } = parts
  for (let attempt = 1; ; attempt++) {
    try {
      return await follower.load()
    } catch (error) {
      const snapshot = attempt === 1 ? await readSnapshot(place, clock.now_ms()) : null
      if (snapshot !== null) {
        replaceTable(table, snapshot.table)
        follower.resume(snapshot.horizon)
        const as_of = snapshot.horizon.at
        log.error({ err: String(error), as_of }, 'the database is away: calls are routed by the table on disk')
        return
      }
      if (!isDatabaseAway(error)) throw error
      if (attempt === 1) {
        log.error(
          { err: String(error) },
          'the database is away and no routing table is on disk: waiting, no calls are answered',
        )
        parts.waiting()
      }
      await sleep(RETRY_MS)
    }
  }
}

/** Rejects when the database refuses, and no table is on disk. */
export const startEdgeRouting = async (parts: Parts): Promise<EdgeRouting> => {
  const { settings, db, table, secrets, clock, log } = parts
  const { webhook_timeout_ms, address, edge_id } = settings
  const follower = followRouting({ db, table, log, secrets, clock, webhook_timeout_ms })
  const place = { file: join(settings.data_dir, 'routing-table'), secrets, log }
  await fill(parts, follower, place)

  const warn = (what: string) => (error: unknown) => log.warn({ err: String(error) }, what)
  const unread = warn('changes of other processes could not be read')
  const keep = keepSnapshot({ ...place, table, follower, clock, writer: edge_id })
  const timers = [
    every(POLL_MS, follower.poll, unread),
    every(SNAPSHOT_MS, keep, warn('the routing table could not be written to disk')),
    every(RENEW_MS, async () => follower.renew(), warn('calendars could not be compiled')),
  ]
  const listener = listenForChanges(address, () => {
    // The next poll says why, if it fails as well.
    follower.poll().catch(() => {})
  })
  return {
    follower,
    stop: async () => {
      for (const timer of timers) clearInterval(timer)
      await listener.stop()
    },
  }
}
