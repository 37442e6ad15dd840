/**
 * What a process that answers calls does with its routing table, alone in a process of its own, so that its memory can be
 * measured. Arguments: `database` or `disk`, and JSON of EdgeTask. Prints lines of JSON; `follow` goes on until it is killed.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { readSnapshot, writeSnapshot } from '#app/edge-snapshot.ts'
import { followRouting } from '#app/follow-routing.ts'
import { tableToTexts } from '#app/snapshot-frames.ts'
import { emptyRoutingTable } from '#core/routing-table.ts'
import { startEdgeRouting } from '#server/edge-routing.ts'
import type { DatabaseAddress } from '#store/address.ts'
import { openDatabase } from '#store/database.ts'
import { createSecretBox } from '#store/secret-box.ts'

export type EdgeTask = { readonly address: DatabaseAddress; readonly data_dir: string; readonly phone_number: string }
export type EdgeFigures = { readonly took_ms: number; readonly rss_mb: number; readonly numbers: number }
export type SnapshotFigures = { readonly write_ms: number; readonly held_ms: number }
/** When a change was first routed by, milliseconds since the epoch. */
export type Followed = { readonly assignment_id: string | undefined; readonly at_ms: number }

const quiet = { info: () => {}, warn: () => {}, error: () => {} }
const clock = { now_ms: () => performance.timeOrigin + performance.now() }
const say = (figures: EdgeFigures | SnapshotFigures | Followed): boolean =>
  process.stdout.write(`${JSON.stringify(figures)}\n`)

const [mode = '', task = ''] = process.argv.slice(2)
const { address, data_dir, phone_number } = JSON.parse(task) as EdgeTask
const secrets = createSecretBox(Buffer.alloc(32))
const place = { file: join(data_dir, 'routing-table'), secrets, log: quiet }
const table = emptyRoutingTable()

const figures = (begun_ms: number, numbers: number): EdgeFigures => ({
  took_ms: performance.now() - begun_ms,
  // The most there was at any time, as the kernel has it.
  rss_mb: process.resourceUsage().maxRSS / 1024,
  numbers,
})

/** Loads, and writes to disk what it has. */
const fromDatabase = async (): Promise<void> => {
  const db = openDatabase(address, { max_connections: 4 })
  const follower = followRouting({ db, table, log: quiet, secrets, clock, webhook_timeout_ms: 2000 })
  const begun_ms = performance.now()
  await follower.load()
  say(figures(begun_ms, table.numbers.size))
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const writing_ms = performance.now()
  delay.enable()
  const texts = await follower.between(horizon => (horizon === null ? [] : tableToTexts(table, horizon)))
  await writeSnapshot(place, texts, 'bench')
  delay.disable()
  say({ write_ms: performance.now() - writing_ms, held_ms: delay.max / 1e6 })
  await db.destroy()
}

const fromDisk = async (): Promise<void> => {
  const begun_ms = performance.now()
  const snapshot = await readSnapshot(place, clock.now_ms())
  say(figures(begun_ms, snapshot?.table.numbers.size ?? 0))
}

const follow = async (): Promise<void> => {
  const db = openDatabase(address, { max_connections: 4 })
  rmSync(place.file, { force: true })
  const settings = { address, data_dir, edge_id: 'bench', webhook_timeout_ms: 2000 }
  await startEdgeRouting({ settings, db, table, secrets, clock, log: quiet, waiting: () => {} })
  let known: string | undefined
  setInterval(() => {
    const assignment_id = table.numbers.get(phone_number)?.inbound?.id
    if (assignment_id === known) return
    known = assignment_id
    say({ assignment_id, at_ms: clock.now_ms() })
  }, 1)
}

const modes = new Map([
  ['database', fromDatabase],
  ['disk', fromDisk],
  ['follow', follow],
])
await modes.get(mode)?.()
