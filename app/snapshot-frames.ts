/**
 * A routing table as texts, and back: JSON, in frames of some hundred kilobytes, the last of which says that it is the last.
 * Numbers name by index what they share with others. Calendars are kept as rules and compiled anew.
 */
import { compileFor } from '#app/compile-schedule.ts'
import type { Log } from '#app/ports.ts'
import {
  type AgentRoute,
  type Assignment,
  addAssignment,
  emptyRoutingTable,
  type InboundRouting,
  type NumberRoute,
  type NumberRouting,
  PLAIN_ROUTING,
  pinVersion,
  type RoutingTable,
  type ScheduleRoute,
  setAgent,
  setInboundRouting,
  setNumber,
  setSchedule,
  setTrunk,
  type TrunkRoute,
  type VersionRoute,
  type WebhookRoute,
} from '#core/routing-table.ts'
import type { Horizon } from '#store/changes.ts'
import { ID_LENGTH } from '#store/routing.ts'

/** To be raised when a frame's shape changes: what was written by another program is not read. */
const FORMAT = 1
/** A frame's share: few enough that taking them in or writing them down takes some milliseconds. */
const NUMBERS_A_FRAME = 1_000
const OTHERS_A_FRAME = 250

type StoredWebhook = { readonly url: string; readonly timeout_ms: number; readonly secret: string | null }
type Stored<T extends { readonly webhook: WebhookRoute | null }> = Omit<T, 'webhook'> & {
  readonly webhook: StoredWebhook | null
}
type StoredAgent = Omit<AgentRoute, 'versions' | 'latest_published'> & {
  readonly versions: readonly VersionRoute[]
  /** Its number. */
  readonly latest: number | null
}
/** Organization, trunk, inbound and outbound assignment, and the routing's index; -1: plain. */
type Shared = readonly [string, string, string | null, string | null, number]

type Frame =
  | { readonly kind: 'head'; readonly format: number; readonly horizon: Horizon }
  | { readonly kind: 'trunks'; readonly rows: readonly TrunkRoute[] }
  | { readonly kind: 'schedules'; readonly rows: readonly Omit<ScheduleRoute, 'compiled'>[] }
  | { readonly kind: 'inbound_routing'; readonly rows: readonly Stored<InboundRouting>[] }
  | { readonly kind: 'agents'; readonly rows: readonly StoredAgent[] }
  | { readonly kind: 'assignments'; readonly rows: readonly Assignment[] }
  | {
      readonly kind: 'numbers'
      /** Those not seen in a frame before. */
      readonly routings: readonly Stored<NumberRouting>[]
      readonly shared: readonly Shared[]
      /** Of each number the index of what it shares. */
      readonly of: readonly number[]
      /** Of each its id and the number itself, one space between two. */
      readonly numbers: string
    }
  | { readonly kind: 'end'; readonly numbers: number }

const toStored = <T extends { readonly webhook: WebhookRoute | null }>(row: T): Stored<T> => {
  const { webhook } = row
  if (webhook === null) return { ...row, webhook }
  const secret = webhook.secret === null ? null : Buffer.from(webhook.secret).toString('base64')
  return { ...row, webhook: { ...webhook, secret } }
}

const fromStored = (stored: StoredWebhook | null): WebhookRoute | null =>
  stored && { ...stored, secret: stored.secret === null ? null : Buffer.from(stored.secret, 'base64') }

const toStoredAgent = ({ versions, latest_published, ...agent }: AgentRoute): StoredAgent => ({
  ...agent,
  versions: [...versions.values()],
  latest: latest_published?.version ?? null,
})

const fromStoredAgent = ({ versions: list, latest, ...agent }: StoredAgent): AgentRoute => {
  const versions = new Map(list.map(version => [version.version, version]))
  return { ...agent, versions, latest_published: latest === null ? null : (versions.get(latest) ?? null) }
}

/** Gives each thing an index when it is first seen, and remembers the new ones until they are asked for. */
const indexer = <K, T>() => {
  const known = new Map<K, number>()
  let fresh: T[] = []
  return {
    indexOf: (key: K, thing: T): number => {
      const index = known.get(key)
      if (index !== undefined) return index
      known.set(key, known.size)
      fresh.push(thing)
      return known.size - 1
    },
    takeNew: (): readonly T[] => {
      const taken = fresh
      fresh = []
      return taken
    },
  }
}

function* numberFrames(numbers: readonly NumberRoute[]): Generator<Frame> {
  const routings = indexer<NumberRouting, NumberRouting>()
  const shared = indexer<string, Shared>()
  for (let start = 0; start < numbers.length; start += NUMBERS_A_FRAME) {
    const chunk = numbers.slice(start, start + NUMBERS_A_FRAME)
    const of = chunk.map(({ organization_id, trunk_id, inbound, outbound, routing }) => {
      const index = routing === PLAIN_ROUTING ? -1 : routings.indexOf(routing, routing)
      const [a, b] = [inbound?.id ?? null, outbound?.id ?? null]
      return shared.indexOf(`${a} ${b} ${trunk_id} ${organization_id} ${index}`, [
        organization_id,
        trunk_id,
        a,
        b,
        index,
      ])
    })
    yield {
      kind: 'numbers',
      routings: routings.takeNew().map(toStored),
      shared: shared.takeNew(),
      of,
      numbers: chunk.map(number => number.id + number.phone_number).join(' '),
    }
  }
}

function* chunksOf<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += OTHERS_A_FRAME) yield items.slice(start, start + OTHERS_A_FRAME)
}

