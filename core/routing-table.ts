/**
 * What a process that answers calls holds in memory: everything a decision reads, in the shape it is read.
 * Many numbers share one assignment (see docs/adr/0001), so a million numbers stay small.
 */
import type { AddressRange } from '#core/ip.ts'

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
  readonly deleted: boolean
  /** The highest published version; null when nothing is published. */
  readonly latest_published: VersionRoute | null
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
  readonly trunk_id: string
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
  readonly agents: Map<string, AgentRoute>
  /** By version id: every version an assignment pins, a SIP endpoint pins, or that is an agent's latest published. */
  readonly versions: Map<string, VersionRoute>
  /** The same versions by `agent_id:version`. */
  readonly versions_by_number: Map<string, VersionRoute>
  readonly trunks: Map<string, TrunkRoute>
}

export const emptyRoutingTable = (): RoutingTable => ({
  numbers: new Map(),
  numbers_by_id: new Map(),
  agents: new Map(),
  versions: new Map(),
  versions_by_number: new Map(),
  trunks: new Map(),
})
