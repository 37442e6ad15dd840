/**
 * Which version answers a call: one pure function over a table in memory, whose answer carries its own explanation.
 *
 * The order, each step only when the one before let the call pass:
 *   1. source    some trunk accepts where the call comes from, or its credentials; 401 if one asks for them, else 403.
 *                Nothing else is looked at before, so a scanner learns nothing
 *   2. draining  a process that shuts down takes no new call, 503
 *   3. address   `sip:<agent-id>@…`, an extension or a number, in an organization whose trunk accepted the call, else 404;
 *                401 while another organization's trunk asks for credentials, whatever was called
 *   4. slot      the number's inbound slot names somebody, else 480
 *   5. draw      the first entry that can serve now, else 480
 *   6. media     a codec that both speak, else 488
 */
import type { Codec, IncomingCall } from '#core/call.ts'
import { callerOf, toE164, toExtension } from '#core/e164.ts'
import { printable } from '#core/printable.ts'
import {
  type AgentRoute,
  extensionKey,
  type NumberRoute,
  type RoutingTable,
  type TrunkRoute,
  trunksOf,
  type VersionRoute,
  versionNamed,
} from '#core/routing-table.ts'

/** Closed list: every way a candidate or a whole call can fall, and every way one is taken. */
export const ROUTE_REASONS = {
  source_accepted: 'a trunk accepts this source address',
  source_not_accepted: 'no trunk accepts this source address and transport',
  credentials_accepted: 'the caller proved the credentials of a trunk',
  credentials_missing: 'a trunk asks for credentials and none were sent',
  credentials_stale: 'the credentials answer a challenge that is too old, used up, or of somebody else',
  credentials_wrong: 'the credentials are those of no trunk that this source matches',
  credentials_blocked: 'this source has sent too many wrong credentials',
  draining: 'this process is shutting down and takes no new calls',
  number_found: 'the number belongs to an organization whose trunk accepted the call',
  number_unknown: 'no organization whose trunk accepted the call has this number',
  sip_endpoint_found: 'the agent is deployed as a SIP endpoint',
  sip_endpoint_unknown: 'no agent of an organization whose trunk accepted the call is deployed as a SIP endpoint here',
  slot_empty: 'the inbound slot of this number is empty',
  agent_missing: 'the agent of this entry does not exist any more',
  agent_inactive: 'the agent is not active',
  version_not_published: 'the agent has no such published version',
  no_entry_available: 'nobody in the slot can serve the call now',
  drawn: 'this version answers',
  codec_agreed: 'the caller offers a codec that Patchcord speaks',
  no_offer: 'the INVITE carries no offer; the answer makes one',
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
  readonly sip_status: 401 | 403 | 404 | 480 | 488 | 503
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
  /** The trunk that accepted the call; null before an address was found. */
  readonly trunk_id: string | null
  readonly trace: readonly TraceStep[]
}

/** What became of a call's credentials at the trunks that ask for some. */
export type Proof =
  | { readonly kind: 'proven'; readonly trunks: readonly TrunkRoute[] }
  | {
      readonly kind: 'refused'
      readonly reason: 'credentials_missing' | 'credentials_stale' | 'credentials_wrong' | 'credentials_blocked'
    }

export type RouteState = {
  readonly draining: boolean
  /** Checks what the call carries; asked only where a trunk asks for credentials, and at most once. Never throws. */
  readonly authenticate: (call: IncomingCall, asking: readonly TrunkRoute[]) => Proof
}

type Found =
  | { readonly rule: 'number'; readonly number: NumberRoute; readonly trunk: TrunkRoute }
  | { readonly rule: 'sip_endpoint'; readonly agent: AgentRoute; readonly trunk: TrunkRoute }
type Drawn = { readonly agent: AgentRoute; readonly version: VersionRoute; readonly arm: string }

const SOURCE_ACCEPTED: TraceStep = { step: 'source', reason: 'source_accepted' }
const CREDENTIALS_ACCEPTED: TraceStep = { step: 'source', reason: 'credentials_accepted' }

/** `unproven`: what to answer where the accepted trunks do not lead to the address, while others ask for credentials. */
type Accepted = {
  readonly trunks: readonly TrunkRoute[]
  readonly proven: boolean
  readonly unproven: RouteReason | null
}

const unprovenStatus = (reason: RouteReason): 401 | 403 => (reason === 'credentials_blocked' ? 403 : 401)

/** Credentials that were proven come first: they say who calls, where an address may be shared. */
const acceptSource = (table: RoutingTable, call: IncomingCall, state: RouteState): Accepted => {
  const { open, asking } = trunksOf(table, call.source)
  if (asking.length === 0) return { trunks: open, proven: false, unproven: null }
  const proof = state.authenticate(call, asking)
  if (proof.kind === 'proven') return { trunks: [...proof.trunks, ...open], proven: true, unproven: null }
  // A trunk that asks opens nothing new where another of its organization has accepted already.
  const could_help = asking.some(trunk => !trunkOf(open, trunk.organization_id))
  return { trunks: open, proven: false, unproven: could_help ? proof.reason : null }
}

/** `[0-9a-f-]{36}`: cheap enough to ask before a number is thought of. */
const looksLikeAgentId = (user: string): boolean => user.length === 36 && user.charCodeAt(8) === 45

