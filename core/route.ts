/**
 * Which version answers a call. One pure function over a table in memory; the answer carries its own explanation.
 * The order is the one of docs/routing.md: source, draining, address, slot, draw, media.
 */
import type { Codec, IncomingCall } from '#core/call.ts'
import { matchesAny, parseAddress } from '#core/ip.ts'
import { normalizeDialled } from '#core/e164.ts'
import type { AgentRoute, AssignmentEntry, NumberRoute, RoutingTable, VersionRoute } from '#core/routing-table.ts'

/** Closed list: every way a candidate or a whole call can fall, and every way one is taken. */
export const ROUTE_REASONS = {
  source_accepted: 'a trunk accepts this source address',
  source_not_accepted: 'no trunk accepts this source address',
  accepting: 'this process takes new calls',
  draining: 'this process is shutting down and takes no new calls',
  number_found: 'the number is registered in an organization whose trunk accepted the call',
  number_unknown: 'no organization whose trunk accepted the call has this number',
  sip_endpoint_found: 'the agent is deployed as a SIP endpoint',
  sip_endpoint_unknown: 'no agent with this id is deployed as a SIP endpoint in an organization whose trunk accepted the call',
  slot_assigned: 'the inbound slot names at least one version',
  slot_empty: 'the inbound slot of this number is empty',
  agent_deleted: 'the agent was deleted',
  agent_inactive: 'the agent is not active',
  version_not_published: 'the agent has no such published version',
  entry_available: 'this entry can serve the call now',
  no_entry_available: 'no entry of the slot can serve the call now',
  drawn: 'this version answers',
  codec_agreed: 'the caller offers a codec that Patchcord speaks',
  no_offer: 'the INVITE carries no offer; the answer will make one',
  no_common_codec: 'the caller offers no codec that Patchcord speaks',
} as const
export type RouteReason = keyof typeof ROUTE_REASONS

export type TraceStep = {
  readonly step: 'source' | 'draining' | 'address' | 'slot' | 'candidate' | 'draw' | 'media'
  readonly reason: RouteReason
  /** Short facts: the number as dialled, an agent id and version, a codec. */
  readonly detail?: Readonly<Record<string, string | number | null>>
}

export type RouteAnswer = {
  readonly kind: 'answer'
  readonly agent_id: string
  readonly agent_version_id: string
  readonly version: number
  readonly arm: string
  /** null: the INVITE had no offer, ours goes out in the 200. */
  readonly codec: Codec | null
}
export type RouteRefusal = {
  readonly kind: 'refuse'
  readonly sip_status: 403 | 404 | 480 | 488 | 503
  readonly reason: RouteReason
}

export type RouteDecision = {
  readonly outcome: RouteAnswer | RouteRefusal
  /** The organization the called address belongs to; null until an address was found. */
  readonly organization_id: string | null
  readonly direction: 'inbound'
  /** `number` by a slot, `sip_endpoint` by `sip:<agent-id>@…`; null when the call fell before its address was known. */
  readonly rule: 'number' | 'sip_endpoint' | null
  /** The number in E.164 when the call came to one. */
  readonly number: string | null
  /** The caller in E.164 where it is one, else as given; null when anonymous. */
  readonly caller: string | null
  readonly trunk_id: string | null
  readonly trace: readonly TraceStep[]
}

export type RouteState = { readonly draining: boolean }
