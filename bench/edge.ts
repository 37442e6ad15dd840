/** A process that answers calls with a million numbers: how it gets its routing table, and how soon it hears of a change. */
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { v7 } from 'uuid'
import type { EdgeFigures, EdgeTask, Followed, SnapshotFigures } from '#bench/edge-process.ts'
import { loadMillion, phoneNumberAt } from '#bench/load-million.ts'
import { quantile } from '#bench/measure.ts'
import type { Bench, Row } from '#bench/table.ts'
import { insertRoutingChange } from '#store/changes.ts'
import { type Db, openDatabase } from '#store/database.ts'
import { migrate } from '#store/migrate.ts'
import { createNotifier } from '#store/notifications.ts'
import { makeTempDir, startThrowawayCluster } from '#tests/harness/cluster.ts'

/** Ten thousand agents, whose lists the numbers share in no order. */
const SIZES = { agents: 10_000, versions_each: 3, numbers: 1_000_000, assignments: 10_000 }
const ROUNDS = 3
const CHANGES = 200

const TRUNK = {
  inbound: { allowed_addresses: ['127.0.0.0/8'], auth_username: null, transports: ['udp'] },
  outbound: { address: null, auth_username: null, transport: 'UDP', media_encryption: 'NONE' },
}

const fill = async (db: Db): Promise<void> => {
  const organization_id = v7()
  await sql`insert into organizations (id, name, slug) values (${organization_id}, 'Bench', 'bench')`.execute(db)
  for (const is_default of [true, false])
    await sql`insert into trunks (id, organization_id, name, is_default, inbound_config, outbound_config)
      values (${v7()}, ${organization_id}, 'Bench', ${is_default}, ${JSON.stringify(TRUNK.inbound)},
        ${JSON.stringify(TRUNK.outbound)})`.execute(db)
  await loadMillion(db, organization_id, SIZES)
}

const program = join(import.meta.dirname, 'edge-process.ts')

const start = (mode: string, task: EdgeTask) => {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', program, mode, JSON.stringify(task)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const read = async <T>(): Promise<T> => {
    const line = await lines.next()
    if (line.done) throw new Error(`the process that was to ${mode} has ended`)
    return JSON.parse(line.value) as T
  }
  return { child, read }
}

const median = (values: readonly number[]): number => quantile(values, 0.5)

const row = (name: string, unit: string, ours: number, at_most: number): Row => ({
  name,
  unit,
  reference: null,
  ours,
  target: { at_most },
})

const measureLoads = async (task: EdgeTask): Promise<readonly Row[]> => {
  const database: EdgeFigures[] = []
  const snapshots: SnapshotFigures[] = []
  const disk: EdgeFigures[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const loading = start('database', task)
    database.push(await loading.read())
    snapshots.push(await loading.read())
    disk.push(await start('disk', task).read())
  }
  for (const { numbers } of [...database, ...disk])
    if (numbers !== SIZES.numbers) throw new Error(`only ${numbers} numbers were loaded`)
  const [from_database, from_disk] = [database, disk].map(list => median(list.map(each => each.took_ms)) / 1000)
  const most = (list: readonly EdgeFigures[]): number => Math.max(...list.map(each => each.rss_mb))
  return [
    row('1,000,000 numbers from the database', 's', from_database ?? Number.NaN, 3),
    row('… memory of that process, at most', 'MB', most(database), 700),
    row('1,000,000 numbers from the disk', 's', from_disk ?? Number.NaN, 2),
    row('… memory of that process, at most', 'MB', most(disk), 700),
    row('writing them to disk holds the thread at most', 'ms', median(snapshots.map(each => each.held_ms)), 50),
  ]
}

/** One change, as a use case makes it; answers when it was committed. */
const change = async (db: Db, phone_number: string, turn: number): Promise<number> => {
  await db.transaction().execute(async tx => {
    const { rows } = await sql<{ id: string }>`update phone_numbers set inbound_assignment_id =
      (select id from assignments order by id offset ${turn % 2} limit 1)
      where phone_number = ${phone_number} returning id`.execute(tx)
    const none = { agent_ids: [], trunk_ids: [], schedule_ids: [], organization_ids: [] }
    await insertRoutingChange(tx, { number_ids: rows.map(each => each.id), ...none })
  })
  return performance.timeOrigin + performance.now()
}

const measureFollowing = async (db: Db, task: EdgeTask): Promise<readonly Row[]> => {
  const { child, read } = start('follow', task)
  const notifier = createNotifier(db)
  try {
    await read<Followed>()
    const delays: number[] = []
    for (let turn = 0; turn < CHANGES; turn++) {
      // At no fixed point of the follower's polls.
      await sleep(20 + ((turn * 37) % 60))
      const committed_ms = await change(db, task.phone_number, turn)
      notifier.tell()
      delays.push((await read<Followed>()).at_ms - committed_ms)
    }
    const name = 'a change by one process → another routes by it'
    return [row(`${name}: median`, 'ms', median(delays), 100), row(`${name}: p99`, 'ms', quantile(delays, 0.99), 100)]
  } finally {
    child.kill()
  }
}

export const edge: Bench = {
  name: 'edge',
  run: async show => {
    const server = await startThrowawayCluster(true)
    const data_dir = makeTempDir('bench-edge')
    const db = openDatabase(server.address, { max_connections: 2 })
    try {
      await migrate(server.address)
      await fill(db)
      const task = { address: server.address, data_dir, phone_number: phoneNumberAt(5000) }
      for (const measured of await measureLoads(task)) show(measured)
      for (const measured of await measureFollowing(db, task)) show(measured)
    } finally {
      await db.destroy()
      await server.stop()
      rmSync(data_dir, { recursive: true, force: true })
    }
  },
}
