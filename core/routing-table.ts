/**
 * What a process that answers calls holds in memory: everything a decision reads, in the shape it is read.
 * Many numbers share one assignment (docs/adr/0001), so a million numbers stay small.
 */
import { type AddressRange, matchesAny, parseAddress } from '#core/ip.ts'

/** What a call needs of a version's config before a word is said; the rest of the config is not kept here. */
export type VersionScript = {
  /** What is spoken first, its variables filled with their defaults; null: the agent waits for the caller. */
  readonly starting_message: string | null
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

/** An immutable weighted list; weights sum to 10000. */
export type Assignment = { readonly id: string; readonly entries: readonly AssignmentEntry[] }

export type NumberRoute = {
  readonly id: string
  readonly organization_id: string
  readonly phone_number: string
  readonly inbound: Assignment | null
}

export type TrunkRoute = {
  readonly id: string
  readonly organization_id: string
  readonly accepts: readonly AddressRange[]
}

export type RoutingTable = {
  /** By E.164 number. */
  readonly numbers: Map<string, NumberRoute>
  readonly numbers_by_id: Map<string, NumberRoute>
  /** Agents that are not deleted, by id. */
  readonly agents: Map<string, AgentRoute>
  readonly assignments: Map<string, Assignment>
  /** Agent → the versions that assignments pin. */
  readonly pinned: Map<string, Set<number>>
  readonly trunks: Map<string, TrunkRoute>
  /** Which trunks accept an address, as found; emptied when a trunk changes. */
  readonly accepting: Map<string, readonly TrunkRoute[]>
}

export const emptyRoutingTable = (): RoutingTable => ({
  numbers: new Map(),
  numbers_by_id: new Map(),
  agents: new Map(),
  assignments: new Map(),
  pinned: new Map(),
  trunks: new Map(),
  accepting: new Map(),
})

/** Puts the number's present state in place of what was known; `null` when it is gone. */
export const setNumber = (table: RoutingTable, id: string, number: NumberRoute | null): void => {
  const known = table.numbers_by_id.get(id)
  // Registered anew under another id meanwhile, it is that one's.
  if (known !== undefined && table.numbers.get(known.phone_number)?.id === id) table.numbers.delete(known.phone_number)
  if (number === null) {
    table.numbers_by_id.delete(id)
  } else {
    table.numbers_by_id.set(id, number)
    table.numbers.set(number.phone_number, number)
  }
}

/** Assignments are immutable: known once, known for good. */
export const addAssignment = (table: RoutingTable, assignment: Assignment): void => {
  table.assignments.set(assignment.id, assignment)
  for (const { agent_id, version } of assignment.entries) {
    if (version === null) continue
    const versions = table.pinned.get(agent_id)
    if (versions) versions.add(version)
    else table.pinned.set(agent_id, new Set([version]))
  }
}

export const setAgent = (table: RoutingTable, id: string, agent: AgentRoute | null): void => {
  if (agent === null) table.agents.delete(id)
  else table.agents.set(id, agent)
}

export const setTrunk = (table: RoutingTable, id: string, trunk: TrunkRoute | null): void => {
  if (trunk === null) table.trunks.delete(id)
  else table.trunks.set(id, trunk)
  table.accepting.clear()
}

/** A scan over forged source addresses must not grow memory. */
const ACCEPTING_LIMIT = 10_000

export const trunksAccepting = (table: RoutingTable, address: string): readonly TrunkRoute[] => {
  const known = table.accepting.get(address)
  if (known !== undefined) return known
  const bytes = parseAddress(address)
  const found = bytes === null ? [] : [...table.trunks.values()].filter(trunk => matchesAny(bytes, trunk.accepts))
  if (table.accepting.size >= ACCEPTING_LIMIT) table.accepting.clear()
  table.accepting.set(address, found)
  return found
}

/** What an entry or a SIP endpoint means now: the version it names, or the agent's latest published one. */
export const versionNamed = (agent: AgentRoute, version: number | null): VersionRoute | null =>
  version === null ? agent.latest_published : (agent.versions.get(version) ?? null)
