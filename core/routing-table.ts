/**
 * What a process that answers calls holds in memory: everything a decision reads, in the shape it is read.
 * Many numbers share one assignment (docs/adr/0001), so a million numbers stay small.
 */
import type { CallSource, Transport } from '#core/call.ts'
import { type AddressRange, matchesAny, parseAddress } from '#core/ip.ts'
import { type Halves, hashPair } from '#core/rendezvous.ts'
import type { CompiledSchedule, ScheduleRules } from '#core/schedule.ts'

/** What a call needs of a version's config before a word is said; the rest of the config is not kept here. */
export type VersionScript = {
  /** What is spoken first, a template; null: the agent waits for the caller. */
  readonly starting_message: string | null
  /** What variables are when nobody says otherwise. */
  readonly variables: Readonly<Record<string, string>>
  /** flite voice name. */
  readonly voice: string
  readonly silence_timeout_seconds: number
  readonly max_duration_seconds: number
}

export type VersionRoute = {
  readonly id: string
  readonly agent_id: string
  readonly version: number
  readonly script: VersionScript
}

export type AgentRoute = {
  readonly id: string
  readonly organization_id: string
  readonly name: string
  readonly active: boolean
  /** The highest published version; null when nothing is published. */
  readonly latest_published: VersionRoute | null
  /** The published versions that a slot or the SIP endpoint may name, by number. */
  readonly versions: ReadonlyMap<number, VersionRoute>
  /** null: not deployed; `version: null` follows the latest published one. */
  readonly sip_endpoint: { readonly version: number | null } | null
}

export type AssignmentEntry = {
  readonly agent_id: string
  /** null follows the agent's latest published version. */
  readonly version: number | null
  readonly weight_bp: number
  readonly arm: string
}

/** An immutable weighted list; weights sum to 10000. Made by `toAssignment`. */
export type Assignment = {
  readonly id: string
  readonly entries: readonly AssignmentEntry[]
  /** Of each entry's arm, in its organization. */
  readonly arm_hashes: readonly Halves[]
}

/** `organization_id` salts the draw: equal arms of two organizations share no luck. */
export const toAssignment = (organization_id: string, id: string, entries: readonly AssignmentEntry[]): Assignment => ({
  id,
  entries,
  arm_hashes: entries.map(entry => hashPair(organization_id, entry.arm)),
})

export type WebhookRoute = {
  readonly url: string
  readonly timeout_ms: number
  /** The key behind `whsec_…`; null: none was made. */
  readonly secret: Uint8Array | null
}

/** How a number's calls are routed besides its slots. Many numbers share one of these objects. */
export type NumberRouting = {
  /** Whether callers keep their arm, or each call draws anew. */
  readonly stickiness: 'caller' | 'call'
  /** null: time routing is off. */
  readonly schedule_id: string | null
  readonly webhook: WebhookRoute | null
  /** The fallback ladder, step by step; null: this step is not there. */
  readonly default_agent_id: string | null
  /** A SIP URI, or a number in E.164. */
  readonly forward: string | null
  readonly message: string | null
}

export const PLAIN_ROUTING: NumberRouting = {
  stickiness: 'caller',
  schedule_id: null,
  webhook: null,
  default_agent_id: null,
  forward: null,
  message: null,
}

export type NumberRoute = {
  readonly id: string
  readonly organization_id: string
  /** E.164, or an extension: 2–8 digits, which mean something in their organization only. */
  readonly phone_number: string
  readonly trunk_id: string
  readonly inbound: Assignment | null
  readonly outbound: Assignment | null
  readonly routing: NumberRouting
}

/** Who answers while a schedule is closed; `none`: the fallback ladder. */
export type AfterHours =
  | { readonly kind: 'agents'; readonly assignment: Assignment }
  | { readonly kind: 'forward'; readonly target: string }
  | { readonly kind: 'message'; readonly text: string }
  | { readonly kind: 'none' }

