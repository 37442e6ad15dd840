/** The real program over HTTP: reads against bare node:http that answers the same bytes, writes against the bare SQL they stand on. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { sql } from 'kysely'
import { type Asked, CONNECTIONS, fetchOnce, putLoad, type Target } from '#bench/http-load.ts'
import { interleave, timed } from '#bench/measure.ts'
import type { Bench, Row } from '#bench/table.ts'
import { type Db, openDatabase } from '#store/database.ts'
import { breakGround, makeAgent, type Patchcord } from '#tests/calls/patchcord.ts'
import { startForAllTests } from '#tests/harness/database.ts'
import { seedNumbers } from '#tests/harness/seed.ts'

const NUMBERS = 10_000
/** Requests a round; a clock tick of 10 ms is then one part in a hundred. */
const READS = 3000
const WRITES = 600
const ROUNDS = 5
const TIME_LIMIT_MS = 600_000
/** Where the bare statements did 3,673 a second, jambonz-api-server assigned 3,085 numbers: ours must do as many. */
const ASSIGN_OVER_BARE = 1.19

type Bare = { readonly target: Target; readonly child: ChildProcess }

const startBare = async (body: string): Promise<Bare> => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'bare-http.ts'), body], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [line] = await once(child.stdout, 'data')
  return { child, target: { origin: `http://127.0.0.1:${String(line).trim()}`, pid: child.pid ?? 0, credential: null } }
}

type Read = { readonly name: string; readonly asked: Asked; readonly cpu_us_at_most: number | null }

/** The processor time of one request, in the program and in a bare server that sends the same bytes. */
const measureRead = async (ours: Target, { name, asked, cpu_us_at_most }: Read): Promise<Row> => {
  const bare = await startBare(await fetchOnce(ours, asked))
  try {
    const cpu = (target: Target) => async () => (await putLoad(target, READS, () => asked)).cpu_us
    const sample = await interleave(ROUNDS, cpu(bare.target), cpu(ours))
    return {
      name: `${name}: processor time`,
      unit: 'µs',
      reference: { name: 'bare node:http', value: sample.reference },
      ours: sample.ours,
      target: cpu_us_at_most === null ? null : { at_most: cpu_us_at_most },
    }
  } finally {
    bare.child.stdin?.end()
    await once(bare.child, 'exit')
  }
}

/** What an assignment cannot do without: begin, lock, write, note, commit. */
const bareAssignment = (db: Db, id: string, label: string): Promise<void> =>
  db.transaction().execute(async tx => {
    await sql`select id from phone_numbers where id = ${id} for no key update`.execute(tx)
    await sql`update phone_numbers set label = ${label}, updated_at = now() where id = ${id}`.execute(tx)
    await sql`insert into audit_log (id, organization_id, actor, action, subject)
      select gen_random_uuid(), organization_id, 'bench', 'bench', id::text from phone_numbers where id = ${id}`.execute(
      tx,
    )
  })

const inLanes = async (count: number, work: (nth: number) => Promise<unknown>): Promise<number> => {
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < count) await work(next++)
  }
  const total_ms = await timed(() => Promise.all(Array.from({ length: CONNECTIONS }, lane)))
  return (total_ms * 1000) / count
}

type Ground = {
  readonly db: Db
  readonly target: Target
  readonly ids: readonly string[]
  readonly phone_numbers: readonly string[]
  /** An agent for each connection, so that writers wait for the machine and not for each other. */
  readonly agents: readonly string[]
}

/** Wall time by request with as many at work as there are connections: the inverse of requests in a second. */
const measureAssign = async ({ db, target, ids, phone_numbers, agents }: Ground): Promise<Row> => {
  let turn = 0
  const bare = () => inLanes(WRITES, nth => bareAssignment(db, ids[nth % ids.length] ?? '', String(turn++)))
  const whole = async () => {
    const { wall_us } = await putLoad(target, WRITES, nth => ({
      method: 'POST',
      path: `/core/agents/${agents[nth % agents.length]}/versions/${1 + (turn++ % 2)}/publish`,
      body: { phone_numbers: [phone_numbers[nth % phone_numbers.length]] },
    }))
    return wall_us
  }
  const { reference, ours } = await interleave(ROUNDS, bare, whole)
  return {
    name: `assign one number, ${CONNECTIONS} at once`,
    unit: 'µs',
    reference: { name: 'the bare five statements', value: reference },
    ours,
    target: { ratio_at_most: ASSIGN_OVER_BARE },
  }
}

