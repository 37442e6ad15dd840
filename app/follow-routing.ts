/**
 * Keeps a routing table true: all of it at the start, then what changes name. Changes of this process are told by
 * `changed`; those of others are read from the trail that every change leaves in the database.
 */
import type { Log, RoutingChange, RoutingFollower } from '#app/ports.ts'
import { openInbound } from '#app/trunk-secrets.ts'
import { parseRange } from '#core/ip.ts'
import {
  addAssignment,
  emptyRoutingTable,
  type NumberRoute,
  type RoutingTable,
  replaceTable,
  setAgent,
  setNumber,
  setTrunk,
  type TrunkRoute,
} from '#core/routing-table.ts'
import { type Horizon, readChangesSince, readHorizon, trailIsBroken } from '#store/changes.ts'
import type { Db } from '#store/database.ts'
import {
  type NumberRouteRow,
  pageNumberRoutes,
  readAgentRoutes,
  readAssignments,
  readNumberRoutes,
  readSipAgentIds,
  readTrunkRoutes,
  type TrunkRouteRow,
} from '#store/routing.ts'
import type { SecretBox } from '#store/secret-box.ts'

/** Rows a query: small enough that the thread that answers calls is never held for long. */
const CHUNK = 2_000

const chunksOf = <T>(items: readonly T[]): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(items.length / CHUNK) }, (_, index) => items.slice(index * CHUNK, (index + 1) * CHUNK))

type Deps = {
  readonly db: Db
  readonly table: RoutingTable
  readonly log: Log
  /** Opens what callers through a trunk must prove. */
  readonly secrets: SecretBox
}

/** null: the trunk's credentials cannot be opened, so it accepts nobody. */
const toTrunkRoute = (row: TrunkRouteRow, { secrets, log }: Deps): TrunkRoute | null => {
  const { id, organization_id, inbound_config, inbound_secret } = row
  try {
    return {
      id,
      organization_id,
      accepts: inbound_config.allowed_addresses.flatMap(text => parseRange(text) ?? []),
      transports: inbound_config.transports,
      credentials: inbound_secret === null ? null : openInbound(secrets, id, inbound_secret),
    }
  } catch (error) {
    log.error({ trunk: id, err: String(error) }, 'the credentials of a trunk cannot be opened: it accepts no calls')
    return null
  }
}

const loadTrunks = async (deps: Deps, ids: readonly string[] | null): Promise<void> => {
  const rows = await readTrunkRoutes(deps.db, ids)
  const found = new Map(rows.map(row => [row.id, toTrunkRoute(row, deps)]))
  for (const id of ids ?? found.keys()) setTrunk(deps.table, id, found.get(id) ?? null)
}

const pinsOf = (table: RoutingTable, agent_ids: readonly string[]) =>
  agent_ids.flatMap(agent_id => [...(table.pinned.get(agent_id) ?? [])].map(version => ({ agent_id, version })))

const loadAgents = async (db: Db, table: RoutingTable, ids: readonly string[]): Promise<void> => {
  for (const chunk of chunksOf(ids)) {
    const pins = pinsOf(table, chunk)
    const found = new Map((await readAgentRoutes(db, chunk, pins)).map(agent => [agent.id, agent]))
    for (const id of chunk) setAgent(table, id, found.get(id) ?? null)
  }
}

/** Assignments never change, so only those not seen before are read; the agents they name are read with them. */
const loadNumbers = async (db: Db, table: RoutingTable, rows: readonly NumberRouteRow[]): Promise<void> => {
  const unseen = new Set<string>()
  for (const { inbound_assignment_id: id } of rows) if (id !== null && !table.assignments.has(id)) unseen.add(id)
  const agent_ids = new Set<string>()
  for (const chunk of chunksOf([...unseen])) {
    for (const assignment of await readAssignments(db, chunk)) {
      addAssignment(table, assignment)
      for (const entry of assignment.entries) agent_ids.add(entry.agent_id)
    }
  }
  // Before the numbers point at them: no call may find a number whose agent is not there yet.
  await loadAgents(db, table, [...agent_ids])
  for (const { inbound_assignment_id, ...row } of rows) {
    const inbound = inbound_assignment_id === null ? null : (table.assignments.get(inbound_assignment_id) ?? null)
    const number: NumberRoute = { ...row, inbound }
    setNumber(table, row.id, number)
  }
}

