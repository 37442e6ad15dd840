/** One number with everything that a decision about it reads, from the database; what is proposed for it in its place. */
import { compileBetween } from '#app/compile-schedule.ts'
import { type App, type Caller, transact } from '#app/context.ts'
import { createRouteLoader, type RouteLoader } from '#app/load-routes.ts'
import { Refused, refuse } from '#app/refused.ts'
import type { ScheduleInput } from '#app/schedules.ts'
import { resolveEntries } from '#app/slots.ts'
import { createRoutings, type RowTools } from '#app/table-rows.ts'
import { requireWebhookUrl } from '#app/webhook-url.ts'
import { isTimeZone } from '#app/zone-offsets.ts'
import { type NumberSettings, patchSettings, type SettingsPatch, settingsOf } from '#core/number-routing.ts'
import {
  type AfterHours,
  type Assignment,
  emptyRoutingTable,
  type NumberRoute,
  type NumberRouting,
  type RoutingTable,
  setSchedule,
  toAssignment,
} from '#core/routing-table.ts'
import type { NumberTable } from '#core/simulate.ts'
import type { WantedEntry } from '#core/slot.ts'
import type { Db, Tx } from '#store/database.ts'
import { findRoutedNumber, type RoutedNumber } from '#store/number-routing.ts'
import { readNumberRoutes } from '#store/routing.ts'
import { findSchedule } from '#store/schedules.ts'

/** What might be saved; what is absent stays as it is. */
export type Proposal = {
  readonly inbound?: readonly WantedEntry[]
  readonly outbound?: readonly WantedEntry[]
  readonly routing?: SettingsPatch
  /** In place of the number's, with time routing on unless `routing` turns it off. */
  readonly schedule?: ScheduleInput
}

/** Milliseconds since the epoch; schedules are compiled for all of it. */
export type Span = { readonly from_ms: number; readonly until_ms: number }

/** `today` is how the number is routed; `side` as is proposed, and the very same where nothing is. */
export type NumberTables = { readonly today: NumberTable; readonly side: NumberTable }

/** Stands for what has no id yet. */
const PROPOSED = 'proposed'

const toolsOf = ({ log, secrets, webhook_timeout_ms }: App): RowTools => ({ log, secrets, webhook_timeout_ms })

const loaderOf = (app: App, db: Db, at_ms: number): RouteLoader =>
  createRouteLoader({ ...toolsOf(app), db, clock: { now_ms: () => at_ms } })

/** Makes sure that the table has an agent of this organization, with this version if that is published. */
export type FindAgent = (agent_id: string, version: number | null) => Promise<boolean>

const agentFinder =
  (loader: RouteLoader, table: RoutingTable, organization_id: string): FindAgent =>
  (agent_id, version) =>
    loader.agent(table, organization_id, agent_id, version)

/** For whom a webhook names: the table may not have them yet. */
export const findAgentFor = (app: App, { table, number }: NumberTable, at_ms: number): FindAgent =>
  agentFinder(loaderOf(app, app.db, at_ms), table, number.organization_id)

const requireAgents = async (find: FindAgent, named: readonly Pick<WantedEntry, 'agent_id' | 'version'>[]) => {
  const missing: string[] = []
  for (const { agent_id, version } of named) if (!(await find(agent_id, version))) missing.push(agent_id)
  if (missing.length > 0) refuse('agent_not_found', [...new Set(missing)])
}

type Making = {
  readonly app: App
  readonly tx: Tx
  readonly row: RoutedNumber
  readonly table: RoutingTable
  readonly span: Span
  readonly find: FindAgent
}

/** Refuses what a save would refuse. */
const assignmentOf = async (making: Making, wanted: readonly WantedEntry[]): Promise<Assignment | null> => {
  await requireAgents(making.find, wanted)
  const entries = await resolveEntries(making.tx, wanted)
  return entries.length === 0 ? null : toAssignment(making.row.organization_id, PROPOSED, entries)
}

const afterHoursOf = async (making: Making, wanted: ScheduleInput['after_hours']): Promise<AfterHours> => {
  if (wanted === null) return { kind: 'none' }
  if ('forward' in wanted) return { kind: 'forward', target: wanted.forward }
  if ('message' in wanted) return { kind: 'message', text: wanted.message }
  const assignment = await assignmentOf(making, wanted.agents)
  return assignment === null ? { kind: 'none' } : { kind: 'agents', assignment }
}