type Size = { readonly count: number; readonly ratio_at_most: number; readonly rounds: number }
const SIZES: readonly Size[] = [
  { count: 1, ratio_at_most: 3, rounds: 40 },
  { count: 100, ratio_at_most: 3, rounds: 30 },
  { count: NUMBERS, ratio_at_most: 2, rounds: 7 },
]

const measurePublish = async (ground: Ground, { count, ratio_at_most, rounds }: Size): Promise<Row> => {
  const { db, target, agents } = ground
  const ids = ground.ids.slice(0, count)
  const phone_numbers = ground.phone_numbers.slice(0, count)
  // Of other agents: a publish that finds what it is about to write there already writes nothing.
  const held = await sql<{ id: string }>`
    select distinct assignment_id as id from slot_entries where agent_id <> ${agents[0]} limit 2`.execute(db)
  let turn = 0
  let version = 1
  const bare = () =>
    timed(() =>
      sql`update phone_numbers set inbound_assignment_id = ${held.rows[turn++ % 2]?.id ?? null}, updated_at = now()
        where id = any(${ids}::uuid[])`.execute(db),
    )
  const whole = () =>
    timed(() =>
      fetchOnce(target, {
        method: 'POST',
        path: `/core/agents/${agents[0]}/versions/${1 + (version++ % 2)}/publish`,
        body: { phone_numbers },
      }),
    )
  const { reference, ours } = await interleave(rounds, bare, whole)
  return {
    name: `publish onto ${count.toLocaleString('en-US')} ${count === 1 ? 'number' : 'numbers'}, over HTTP and routed by`,
    unit: 'ms',
    reference: { name: 'bare UPDATE … = any', value: reference },
    ours,
    target: { ratio_at_most },
  }
}

const READ_TARGET_US = 120

const readsOn = (ground: Ground): readonly Read[] => [
  {
    name: 'GET an agent',
    asked: { method: 'GET', path: `/core/agents/${ground.agents[0]}` },
    cpu_us_at_most: READ_TARGET_US,
  },
  {
    name: 'GET a number',
    asked: { method: 'GET', path: `/core/phone-numbers/${ground.phone_numbers[0]}` },
    cpu_us_at_most: READ_TARGET_US,
  },
  { name: 'list 50 numbers', asked: { method: 'GET', path: '/core/phone-numbers?limit=50' }, cpu_us_at_most: null },
]

export const api: Bench = {
  name: 'api',
  run: async show => {
    const cluster = await startForAllTests(true)
    const broken = await breakGround()
    const { address, credential } = broken.test_app
    const db = openDatabase(address, { max_connections: CONNECTIONS })
    try {
      const patchcord: Patchcord = await broken.start({ RATE_LIMIT_RPS: '0', ROLES: 'api,voice' }, TIME_LIMIT_MS)
      const phone_numbers = await seedNumbers(broken.test_app, NUMBERS)
      const rows = await db.selectFrom('phone_numbers').select('id').orderBy('phone_number').execute()
      const agents: string[] = []
      for (let nth = 0; nth < CONNECTIONS; nth++)
        agents.push(await makeAgent(patchcord, { name: `Bench ${nth}`, messages: ['One.', 'Two.'] }))
      const target = { origin: patchcord.http, pid: patchcord.child.pid ?? 0, credential }
      const ground = { db, target, ids: rows.map(row => row.id), phone_numbers, agents }
      for (const size of SIZES.slice(0, 1)) await measurePublish(ground, { ...size, rounds: 4 })
      for (const read of readsOn(ground)) show(await measureRead(target, read))
      show(await measureAssign(ground))
      for (const size of SIZES) show(await measurePublish(ground, size))
    } finally {
      await db.destroy()
      await broken.clear()
      await cluster.stop()
    }
  },
}
