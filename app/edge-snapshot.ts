/**
 * The routing table on disk, so that a process can answer calls when it starts without a database. Sealed as a whole
 * (store/sealed-file.ts), since it holds what trunks and webhooks keep secret; and a file that was damaged is not believed.
 */
import { readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { TableFollower } from '#app/follow-routing.ts'
import type { Clock, Log } from '#app/ports.ts'
import { tableFromTexts, tableToTexts } from '#app/snapshot-frames.ts'
import type { RoutingTable } from '#core/routing-table.ts'
import type { Horizon } from '#store/changes.ts'
import { openSealedLog, readFrames, syncDirectory } from '#store/sealed-file.ts'
import type { SecretBox } from '#store/secret-box.ts'

const PURPOSE = 'routing table'

export type SnapshotPlace = { readonly file: string; readonly secrets: SecretBox; readonly log: Log }

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

const ABANDONED_MS = 3_600_000

/** Files half-written by processes that were killed. */
const removeAbandoned = async (file: string, now_ms: number): Promise<void> => {
  const directory = dirname(file)
  for (const name of await readdir(directory)) {
    if (!name.startsWith(`${basename(file)}.`) || !name.endsWith('.new')) continue
    const { mtimeMs } = await stat(join(directory, name))
    if (now_ms - mtimeMs > ABANDONED_MS) await rm(join(directory, name), { force: true })
  }
}

/** In slices of some milliseconds, between which calls are answered; whole or not at all. `writer`: nobody else's name. */
export const writeSnapshot = async (
  { file, secrets }: SnapshotPlace,
  texts: Iterable<string>,
  writer: string,
): Promise<void> => {
  const unfinished = `${file}.${writer}.new`
  await rm(unfinished, { force: true })
  try {
    const log = await openSealedLog(unfinished, secrets, PURPOSE)
    try {
      for (const text of texts) {
        await log.append(text)
        await turn()
      }
    } finally {
      await log.close()
    }
    await rename(unfinished, file)
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => {})
    throw error
  }
  await syncDirectory(dirname(file))
}

/** null: there is none that can be used; why not is in the log. */
export const readSnapshot = async (
  { file, secrets, log }: SnapshotPlace,
  now_ms: number,
): Promise<{ readonly table: RoutingTable; readonly horizon: Horizon } | null> => {
  try {
    return await tableFromTexts(readFrames(file, secrets, PURPOSE), now_ms, log)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    log.warn({ file, err: String(error) }, 'the routing table on disk cannot be used')
    return null
  }
}

const EVERY_MS = 30_000
/** Writing takes at most one part in so many of the thread's time. */
const SHARE = 50
/** The horizon grows old also where nothing changes; the trail behind it is kept for half a day. */
const OLD_MS = 3_600_000

/** To be called every second: writes when something has changed, and not too often. Rejects when the disk does not take it. */
export const keepSnapshot = (
  place: SnapshotPlace & {
    readonly table: RoutingTable
    readonly follower: Pick<TableFollower, 'between' | 'revision'>
    readonly clock: Clock
    readonly writer: string
  },
): (() => Promise<void>) => {
  const { table, follower, clock, writer } = place
  let written_revision = -1
  let written_ms = Number.NEGATIVE_INFINITY
  let not_before_ms = Number.NEGATIVE_INFINITY
  return async () => {
    const began_ms = clock.now_ms()
    const is_due = follower.revision() !== written_revision || began_ms - written_ms > OLD_MS
    if (!is_due || began_ms < not_before_ms) return
    try {
      await removeAbandoned(place.file, began_ms)
      const taken = await follower.between(horizon => ({
        revision: follower.revision(),
        texts: horizon && tableToTexts(table, horizon),
      }))
      if (taken.texts === null) return
      await writeSnapshot(place, taken.texts, writer)
      written_revision = taken.revision
      written_ms = began_ms
    } finally {
      const now_ms = clock.now_ms()
      not_before_ms = now_ms + Math.max(EVERY_MS, SHARE * (now_ms - began_ms))
    }
  }
}