const addProposedSchedule = async (making: Making, input: ScheduleInput): Promise<void> => {
  const { row, table, span } = making
  const { name, timezone, weekly, dates } = input
  if (!isTimeZone(timezone)) refuse('time_zone_unknown', [timezone])
  const rules = { weekly, dates }
  setSchedule(table, PROPOSED, {
    ...{ id: PROPOSED, organization_id: row.organization_id, name, timezone, rules },
    compiled: compileBetween({ rules, timezone }, span.from_ms, span.until_ms),
    after_hours: await afterHoursOf(making, input.after_hours),
  })
}

/** The settings as they would be saved, all that they name in the table. */
const proposedSettings = async (making: Making, { routing = {}, schedule }: Proposal): Promise<NumberSettings> => {
  const { app, tx, row, find } = making
  requireWebhookUrl(app, routing.webhook_url)
  const named = schedule ? { time_routing_enabled: true, ...routing, schedule_id: PROPOSED } : routing
  const settings = patchSettings(settingsOf(row), named)
  if ('code' in settings) throw new Refused(settings)
  if (routing.default_agent_id) await requireAgents(find, [{ agent_id: routing.default_agent_id, version: null }])
  if (schedule) await addProposedSchedule(making, schedule)
  else if (routing.schedule_id && !(await findSchedule(tx, row.organization_id, routing.schedule_id)))
    refuse('schedule_not_found', [routing.schedule_id])
  return settings
}

const proposedRouting = async (making: Making, settings: NumberSettings): Promise<NumberRouting> => {
  const { app, tx, row } = making
  const [stored] = await readNumberRoutes(tx, [row.id])
  if (!stored) return refuse('number_not_found', [row.phone_number])
  const { time_routing_enabled, schedule_id, ...rest } = settings
  const wanted = { ...stored, ...rest, schedule_id: time_routing_enabled ? schedule_id : null }
  return createRoutings(toolsOf(app))(wanted, row.id)
}

const propose = async (making: Making, today: NumberRoute, proposal: Proposal): Promise<NumberRoute> => {
  const { inbound, outbound, routing, schedule } = proposal
  const changed = routing !== undefined || schedule !== undefined
  const settings = changed ? await proposedSettings(making, proposal) : null
  return {
    ...today,
    inbound: inbound === undefined ? today.inbound : await assignmentOf(making, inbound),
    outbound: outbound === undefined ? today.outbound : await assignmentOf(making, outbound),
    routing: settings === null ? today.routing : await proposedRouting(making, settings),
  }
}

/** As the loader compiled them they reach from the span's beginning on, and not to the end of a long one. */
const compileAll = (table: RoutingTable, { from_ms, until_ms }: Span): void => {
  for (const schedule of table.schedules.values())
    setSchedule(table, schedule.id, { ...schedule, compiled: compileBetween(schedule, from_ms, until_ms) })
}

/** Refuses a number that is not this organization's, and a proposal that could not be saved. */
export const routeTableOfNumber = async (
  app: App,
  { organization_id }: Caller,
  phone_number: string,
  proposal: Proposal,
  span: Span,
): Promise<NumberTables> =>
  transact(app, async tx => {
    const row = await findRoutedNumber(tx, organization_id, phone_number)
    if (!row) return refuse('number_not_found', [phone_number])
    const table = emptyRoutingTable()
    const loader = loaderOf(app, tx, span.from_ms)
    const schedule_ids = [row.schedule_id, proposal.routing?.schedule_id ?? null].filter(id => id !== null)
    const change = {
      number_ids: [row.id],
      trunk_ids: [row.trunk_id],
      schedule_ids,
      organization_ids: [organization_id],
    }
    await loader.change(table, { ...change, agent_ids: [] })
    compileAll(table, span)
    const number = table.numbers_by_id.get(row.id)
    const trunk = table.trunks.get(row.trunk_id)
    if (!number || !trunk) return refuse('number_not_found', [phone_number])
    const find = agentFinder(loader, table, organization_id)
    const proposed = await propose({ app, tx, row, table, span, find }, number, proposal)
    return { today: { table, number, trunk }, side: { table, number: proposed, trunk } }
  })
