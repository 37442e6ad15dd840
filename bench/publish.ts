/** Publish onto N numbers, whole use case, against the one statement it cannot do without, on the same tables of a real server. */

import { sql } from 'kysely'
import { createAgent } from '#app/agents.ts'
import { type App, boundTo, type Caller } from '#app/context.ts'
import { followRouting } from '#app/follow-routing.ts'
import { createOrganization } from '#app/organizations.ts'
import { publish as publishVersion } from '#app/publish.ts'
import { createVersion } from '#app/versions.ts'
import { interleave, timed } from '#bench/measure.ts'
import type { Bench, Row } from '#bench/table.ts'
import { alone } from '#core/assignment.ts'
import { emptyRoutingTable } from '#core/routing-table.ts'
import { ensureAssignment } from '#store/assignments.ts'
import { type Db, openDatabase } from '#store/database.ts'
import { migrate } from '#store/migrate.ts'
import { createSecretBox } from '#store/secret-box.ts'
import { openTenants, type Tenants } from '#store/tenants.ts'
import { NOBODY_OUTSIDE } from '#tests/harness/app.ts'
import { startThrowawayCluster } from '#tests/harness/cluster.ts'
import { fillDefaults } from '#wire/parse-agent-config.ts'
import { createEngine } from '#workflows/engine.ts'
import { createEnqueue } from '#workflows/queue.ts'
import { workflowRegistry } from '#workflows/registry.ts'

const NUMBERS = 100_000
type Size = { readonly count: number; readonly ratio_at_most: number; readonly rounds: number }
const SIZES: readonly Size[] = [
  { count: 1, ratio_at_most: 3, rounds: 60 },
  { count: 100, ratio_at_most: 3, rounds: 40 },
  { count: 10_000, ratio_at_most: 2, rounds: 9 },
  { count: NUMBERS, ratio_at_most: 1.6, rounds: 4 },
]
/** What is shown with a routing table behind it. */
const ROUTED: Size = { count: 10_000, ratio_at_most: Number.POSITIVE_INFINITY, rounds: 5 }

const quiet = { info: () => {}, warn: () => {}, error: () => {} }

type Ready = {
  readonly app: App
  readonly caller: Caller
  readonly agent_id: string
  readonly ids: readonly string[]
  readonly phone_numbers: readonly string[]
  /** What the bare statement writes, in turns, so that every round changes every row. */
  readonly assignment_ids: readonly [string, string]
}

const appOn = (db: Db, tenants: Tenants, routing: App['routing']): App => ({
  db,
  system: db,
  tenants,
  clock: { now_ms: () => Date.now() },
  log: quiet,
  routing,
  ...NOBODY_OUTSIDE,
  sip_public_host: '127.0.0.1:5060',
  sip_transports: ['udp', 'tcp'],
  default_config: fillDefaults({}),
  workflows: createEngine(workflowRegistry, createEnqueue(db)),
  secrets: createSecretBox(Buffer.alloc(32)),
  callers: new Map(),
})

/** An agent with two published versions, and numbers in nobody's slots. */
const fill = async (db: Db, app: App): Promise<Ready> => {
  const { caller } = await createOrganization(app, { name: 'Bench', slug: 'bench', allowed_addresses: ['127.0.0.0/8'] })
  const { organization_id } = caller
  const agent = await createAgent(app, caller, {
    name: 'Bench',
    description: null,
    active: true,
    is_demo: false,
    metadata: {},
  })
  for (const version of [1, 2]) {
    await createVersion(app, caller, agent.id, { config: fillDefaults({}), brings_instructions: false })
    await publishVersion(app, caller, agent.id, version, {
      phone_numbers: [],
      unassign_phone_numbers: [],
      direction: 'inbound',
    })
  }
  await sql`insert into phone_numbers (id, organization_id, phone_number, trunk_id)
    select gen_random_uuid(), ${organization_id}, '+1' || (2000000000 + i), t.id
    from trunks t, generate_series(1, ${NUMBERS}) as i where t.organization_id = ${organization_id}`.execute(db)
  const rows = await db.selectFrom('phone_numbers').select(['id', 'phone_number']).orderBy('phone_number').execute()
  const assignment_ids = await db
    .transaction()
    .execute(
      async tx =>
        [
          await ensureAssignment(tx, organization_id, alone(agent.id, 1)),
          await ensureAssignment(tx, organization_id, alone(agent.id, 2)),
        ] as const,
    )
  await sql`vacuum analyze phone_numbers`.execute(db)
  return {
    app,
    caller,
    agent_id: agent.id,
    ids: rows.map(row => row.id),
    phone_numbers: rows.map(row => row.phone_number),
    assignment_ids,
  }
}

const measure = async (db: Db, ready: Ready, size: Size): Promise<Row> => {
  const { app, caller, agent_id, assignment_ids } = ready
  const ids = ready.ids.slice(0, size.count)
  const phone_numbers = ready.phone_numbers.slice(0, size.count)
  let turn = 0
  const bare = (): Promise<number> => {
    const assignment_id = assignment_ids[turn++ % 2]
    return timed(() =>
      sql`update phone_numbers set inbound_assignment_id = ${assignment_id} where id = any(${ids}::uuid[])`.execute(db),
    )
  }
  const whole = (): Promise<number> => {
    const version = 1 + (turn++ % 2)
    const request = { phone_numbers, unassign_phone_numbers: [], direction: 'inbound' } as const
    return timed(() => publishVersion(app, caller, agent_id, version, request))
  }
  const { reference, ours } = await interleave(size.rounds, bare, whole)
  // What one size leaves behind must not be swept up while the next one is measured.
  await sql`vacuum phone_numbers`.execute(db)
  return {
    name: `publish onto ${size.count.toLocaleString('en-US')} ${size.count === 1 ? 'number' : 'numbers'}`,
    unit: 'ms',
    reference: { name: 'bare UPDATE … = any', value: reference },
    ours,
    target: { ratio_at_most: size.ratio_at_most },
  }
}

/** The same publish with a routing table behind it, as in a process that answers calls: its promise means "routed by". */
const measureRouted = async (db: Db, tenants: Tenants, ready: Ready): Promise<Row> => {
  const routing = followRouting({
    db,
    table: emptyRoutingTable(),
    log: quiet,
    secrets: ready.app.secrets,
    clock: ready.app.clock,
    webhook_timeout_ms: 2000,
  })
  await routing.load()
  const row = await measure(
    db,
    { ...ready, app: boundTo(appOn(db, tenants, routing), ready.caller.organization_id) },
    ROUTED,
  )
  return { ...row, name: `${row.name}, and routed by`, target: null }
}

export const publish: Bench = {
  name: 'publish',
  run: async show => {
    const server = await startThrowawayCluster(true)
    const db = openDatabase(server.address, { max_connections: 4 })
    const tenants = openTenants(server.address, { max_connections: 4 })
    try {
      await migrate(server.address)
      const app = appOn(db, tenants, { changed: () => Promise.resolve() })
      const ready = await fill(db, app)
      // As a request does it: under row-level security.
      const bound = { ...ready, app: boundTo(app, ready.caller.organization_id) }
      for (const size of SIZES) show(await measure(db, bound, size))
      show(await measureRouted(db, tenants, ready))
    } finally {
      await tenants.close()
      await db.destroy()
      await server.stop()
    }
  },
}
