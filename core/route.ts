/**
 * Which version answers a call: one pure function over a table in memory, whose answer carries its own explanation.
 *
 * The order, each step only when the one before let the call pass:
 *   1. source    some trunk accepts where the call comes from, or its credentials; 401 if one asks for them, else 403.
 *                Nothing else is looked at before, so a scanner learns nothing
 *   2. draining  a process that shuts down takes no new call, 503
 *   3. address   `sip:<agent-id>@…`, an extension or a number, in an organization whose trunk accepted the call, else 404;
 *                401 while another organization's trunk asks for credentials, whatever was called
 *   4. clock     with time routing on, the schedule is open or closed; closed, its after-hours target takes the slot's place
 *   5. draw      by weight, among the entries of the slot that can serve now
 *   6. webhook   if there is one: may name another agent, or reject the call, 603
 *   7. fallback  an empty slot: the organization's inbound routing; then, whoever could not be served: the number's default
 *                agent, forwarding, a spoken message, else 480
 *   8. media     a codec that both speak, else 488
 */
import type { IncomingCall } from '#core/call.ts'
import { callerOf, toE164, toExtension } from '#core/e164.ts'
import { printable } from '#core/printable.ts'
import type { RouteDecision, RouteRefusal, RouteStep } from '#core/route-decision.ts'
import { answer, type Draft, decided, type RoutedCall, routeInbound, routeOutbound } from '#core/route-number.ts'
import { type Authenticate, acceptSource, trunkOf, unprovenStatus } from '#core/route-source.ts'
import type { RouteReason, TraceStep } from '#core/route-trace.ts'
import {
  type AgentRoute,
  extensionKey,
  type NumberRoute,
  type RoutingTable,
  type TrunkRoute,
} from '#core/routing-table.ts'
import { fallen, type Health, serving } from '#core/serve.ts'

export type RouteState = {
  readonly draining: boolean
  readonly now_ms: number
  readonly health: Health
  readonly authenticate: Authenticate
}

type Found =
  | { readonly number: NumberRoute; readonly trunk: TrunkRoute }
  | { readonly agent: AgentRoute; readonly trunk: TrunkRoute }

const SOURCE_ACCEPTED: TraceStep = { step: 'source', reason: 'source_accepted' }
const CREDENTIALS_ACCEPTED: TraceStep = { step: 'source', reason: 'credentials_accepted' }

/** `[0-9a-f-]{36}`: cheap enough to ask before a number is thought of. */
const looksLikeAgentId = (user: string): boolean => user.length === 36 && user.charCodeAt(8) === 45

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
    return agent?.sip_endpoint && trunk ? { agent, trunk } : 'sip_endpoint_unknown'
  }
  const number = findExtension(table, call.user, trunks) ?? findE164(table, call.user)
  const trunk = number && trunkOf(trunks, number.organization_id)
  return number && trunk ? { number, trunk } : 'number_unknown'
}

const routeSipEndpoint = (draft: Draft, agent: AgentRoute): RouteDecision => {
  const pinned = agent.sip_endpoint?.version ?? null
  const version = serving(draft.table, agent.id, pinned, draft.health)
  if (typeof version === 'string') {
    draft.trace.push(fallen(agent.id, pinned, version), { step: 'draw', reason: 'no_entry_available' })
    return decided(draft, { kind: 'refuse', sip_status: 480, reason: 'no_entry_available' })
  }
  const detail = { agent_id: agent.id, version: version.version }
  draft.trace.push({ step: 'draw', reason: 'deployed', detail })
  return answer(draft, { version, arm: `${agent.id}:${version.version}` })
}

/** Before an address is known, whose call it is is not known either. */
const refused = (
  call: IncomingCall,
  caller: string | null,
  trace: TraceStep[],
  [sip_status, step, reason]: readonly [RouteRefusal['sip_status'], TraceStep['step'], RouteReason],
): RouteDecision => {
  trace.push({ step, reason, detail: { dialled: printable(call.user) } })
  return {
    kind: 'decided',
    outcome: { kind: 'refuse', sip_status, reason },
    ...{ organization_id: null, direction: 'inbound', rule: null, number: null, caller, trunk_id: null },
    ...{ candidates: null, fallback: null, webhook: null, open: null, variables: {}, trace },
  }
}

/** Who calls: as the network asserts it, where the trunk is trusted to, else as the caller says. */
const callerOver = ({ trusts_asserted_identity = true }: TrunkRoute, call: IncomingCall): string | null =>
  callerOf((trusts_asserted_identity ? call.asserted_user : null) ?? call.from_user)

/** Never throws. `table` is only read (its memo of accepted addresses aside). */
export const decideRoute = (table: RoutingTable, call: IncomingCall, state: RouteState): RouteStep => {
  const caller = callerOf(call.from_user)
  const trace: TraceStep[] = []
  const { trunks, proven, unproven } = acceptSource(table, call, state.authenticate)
  if (trunks.length === 0) {
    if (unproven === null) return refused(call, caller, trace, [403, 'source', 'source_not_accepted'])
    return refused(call, caller, trace, [unprovenStatus(unproven), 'source', unproven])
  }
  trace.push(proven ? CREDENTIALS_ACCEPTED : SOURCE_ACCEPTED)
  if (state.draining) return refused(call, caller, trace, [503, 'draining', 'draining'])

  const found = findAddress(table, call, trunks)
  if (typeof found === 'string') {
    if (unproven === null) return refused(call, caller, trace, [404, 'address', found])
    return refused(call, caller, trace, [unprovenStatus(unproven), 'source', unproven])
  }
  const { trunk } = found
  const number = 'number' in found ? found.number : null
  const reason = number === null ? 'sip_endpoint_found' : 'number_found'
  trace.push({ step: 'address', reason, detail: { dialled: printable(call.user), trunk_id: trunk.id } })
  const draft: Draft = {
    table,
    health: state.health,
    now_ms: state.now_ms,
    call: { call_id: call.call_id, codecs: call.codecs, x_headers: call.x_headers, caller: callerOver(trunk, call) },
    organization_id: trunk.organization_id,
    direction: 'inbound',
    number,
    trunk,
    trace,
    open: null,
    candidates: null,
    fallback: null,
    webhook: null,
  }
  return 'number' in found ? routeInbound(draft, found.number) : routeSipEndpoint(draft, found.agent)
}

/** A call that is only asked about, or one out: neither comes from anywhere. */
export type NumberQuestion = {
  readonly number: NumberRoute
  readonly trunk: TrunkRoute
  readonly direction: 'inbound' | 'outbound'
  readonly call: RoutedCall
  readonly now_ms: number
  readonly health: Health
}

/** The same steps from the clock on. Outbound calls ask no webhook. */
export const routeNumber = (table: RoutingTable, question: NumberQuestion): RouteStep => {
  const { number, direction } = question
  const trace: TraceStep[] = [{ step: 'source', reason: 'source_not_asked' }]
  const { organization_id } = number
  const undecided = { open: null, candidates: null, fallback: null, webhook: null }
  const draft: Draft = { table, ...question, organization_id, trace, ...undecided }
  return direction === 'inbound' ? routeInbound(draft, number) : routeOutbound(draft, number)
}