const loadAll = async (deps: Deps): Promise<void> => {
  const { db, table } = deps
  await loadTrunks(deps, null)
  for (let after: string | null = null; ; ) {
    const rows: readonly NumberRouteRow[] = await pageNumberRoutes(db, after, CHUNK)
    await loadNumbers(db, table, rows)
    if (rows.length < CHUNK) break
    after = rows.at(-1)?.id ?? null
  }
  const unseen = (await readSipAgentIds(db)).filter(id => !table.agents.has(id))
  await loadAgents(db, table, unseen)
}

const loadChange = async (deps: Deps, change: RoutingChange): Promise<void> => {
  const { db, table } = deps
  if (change.trunk_ids.length > 0) await loadTrunks(deps, change.trunk_ids)
  await loadAgents(db, table, change.agent_ids)
  for (const chunk of chunksOf(change.number_ids)) {
    const rows = await readNumberRoutes(db, chunk)
    await loadNumbers(db, table, rows)
    const found = new Set(rows.map(row => row.id))
    for (const id of chunk) if (!found.has(id)) setNumber(table, id, null)
  }
}

type Gathered = { readonly number_ids: string[]; readonly agent_ids: string[]; readonly trunk_ids: string[] }

const addTo = (gathered: Gathered, change: RoutingChange): void => {
  for (const list of ['number_ids', 'agent_ids', 'trunk_ids'] as const) {
    const known = new Set(gathered[list])
    for (const id of change[list]) if (!known.has(id)) gathered[list].push(id)
  }
}

export type TableFollower = RoutingFollower & {
  /** Fills the table. Rejects when the database does not answer. */
  load(): Promise<void>
  /** Applies what other processes have changed since. Rejects when the database does not answer; nothing is lost by that. */
  poll(): Promise<void>
}

export const followRouting = (deps: Deps): TableFollower => {
  const { db } = deps
  let horizon: Horizon | null = null
  // Applied, but of transactions no older than the horizon: read again until that moves on.
  let applied: ReadonlySet<number> = new Set()
  let line: Promise<void> = Promise.resolve()
  // One reload at a time: two could overtake each other and leave the older state.
  const inLine = (work: () => Promise<void>): Promise<void> => {
    const turn = line.then(work)
    line = turn.catch(() => {})
    return turn
  }
  const loadAnew = async (): Promise<void> => {
    const begun = await readHorizon(db)
    // Beside the table that calls are routed by: they must not find it half empty.
    const fresh = emptyRoutingTable()
    await loadAll({ ...deps, table: fresh })
    replaceTable(deps.table, fresh)
    applied = new Set()
    horizon = begun
  }
  const readTrail = async (): Promise<void> => {
    if (horizon === null) return
    const news = await readChangesSince(db, horizon)
    if (trailIsBroken(horizon, news.horizon)) return loadAnew()
    for (const change of news.changes) if (!applied.has(change.id)) await loadChange(deps, change)
    applied = new Set(news.changes.map(change => change.id))
    horizon = news.horizon
  }
  let gathering: { readonly change: Gathered; readonly applied: Promise<void> } | null = null
  /** What comes while a reload runs is reloaded together after it, each read after its commit: a queue of many is two reloads long. */
  const gather = () => {
    const change: Gathered = { number_ids: [], agent_ids: [], trunk_ids: [] }
    const turn = inLine(() => {
      gathering = null
      return loadChange(deps, change)
    })
    return {
      change,
      applied: turn.catch(error => {
        // The change is committed and in the trail: the next poll brings it.
        deps.log.warn({ err: String(error) }, 'a change will be routed by at the next poll')
      }),
    }
  }
  let polling: Promise<void> | null = null
  return {
    load: () => inLine(loadAnew),
    poll: () => {
      // A database that hangs must not gather a queue of questions.
      polling ??= inLine(readTrail).finally(() => {
        polling = null
      })
      return polling
    },
    changed: change => {
      gathering ??= gather()
      addTo(gathering.change, change)
      return gathering.applied
    },
  }
}