/** What the maps hold is never changed, only replaced: copied at once, it is the table of one moment. */
const copyOf = ({ trunks, schedules, inbound_routing, agents, assignments, numbers_by_id }: RoutingTable) => ({
  trunks: [...trunks.values()],
  schedules: [...schedules.values()],
  inbound_routing: [...inbound_routing.values()],
  agents: [...agents.values()],
  assignments: [...assignments.values()],
  numbers: [...numbers_by_id.values()],
})

function* frames(copy: ReturnType<typeof copyOf>, horizon: Horizon): Generator<Frame> {
  yield { kind: 'head', format: FORMAT, horizon }
  for (const rows of chunksOf(copy.trunks)) yield { kind: 'trunks', rows }
  for (const rows of chunksOf(copy.schedules))
    yield { kind: 'schedules', rows: rows.map(({ compiled: _, ...schedule }) => schedule) }
  for (const rows of chunksOf(copy.inbound_routing)) yield { kind: 'inbound_routing', rows: rows.map(toStored) }
  for (const rows of chunksOf(copy.agents)) yield { kind: 'agents', rows: rows.map(toStoredAgent) }
  for (const rows of chunksOf(copy.assignments)) yield { kind: 'assignments', rows }
  yield* numberFrames(copy.numbers)
  yield { kind: 'end', numbers: copy.numbers.length }
}

function* textsOf(all: Iterable<Frame>): Generator<string> {
  for (const frame of all) yield JSON.stringify(frame)
}

/** The texts of a table as it is now, whatever becomes of it while they are asked for. */
export const tableToTexts = (table: RoutingTable, horizon: Horizon): Iterable<string> =>
  textsOf(frames(copyOf(table), horizon))

const pinEntries = (table: RoutingTable, { entries }: Assignment): void => {
  for (const { agent_id, version } of entries) if (version !== null) pinVersion(table, agent_id, version)
}

/** What is neither the latest nor its SIP endpoint's is known because somebody named it. */
const pinNamed = (table: RoutingTable, { id, versions, latest_published, sip_endpoint }: AgentRoute): void => {
  for (const version of versions.keys())
    if (version !== latest_published?.version && version !== sip_endpoint?.version) pinVersion(table, id, version)
}

type Known = { readonly routings: NumberRouting[]; readonly shared: Omit<NumberRoute, 'id' | 'phone_number'>[] }

const takeNumbers = (table: RoutingTable, frame: Frame & { kind: 'numbers' }, { routings, shared }: Known): void => {
  for (const row of frame.routings) routings.push({ ...row, webhook: fromStored(row.webhook) })
  for (const [organization_id, trunk_id, inbound_id, outbound_id, index] of frame.shared) {
    const inbound = inbound_id === null ? null : (table.assignments.get(inbound_id) ?? null)
    const outbound = outbound_id === null ? null : (table.assignments.get(outbound_id) ?? null)
    shared.push({ organization_id, trunk_id, inbound, outbound, routing: routings[index] ?? PLAIN_ROUTING })
  }
  const texts = frame.numbers.split(' ')
  for (const [position, text] of texts.entries()) {
    const common = shared[frame.of[position] ?? -1]
    if (common === undefined) throw new Error('a number names what it shares and what is not there')
    const { organization_id, trunk_id, inbound, outbound, routing } = common
    const id = text.slice(0, ID_LENGTH)
    const phone_number = text.slice(ID_LENGTH)
    setNumber(table, id, { id, organization_id, phone_number, trunk_id, inbound, outbound, routing })
  }
}

const takeFrame = (table: RoutingTable, frame: Frame, known: Known, now_ms: number, log: Log): void => {
  switch (frame.kind) {
    case 'trunks':
      for (const trunk of frame.rows) setTrunk(table, trunk.id, trunk)
      return
    case 'schedules':
      for (const schedule of frame.rows) {
        if (schedule.after_hours.kind === 'agents') pinEntries(table, schedule.after_hours.assignment)
        try {
          setSchedule(table, schedule.id, { ...schedule, compiled: compileFor(schedule, now_ms) })
        } catch (error) {
          log.error({ schedule: schedule.id, err: String(error) }, 'a schedule cannot be compiled')
        }
      }
      return
    case 'inbound_routing':
      for (const row of frame.rows)
        setInboundRouting(table, row.organization_id, { ...row, webhook: fromStored(row.webhook) })
      return
    case 'agents':
      for (const agent of frame.rows.map(fromStoredAgent)) {
        setAgent(table, agent.id, agent)
        pinNamed(table, agent)
      }
      return
    case 'assignments':
      for (const assignment of frame.rows) addAssignment(table, assignment)
      return
    case 'numbers':
      takeNumbers(table, frame, known)
  }
}

/** Throws when the texts are those of another program, or do not come to an end. */
export const tableFromTexts = async (
  texts: AsyncIterable<string>,
  now_ms: number,
  log: Log,
): Promise<{ readonly table: RoutingTable; readonly horizon: Horizon }> => {
  const table = emptyRoutingTable()
  const known: Known = { routings: [], shared: [] }
  let horizon: Horizon | null = null
  for await (const text of texts) {
    const frame = JSON.parse(text) as Frame
    if (horizon === null) {
      if (frame.kind !== 'head' || frame.format !== FORMAT) throw new Error('it is of another program')
      horizon = frame.horizon
    } else if (frame.kind === 'end') {
      if (frame.numbers !== table.numbers_by_id.size) throw new Error('some of its numbers are missing')
      return { table, horizon }
    } else takeFrame(table, frame, known, now_ms, log)
  }
  throw new Error('it is cut short')
}