const trunkOf = (trunks: readonly TrunkRoute[], organization_id: string): TrunkRoute | undefined =>
  trunks.find(trunk => trunk.organization_id === organization_id)

const findExtension = (table: RoutingTable, user: string, trunks: readonly TrunkRoute[]): NumberRoute | undefined => {
  const extension = toExtension(user)
  if (extension === null) return undefined
  for (const { organization_id } of trunks) {
    const number = table.numbers.get(extensionKey(organization_id, extension))
    if (number) return number
  }
  return undefined
}

const findE164 = (table: RoutingTable, user: string): NumberRoute | undefined => {
  const e164 = toE164(user)
  return e164 === null ? undefined : table.numbers.get(e164)
}

const findAddress = (table: RoutingTable, call: IncomingCall, trunks: readonly TrunkRoute[]): Found | RouteReason => {
  if (looksLikeAgentId(call.user)) {
    const agent = table.agents.get(call.user.toLowerCase())
    const trunk = agent && trunkOf(trunks, agent.organization_id)
    if (!agent?.sip_endpoint || !trunk) return 'sip_endpoint_unknown'
    return { rule: 'sip_endpoint', agent, trunk }
  }
  const number = findExtension(table, call.user, trunks) ?? findE164(table, call.user)
  const trunk = number && trunkOf(trunks, number.organization_id)
  if (!number || !trunk) return 'number_unknown'
  return { rule: 'number', number, trunk }
}

/** Who of the slot can serve now; each that cannot is named in the trace with its reason. */
const draw = (table: RoutingTable, number: NumberRoute, trace: TraceStep[]): Drawn | RouteReason => {
  if (number.inbound === null) return 'slot_empty'
  for (const entry of number.inbound.entries) {
    const agent = table.agents.get(entry.agent_id)
    const version = agent ? versionNamed(agent, entry.version) : null
    if (agent?.active && version) return { agent, version, arm: entry.arm }
    const reason = !agent ? 'agent_missing' : agent.active ? 'version_not_published' : 'agent_inactive'
    trace.push({ step: 'candidate', reason, detail: { agent_id: entry.agent_id, version: entry.version } })
  }
  return 'no_entry_available'
}

const drawSipEndpoint = (agent: AgentRoute, trace: TraceStep[]): Drawn | RouteReason => {
  const pinned = agent.sip_endpoint?.version ?? null
  const version = versionNamed(agent, pinned)
  if (agent.active && version) return { agent, version, arm: `${agent.id}:${version.version}` }
  const reason = agent.active ? 'version_not_published' : 'agent_inactive'
  trace.push({ step: 'candidate', reason, detail: { agent_id: agent.id, version: pinned } })
  return 'no_entry_available'
}

/** Never throws. `table` is only read (its memo of accepted addresses aside). */
export const decideRoute = (table: RoutingTable, call: IncomingCall, state: RouteState): RouteDecision => {
  const caller = callerOf(call.asserted_user ?? call.from_user)
  const trace: TraceStep[] = []
  let found: Found | null = null
  const decide = (outcome: RouteAnswer | RouteRefusal): RouteDecision => ({
    outcome,
    organization_id: found?.trunk.organization_id ?? null,
    direction: 'inbound',
    rule: found?.rule ?? null,
    number: found?.rule === 'number' ? found.number.phone_number : null,
    caller,
    trunk_id: found?.trunk.id ?? null,
    trace,
  })
  const refuse = (sip_status: RouteRefusal['sip_status'], step: TraceStep['step'], reason: RouteReason) => {
    trace.push({ step, reason, detail: { dialled: printable(call.user) } })
    return decide({ kind: 'refuse', sip_status, reason })
  }

  const { trunks, proven, unproven } = acceptSource(table, call, state)
  if (trunks.length === 0) {
    return unproven === null
      ? refuse(403, 'source', 'source_not_accepted')
      : refuse(unprovenStatus(unproven), 'source', unproven)
  }
  trace.push(proven ? CREDENTIALS_ACCEPTED : SOURCE_ACCEPTED)
  if (state.draining) return refuse(503, 'draining', 'draining')

  const address = findAddress(table, call, trunks)
  if (typeof address === 'string') {
    return unproven === null ? refuse(404, 'address', address) : refuse(unprovenStatus(unproven), 'source', unproven)
  }
  found = address
  trace.push({
    step: 'address',
    reason: found.rule === 'number' ? 'number_found' : 'sip_endpoint_found',
    detail: { dialled: printable(call.user), trunk_id: found.trunk.id },
  })

  const drawn = found.rule === 'number' ? draw(table, found.number, trace) : drawSipEndpoint(found.agent, trace)
  if (drawn === 'slot_empty') return refuse(480, 'slot', drawn)
  if (typeof drawn === 'string') return refuse(480, 'draw', drawn)
  const { agent, version, arm } = drawn
  trace.push({ step: 'draw', reason: 'drawn', detail: { agent_id: agent.id, version: version.version, arm } })

  const codec = call.codecs?.[0] ?? null
  if (call.codecs !== null && codec === null) return refuse(488, 'media', 'no_common_codec')
  trace.push(
    codec ? { step: 'media', reason: 'codec_agreed', detail: { codec } } : { step: 'media', reason: 'no_offer' },
  )
  return decide({
    kind: 'answer',
    agent_id: agent.id,
    agent_version_id: version.id,
    version: version.version,
    arm,
    codec,
  })
}
