/** Fills a routing table from the database: all of it, or what a change names. What a number points at is there before it. */
import type { Clock, RoutingChange } from '#app/ports.ts'
import { createRoutings, type RowTools, toInboundRouting, toScheduleRoute, toTrunkRoute } from '#app/table-rows.ts'
import {
  type AssignmentEntry,
  addAssignment,
  pinVersion,
  type RoutingTable,
  setAgent,
  setInboundRouting,
  setNumber,
  setSchedule,
  setTrunk,
  toAssignment,
} from '#core/routing-table.ts'
import type { Db } from '#store/database.ts'
import {
  ID_LENGTH,
  type NumberRoutesRow,
  pageNumberRoutes,
  readAgentRoutes,
  readAssignments,
  readInboundRouting,
  readNumberRoutes,
  readScheduleRoutes,
  readSipAgentIds,
  readTrunkRoutes,
} from '#store/routing.ts'

export type LoadTools = RowTools & { readonly db: Db; readonly clock: Clock }

export type RouteLoader = {
  /** Fills `table`, which is empty. `answering`: the thread answers calls meanwhile, by another table. */
  all(table: RoutingTable, answering: boolean): Promise<void>
  change(table: RoutingTable, change: RoutingChange): Promise<void>
  /** Whether the organization has such an agent; from then on it is known, with this version if that is published. */
  agent(table: RoutingTable, organization_id: string, agent_id: string, version: number | null): Promise<boolean>
}

/** Rows a query: small enough that the thread that answers calls is never held for long. */
const CHUNK = 2_000
/** Numbers a page. A table that no call is routed by yet may hold the thread: fewer and larger pages are read in half the time. */
const PAGE = 100_000
const PAGE_WHILE_ANSWERING = 10_000

const chunksOf = <T>(items: readonly T[]): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(items.length / CHUNK) }, (_, index) => items.slice(index * CHUNK, (index + 1) * CHUNK))

const pinsOf = (table: RoutingTable, agent_ids: readonly string[]) =>
  agent_ids.flatMap(agent_id => [...(table.pinned.get(agent_id) ?? [])].map(version => ({ agent_id, version })))

/** Agents to be read: all that have a new pin, and those that are merely named if they are not there. */
type Wanted = { readonly table: RoutingTable; readonly ids: Set<string> }

const wantEntries = ({ table, ids }: Wanted, entries: readonly AssignmentEntry[]): void => {
  for (const { agent_id, version } of entries) {
    if (version !== null) pinVersion(table, agent_id, version)
    ids.add(agent_id)
  }
}
const wantAgent = ({ table, ids }: Wanted, agent_id: string | null): void => {
  if (agent_id !== null && !table.agents.has(agent_id)) ids.add(agent_id)
}

const loadTrunks = async (tools: LoadTools, table: RoutingTable, ids: readonly string[] | null): Promise<void> => {
  const rows = await readTrunkRoutes(tools.db, ids)
  const found = new Map(rows.map(row => [row.id, toTrunkRoute(row, tools)]))
  for (const id of ids ?? found.keys()) setTrunk(table, id, found.get(id) ?? null)
}

const loadAgents = async ({ db }: LoadTools, table: RoutingTable, ids: readonly string[]): Promise<void> => {
  for (const chunk of chunksOf(ids)) {
    const found = new Map((await readAgentRoutes(db, chunk, pinsOf(table, chunk))).map(agent => [agent.id, agent]))
    for (const id of chunk) setAgent(table, id, found.get(id) ?? null)
  }
}

const loadSchedules = async (tools: LoadTools, table: RoutingTable, ids: readonly string[] | null): Promise<void> => {
  const rows = await readScheduleRoutes(tools.db, ids)
  const now_ms = tools.clock.now_ms()
  const found = new Map(rows.map(row => [row.id, toScheduleRoute(row, now_ms, tools.log)]))
  const wanted = { table, ids: new Set<string>() }
  for (const schedule of found.values())
    if (schedule?.after_hours.kind === 'agents') wantEntries(wanted, schedule.after_hours.assignment.entries)
  await loadAgents(tools, table, [...wanted.ids])
  for (const id of ids ?? found.keys()) setSchedule(table, id, found.get(id) ?? null)
}

const loadInboundRouting = async (
  tools: LoadTools,
  table: RoutingTable,
  ids: readonly string[] | null,
): Promise<void> => {
  const rows = await readInboundRouting(tools.db, ids)
  const wanted = { table, ids: new Set<string>() }
  for (const row of rows) wantAgent(wanted, row.fallback_agent_id)
  await loadAgents(tools, table, [...wanted.ids])
  const found = new Map(rows.map(row => [row.organization_id, toInboundRouting(row, tools)]))
  for (const id of ids ?? found.keys()) setInboundRouting(table, id, found.get(id) ?? null)
}