export type ScheduleRoute = {
  readonly id: string
  readonly organization_id: string
  readonly name: string
  readonly timezone: string
  readonly rules: ScheduleRules
  readonly compiled: CompiledSchedule
  readonly after_hours: AfterHours
}

/** What an organization does with calls to numbers whose slot is empty. Only enabled ones are kept. */
export type InboundRouting = {
  readonly organization_id: string
  readonly webhook: WebhookRoute | null
  readonly fallback_agent_id: string | null
}

/** What proves a password without being one: H(username:realm:password), hex (RFC 7616 3.4.2), for each algorithm. */
export type TrunkCredentials = { readonly username: string; readonly md5: string; readonly sha256: string }

export type TrunkRoute = {
  readonly id: string
  readonly organization_id: string
  /** Empty: any address with credentials, none without. */
  readonly accepts: readonly AddressRange[]
  readonly transports: readonly Transport[]
  /** null: the address is enough. */
  readonly credentials: TrunkCredentials | null
  /** Whether P-Asserted-Identity says who calls (RFC 3325); absent: it does. */
  readonly trusts_asserted_identity?: boolean
  /** How its calls are forwarded: the trunk is told where to call (302), or Patchcord calls and joins the two. */
  readonly forwarding: 'redirect' | 'bridge'
  /** null: it takes no calls out. */
  readonly outbound: OutboundTrunk | null
}

export type OutboundTrunk = {
  /** `host` or `host:port`. */
  readonly address: string
  readonly transport: 'UDP' | 'TCP' | 'TLS'
  readonly credentials: { readonly username: string; readonly password: string } | null
}

/** The trunks that a source matches as far as it can be seen: some accept it so, others want credentials besides. */
export type SourceTrunks = { readonly open: readonly TrunkRoute[]; readonly asking: readonly TrunkRoute[] }

export type RoutingTable = {
  /** By `numberKey`. */
  readonly numbers: Map<string, NumberRoute>
  readonly numbers_by_id: Map<string, NumberRoute>
  /** Agents that are not deleted, by id. */
  readonly agents: Map<string, AgentRoute>
  readonly assignments: Map<string, Assignment>
  /** Agent → the versions that assignments pin. */
  readonly pinned: Map<string, Set<number>>
  readonly trunks: Map<string, TrunkRoute>
  readonly schedules: Map<string, ScheduleRoute>
  /** By organization. */
  readonly inbound_routing: Map<string, InboundRouting>
  /** Which trunks match an address, as found; emptied when a trunk changes. */
  readonly sources: Map<string, ByTransport>
}

export const emptyRoutingTable = (): RoutingTable => ({
  numbers: new Map(),
  numbers_by_id: new Map(),
  agents: new Map(),
  assignments: new Map(),
  pinned: new Map(),
  trunks: new Map(),
  schedules: new Map(),
  inbound_routing: new Map(),
  sources: new Map(),
})

/** `table` becomes what `fresh` is, in one step: however large, no call waits for it. `fresh` is not used any more. */
export const replaceTable = (table: RoutingTable, fresh: RoutingTable): void => {
  Object.assign(table, fresh)
}

/** E.164 is its own key; an extension is looked for in one organization. */
export const extensionKey = (organization_id: string, extension: string): string => `${organization_id}/${extension}`
const numberKey = ({ organization_id, phone_number }: NumberRoute): string =>
  phone_number.startsWith('+') ? phone_number : extensionKey(organization_id, phone_number)

/** Puts the number's present state in place of what was known; `null` when it is gone. */
export const setNumber = (table: RoutingTable, id: string, number: NumberRoute | null): void => {
  const known = table.numbers_by_id.get(id)
  // Registered anew under another id meanwhile, it is that one's.
  if (known !== undefined && table.numbers.get(numberKey(known))?.id === id) table.numbers.delete(numberKey(known))
  if (number === null) {
    table.numbers_by_id.delete(id)
  } else {
    table.numbers_by_id.set(id, number)
    table.numbers.set(numberKey(number), number)
  }
}

