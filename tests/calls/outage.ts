/**
 * Calls go on while the database is dead, frozen, and dead again with the process that answers them killed and started anew:
 * none fails, the same callers reach the same versions, and afterwards each call is on record once.
 */
import assert from 'node:assert/strict'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { defaultArm } from '#core/assignment.ts'
import { ensureAssignment } from '#store/assignments.ts'
import { type Db, openDatabase } from '#store/database.ts'
import { eventually, makeAgent, type Patchcord, startOn } from '#tests/calls/patchcord.ts'
import { makeTempDir } from '#tests/harness/cluster.ts'
import { type FailingCluster, startFailingCluster } from '#tests/harness/failing-cluster.ts'
import { freeUdpPort } from '#tests/peers/free-port.ts'
import { placeRawCall } from '#tests/peers/raw-call.ts'
import { runSipp } from '#tests/peers/sipp.ts'

export type OutageOrder = {
  readonly calls_per_second: number
  /** How long the database is dead, and then frozen. */
  readonly down_ms: number
  readonly frozen_ms: number
  readonly hold_ms: number
}

const NUMBER = '+15550140001'
const CREDENTIAL = 'ak_outage-test.0123456789abcdef'
const CALLERS = Array.from({ length: 12 }, (_, index) => `+1555015${String(index).padStart(4, '0')}`)
/** Between two troubles: for the processes to find their feet again. */
const SETTLE_MS = 1500
const RECOVERY_LIMIT_MS = 60_000

/** Versions 1 to 3 of one agent, 50, 30 and 20 of a hundred. */
const split = async (db: Db, agent_id: string): Promise<void> => {
  const entries = [5000, 3000, 2000].map((weight_bp, index) => {
    const version = index + 1
    return { agent_id, version, weight_bp, arm: defaultArm(agent_id, version) }
  })
  await db.transaction().execute(async tx => {
    const { rows } = await sql<{
      organization_id: string
    }>`select organization_id from agents where id = ${agent_id}`.execute(tx)
    const assignment_id = await ensureAssignment(tx, rows[0]?.organization_id ?? '', entries)
    await sql`update phone_numbers set inbound_assignment_id = ${assignment_id}`.execute(tx)
  })
}

type Stage = {
  readonly cluster: FailingCluster
  readonly db: Db
  readonly data_dir: string
  startVoice(): Promise<Patchcord>
  readonly api: Patchcord
}

/** What each caller reaches; a call each. */
const decisions = async (voice: Patchcord): Promise<readonly (number | null)[]> => {
  const versions: (number | null)[] = []
  for (const caller of CALLERS) versions.push((await placeRawCall(voice.sip.port, NUMBER, caller)).version)
  return versions
}

/** Calls for as long as that takes, and a little longer. Answers how many; none has failed. */
const under = async (
  load: (duration_ms: number) => Promise<number>,
  duration_ms: number,
  trouble: () => Promise<void>,
): Promise<number> => {
  const [calls] = await Promise.all([load(duration_ms), trouble()])
  return calls
}

const loadOn =
  (voice: Patchcord, { calls_per_second, hold_ms }: OutageOrder) =>
  async (duration_ms: number) => {
    const calls = Math.ceil((duration_ms / 1000) * calls_per_second)
    const result = await runSipp({
      scenario: 'call',
      remote: voice.sip,
      service: NUMBER,
      calls,
      calls_per_second,
      hold_ms,
      time_limit_ms: duration_ms + hold_ms + 30_000,
    })
    assert.deepEqual([result.succeeded, result.failed], [calls, 0], result.errors)
    return calls
  }

const isReady = async (patchcord: Patchcord): Promise<boolean> => (await fetch(`${patchcord.http}/health/ready`)).ok

const story = async (stage: Stage, order: OutageOrder) => {
  const { cluster, db, api } = stage
  const { down_ms, frozen_ms } = order
  const first = await stage.startVoice()
  const expected = await decisions(first)
  assert.ok(new Set(expected).size > 1, 'the split leads all callers to one version')
  const same = async (voice: Patchcord, when: string) => {
    assert.equal(await isReady(voice), true, when)
    assert.deepEqual(await decisions(voice), expected, when)
  }
  let calls = await under(loadOn(first, order), down_ms + frozen_ms + 4 * SETTLE_MS, async () => {
    await sleep(SETTLE_MS)
    await cluster.kill()
    await same(first, 'while the database is dead')
    await sleep(down_ms)
    await cluster.start()
    await eventually(
      'the API',
      () => isReady(api),
      ready => ready,
    )
    await sleep(SETTLE_MS)
    cluster.freeze()
    await same(first, 'while the database is frozen')
    await sleep(frozen_ms)
    cluster.thaw()
    await sleep(SETTLE_MS)
  })
  await eventually(
    'the routing table on disk',
    async () => readdirSync(stage.data_dir),
    files => files.includes('routing-table'),
  )
  await cluster.kill()
  calls += await loadOn(first, order)(down_ms)
  // The last records are in a file a turn of the event loop after the last call.
  await sleep(200)
  first.child.kill('SIGKILL')
  await first.ended
  const second = await stage.startVoice()
  await same(second, 'after a restart without a database')
  calls += await loadOn(second, order)(down_ms)
  await cluster.start()
  calls += 4 * CALLERS.length
  const counts = async () => {
    const { rows } = await sql<{ all: number; ended: number; completed: number }>`select count(*) as all,
      count(*) filter (where ended_at is not null) as ended,
      count(*) filter (where status = 'completed') as completed from conversations`.execute(db)
    return rows[0]
  }
  await eventually(
    'the record of every call',
    () => counts().catch(() => undefined),
    found => found?.ended === calls,
    RECOVERY_LIMIT_MS,
  )
  assert.deepEqual(await counts(), { all: calls, ended: calls, completed: calls })
  await same(second, 'when all is well again')
  const spools = join(stage.data_dir, 'call-spool')
  await eventually(
    'the spool of the process that was killed to go',
    async () => readdirSync(spools),
    dirs => dirs.length <= 1,
  )
  return { calls }
}

export const surviveOutage = async (order: OutageOrder): Promise<{ readonly calls: number }> => {
  await using closing = new AsyncDisposableStack()
  const directory = makeTempDir('outage')
  closing.defer(() => rmSync(directory, { recursive: true, force: true }))
  const cluster = await startFailingCluster()
  closing.defer(() => cluster.clear())
  const db = openDatabase(cluster.address, { max_connections: 1 })
  closing.defer(() => db.destroy())
  const ground = { address: cluster.address, credential: CREDENTIAL }
  const limit_ms = 120_000 + 6 * (order.down_ms + order.frozen_ms)
  const start = async (env: Readonly<Record<string, string>>): Promise<Patchcord> => {
    const started = await startOn(ground, directory, env, limit_ms)
    closing.defer(async () => {
      started.child.kill('SIGKILL')
      await started.ended
    })
    return started
  }
  const api = await start({ ROLES: 'api', BOOTSTRAP_KEY: CREDENTIAL })
  const agent_id = await makeAgent(api, { name: 'Survivor', messages: ['One.', 'Two.', 'Three.'], numbers: [NUMBER] })
  await split(db, agent_id)
  const SIP_PORT = String(await freeUdpPort())
  const startVoice = () => start({ ROLES: 'voice', SIP_PORT })
  return await story({ cluster, db, api, startVoice, data_dir: join(directory, 'data') }, order)
}