/** Assignments never change, so only those not seen before are read; the agents they name are read with them. */
const loadWhatNumbersName = async (
  tools: LoadTools,
  table: RoutingTable,
  rows: readonly NumberRoutesRow[],
): Promise<void> => {
  const unseen = new Set<string>()
  const wanted = { table, ids: new Set<string>() }
  for (const { inbound_assignment_id: inbound, outbound_assignment_id: outbound, default_agent_id } of rows) {
    if (inbound !== null && !table.assignments.has(inbound)) unseen.add(inbound)
    if (outbound !== null && !table.assignments.has(outbound)) unseen.add(outbound)
    wantAgent(wanted, default_agent_id)
  }
  for (const chunk of chunksOf([...unseen])) {
    for (const { id, organization_id, entries } of await readAssignments(tools.db, chunk)) {
      addAssignment(table, toAssignment(organization_id, id, entries))
      wantEntries(wanted, entries)
    }
  }
  await loadAgents(tools, table, [...wanted.ids])
}

type Routings = ReturnType<typeof createRoutings>

const setNumbers = (table: RoutingTable, rows: readonly NumberRoutesRow[], routingOf: Routings): void => {
  for (const row of rows) {
    const { organization_id, trunk_id, inbound_assignment_id, outbound_assignment_id, numbers } = row
    const inbound = inbound_assignment_id === null ? null : (table.assignments.get(inbound_assignment_id) ?? null)
    const outbound = outbound_assignment_id === null ? null : (table.assignments.get(outbound_assignment_id) ?? null)
    const routing = routingOf(row, numbers.slice(0, ID_LENGTH))
    for (const text of numbers.split(' ')) {
      const id = text.slice(0, ID_LENGTH)
      const phone_number = text.slice(ID_LENGTH)
      setNumber(table, id, { id, organization_id, phone_number, trunk_id, inbound, outbound, routing })
    }
  }
}

/** How many, and the last in the order that pages come in. */
const endOf = (rows: readonly NumberRoutesRow[]): { readonly count: number; readonly last: string } => {
  let count = 0
  let last = ''
  for (const { numbers } of rows) {
    for (const text of numbers.split(' ')) {
      if (text > last) last = text
      count += 1
    }
  }
  return { count, last: last.slice(0, ID_LENGTH) }
}

/** PostgreSQL makes a page while the one before is taken in. */
const eachPage = async (
  db: Db,
  size: number,
  take: (rows: readonly NumberRoutesRow[]) => Promise<void>,
): Promise<void> => {
  for (let next = pageNumberRoutes(db, null, size); ; ) {
    const rows = await next
    const { count, last } = endOf(rows)
    if (count < size) return take(rows)
    next = pageNumberRoutes(db, last, size)
    // Awaited once the page is taken in; until then nobody listens.
    next.catch(() => {})
    await take(rows)
  }
}

const idsOf = (rows: readonly NumberRoutesRow[]): readonly string[] =>
  rows.flatMap(({ numbers }) => numbers.split(' ').map(text => text.slice(0, ID_LENGTH)))

export const createRouteLoader = (tools: LoadTools): RouteLoader => {
  const { db } = tools
  const routingOf = createRoutings(tools)
  const loadNumbers = async (table: RoutingTable, rows: readonly NumberRoutesRow[]): Promise<void> => {
    await loadWhatNumbersName(tools, table, rows)
    setNumbers(table, rows, routingOf)
  }
  return {
    all: async (table, answering) => {
      await loadTrunks(tools, table, null)
      await loadSchedules(tools, table, null)
      await loadInboundRouting(tools, table, null)
      await eachPage(db, answering ? PAGE_WHILE_ANSWERING : PAGE, rows => loadNumbers(table, rows))
      const unseen = (await readSipAgentIds(db)).filter(id => !table.agents.has(id))
      await loadAgents(tools, table, unseen)
    },
    change: async (table, change) => {
      if (change.trunk_ids.length > 0) await loadTrunks(tools, table, change.trunk_ids)
      await loadAgents(tools, table, change.agent_ids)
      if (change.schedule_ids.length > 0) await loadSchedules(tools, table, change.schedule_ids)
      if (change.organization_ids.length > 0) await loadInboundRouting(tools, table, change.organization_ids)
      for (const chunk of chunksOf(change.number_ids)) {
        const rows = await readNumberRoutes(db, chunk)
        await loadNumbers(table, rows)
        const found = new Set(idsOf(rows))
        for (const id of chunk) if (!found.has(id)) setNumber(table, id, null)
      }
    },
    agent: async (table, organization_id, agent_id, version) => {
      const pins = version === null ? [] : [{ agent_id, version }]
      const [agent] = await readAgentRoutes(db, [agent_id], [...pins, ...pinsOf(table, [agent_id])])
      if (agent?.organization_id !== organization_id) return false
      if (version !== null && agent.versions.has(version)) pinVersion(table, agent_id, version)
      setAgent(table, agent_id, agent)
      return true
    },
  }
}