/** From here on the agent is loaded with this version. */
export const pinVersion = (table: RoutingTable, agent_id: string, version: number): void => {
  const versions = table.pinned.get(agent_id)
  if (versions) versions.add(version)
  else table.pinned.set(agent_id, new Set([version]))
}

/** Assignments are immutable: known once, known for good. */
export const addAssignment = (table: RoutingTable, assignment: Assignment): void => {
  table.assignments.set(assignment.id, assignment)
  for (const { agent_id, version } of assignment.entries) if (version !== null) pinVersion(table, agent_id, version)
}

export const setSchedule = (table: RoutingTable, id: string, schedule: ScheduleRoute | null): void => {
  if (schedule === null) table.schedules.delete(id)
  else table.schedules.set(id, schedule)
}

export const setInboundRouting = (table: RoutingTable, organization_id: string, its: InboundRouting | null): void => {
  if (its === null) table.inbound_routing.delete(organization_id)
  else table.inbound_routing.set(organization_id, its)
}

export const setAgent = (table: RoutingTable, id: string, agent: AgentRoute | null): void => {
  if (agent === null) table.agents.delete(id)
  else table.agents.set(id, agent)
}

export const setTrunk = (table: RoutingTable, id: string, trunk: TrunkRoute | null): void => {
  if (trunk === null) table.trunks.delete(id)
  else table.trunks.set(id, trunk)
  table.sources.clear()
}

/** A scan over forged source addresses must not grow memory. */
const SOURCES_LIMIT = 10_000

type ByTransport = Readonly<Record<Transport, SourceTrunks>>

/** In the order of their ids, so that every process finds the same first. */
const byTransport = (trunks: readonly TrunkRoute[]): ByTransport => {
  const sorted = trunks.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const over = (transport: Transport): SourceTrunks => {
    const there = sorted.filter(trunk => trunk.transports.includes(transport))
    return {
      open: there.filter(trunk => trunk.credentials === null),
      asking: there.filter(trunk => trunk.credentials !== null),
    }
  }
  return { udp: over('udp'), tcp: over('tcp'), tls: over('tls') }
}

/** No address is called that. */
const ANYWHERE = 'anywhere'

/** Trunks that name no address and ask for credentials: one list for all the addresses that no trunk names. */
const anywhere = (table: RoutingTable): ByTransport => {
  const known = table.sources.get(ANYWHERE)
  if (known !== undefined) return known
  const found = byTransport([...table.trunks.values()].filter(isAnywhere))
  table.sources.set(ANYWHERE, found)
  return found
}

const isAnywhere = ({ accepts, credentials }: TrunkRoute): boolean => accepts.length === 0 && credentials !== null

const findSource = (table: RoutingTable, address: string): ByTransport => {
  const bytes = parseAddress(address)
  const all = [...table.trunks.values()]
  const names = ({ accepts }: TrunkRoute): boolean => bytes !== null && matchesAny(bytes, accepts)
  return all.some(names) ? byTransport(all.filter(trunk => names(trunk) || isAnywhere(trunk))) : anywhere(table)
}

export const trunksOf = (table: RoutingTable, source: CallSource): SourceTrunks => {
  const known = table.sources.get(source.address)
  if (known !== undefined) return known[source.transport]
  const found = findSource(table, source.address)
  if (table.sources.size >= SOURCES_LIMIT) table.sources.clear()
  table.sources.set(source.address, found)
  return found[source.transport]
}

/** What an entry or a SIP endpoint means now: the version it names, or the agent's latest published one. */
export const versionNamed = (agent: AgentRoute, version: number | null): VersionRoute | null =>
  version === null ? agent.latest_published : (agent.versions.get(version) ?? null)
