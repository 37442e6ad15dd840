/**
 * Who answers a call to a number, or from one, once the number is known (the steps from `clock` on, core/route.ts). One
 * call's decision in the making is a `Draft`; each step adds to its trace.
 */
import type { IncomingCall } from '#core/call.ts'
import { isE164 } from '#core/e164.ts'
import { type Halves, hashPair } from '#core/rendezvous.ts'
import type { Fallback, RouteDecision, RouteOutcome, RouteStep } from '#core/route-decision.ts'
import type { RouteReason, TraceStep } from '#core/route-trace.ts'
import type {
  Assignment,
  NumberRoute,
  RoutingTable,
  TrunkRoute,
  VersionRoute,
  WebhookRoute,
} from '#core/routing-table.ts'
import { stateAt } from '#core/schedule.ts'
import { draw, fallen, type Health, type Served, serving } from '#core/serve.ts'
import type { WebhookOutcome, WebhookReply } from '#core/webhook.ts'

/** What of a call matters from here on. */
export type RoutedCall = Pick<IncomingCall, 'call_id' | 'codecs' | 'x_headers'> & {
  /** The other end, as in `RouteDecision`. */
  readonly caller: string | null
}

export type Draft = {
  readonly table: RoutingTable
  readonly health: Health
  readonly now_ms: number
  readonly call: RoutedCall
  readonly organization_id: string
  readonly direction: 'inbound' | 'outbound'
  readonly number: NumberRoute | null
  /** The trunk that accepted the call, or that a call out is placed through. */
  readonly trunk: TrunkRoute
  readonly trace: TraceStep[]
  open: boolean | null
  candidates: Assignment | null
  fallback: Fallback | null
  webhook: WebhookOutcome | null
}

const NO_VARIABLES: Readonly<Record<string, string>> = {}

/** `X-Customer-Id` is `{{x_customer_id}}`. */
const headerVariables = (x_headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> => {
  let named: Record<string, string> | null = null
  // Nearly every call has none, and asking so costs nothing.
  for (const name in x_headers) {
    named ??= {}
    named[name.replaceAll('-', '_')] = x_headers[name] ?? ''
  }
  return named ?? NO_VARIABLES
}

const variablesOf = ({ call, webhook }: Draft): Readonly<Record<string, string>> => {
  const of_headers = headerVariables(call.x_headers)
  return webhook?.kind === 'replied' ? { ...of_headers, ...webhook.reply.dynamic_variables } : of_headers
}

export const decided = (draft: Draft, outcome: RouteOutcome): RouteDecision => ({
  kind: 'decided',
  outcome,
  organization_id: draft.organization_id,
  direction: draft.direction,
  rule: draft.number === null ? 'sip_endpoint' : 'number',
  number: draft.number?.phone_number ?? null,
  caller: draft.call.caller,
  trunk_id: draft.trunk.id,
  candidates: draft.candidates?.entries ?? null,
  fallback: draft.fallback,
  webhook: draft.webhook,
  open: draft.open,
  variables: variablesOf(draft),
  trace: draft.trace,
})

/** Kept for all calls: most traces end so. */
const CODEC_AGREED = {
  PCMU: { step: 'media', reason: 'codec_agreed', detail: { codec: 'PCMU' } },
  PCMA: { step: 'media', reason: 'codec_agreed', detail: { codec: 'PCMA' } },
} as const

/** What is spoken needs a codec; then it is `speak`'s. */
const withMedia = (draft: Draft, speak: (codec: 'PCMU' | 'PCMA' | null) => RouteOutcome): RouteDecision => {
  const { codecs } = draft.call
  const codec = codecs?.[0] ?? null
  if (codecs !== null && codec === null) {
    draft.trace.push({ step: 'media', reason: 'no_common_codec' })
    return decided(draft, { kind: 'refuse', sip_status: 488, reason: 'no_common_codec' })
  }
  draft.trace.push(codec === null ? { step: 'media', reason: 'no_offer' } : CODEC_AGREED[codec])
  return decided(draft, speak(codec))
}

export const answer = (draft: Draft, { version, arm }: Served): RouteDecision =>
  withMedia(draft, codec => ({
    kind: 'answer',
    agent_id: version.agent_id,
    agent_version_id: version.id,
    version: version.version,
    arm,
    codec,
  }))

const speak = (draft: Draft, text: string): RouteDecision =>
  withMedia(draft, codec => ({ kind: 'message', text, codec }))

const refuse = (draft: Draft, sip_status: 480 | 603, reason: RouteReason): RouteDecision =>
  decided(draft, { kind: 'refuse', sip_status, reason })

/** null: the call cannot be forwarded, as the trace says. */
const forward = (draft: Draft, target: string): RouteDecision | null => {
  const { trunk, table, number, trace } = draft
  const mode = trunk.forwarding
  const trunk_id = number?.trunk_id ?? trunk.id
  if (mode === 'bridge' && isE164(target) && !table.trunks.get(trunk_id)?.outbound) {
    trace.push({ step: 'fallback', reason: 'forward_without_trunk', detail: { target } })
    return null
  }
  return decided(draft, { kind: 'forward', target, mode, trunk_id })
}

/** The fallback ladder: the first step that can serve. `why`: what brought the call here, for whom nobody can serve at all. */
export const descend = (draft: Draft, number: NumberRoute, why: RouteReason): RouteDecision => {
  const { table, health, trace, direction } = draft
  const { default_agent_id, forward: target, message } = number.routing
  if (default_agent_id !== null) {
    const version = serving(table, default_agent_id, null, health)
    if (typeof version !== 'string') {
      draft.fallback = 'default_agent'
      const detail = { agent_id: default_agent_id, version: version.version }
      trace.push({ step: 'fallback', reason: 'default_agent', detail })
      return answer(draft, { version, arm: null })
    }
    trace.push(fallen(default_agent_id, null, version))
  }
  if (target !== null) {
    if (direction === 'outbound') trace.push({ step: 'fallback', reason: 'forward_inbound_only' })
    else {
      draft.fallback = 'forward'
      const forwarded = forward(draft, target)
      if (forwarded !== null) {
        trace.push({ step: 'fallback', reason: 'forwarded', detail: { target } })
        return forwarded
      }
      draft.fallback = null
    }
  }
  if (message !== null) {
    if (direction === 'outbound') trace.push({ step: 'fallback', reason: 'message_inbound_only' })
    else if (!health.engine_up) trace.push({ step: 'fallback', reason: 'engine_down' })
    else {
      draft.fallback = 'message'
      trace.push({ step: 'fallback', reason: 'message_spoken' })
      return speak(draft, message)
    }
  }
  return refuse(draft, 480, why)
}

/** Whoever keeps a caller's arm: the number and the caller, or the call itself where there is no caller to know again. */
const whoCalls =
  ({ call }: Draft, number: NumberRoute) =>
  (): Halves => {
    const sticky = number.routing.stickiness === 'caller' ? call.caller : null
    return hashPair(number.phone_number, sticky ?? call.call_id)
  }

type Drawn = { readonly served: Served | null; readonly why: RouteReason }

const drawFrom = (draft: Draft, number: NumberRoute, list: Assignment | null): Drawn => {
  if (list === null) {
    draft.trace.push({ step: 'slot', reason: 'slot_empty' })
    return { served: null, why: 'slot_empty' }
  }
  draft.candidates = list
  const served = draw(draft.table, list, whoCalls(draft, number), draft.health, draft.trace)
  if (served === null) draft.trace.push({ step: 'draw', reason: 'no_entry_available' })
  return { served, why: 'no_entry_available' }
}

/** The answers that a schedule gives by itself, or who is drawn in place of the slot. */
const afterHours = (draft: Draft, number: NumberRoute, schedule_id: string): RouteDecision | Drawn => {
  const { table, trace, health } = draft
  const after_hours = table.schedules.get(schedule_id)?.after_hours ?? { kind: 'none' }
  switch (after_hours.kind) {
    case 'agents':
      trace.push({ step: 'clock', reason: 'after_hours_agents' })
      return drawFrom(draft, number, after_hours.assignment)
    case 'forward': {
      const { target } = after_hours
      const forwarded = forward(draft, target)
      if (forwarded === null) return descend(draft, number, 'forward_without_trunk')
      trace.push({ step: 'clock', reason: 'after_hours_forward', detail: { target } })
      return forwarded
    }
    case 'message':
      if (!health.engine_up) {
        trace.push({ step: 'clock', reason: 'engine_down' })
        return descend(draft, number, 'engine_down')
      }
      trace.push({ step: 'clock', reason: 'after_hours_message' })
      return speak(draft, after_hours.text)
    case 'none':
      trace.push({ step: 'clock', reason: 'after_hours_nobody' })
      return descend(draft, number, 'after_hours_nobody')
  }
}

/** Sets `open`; time routing that is off says nothing. */
const askClock = (draft: Draft, schedule_id: string | null): void => {
  if (schedule_id === null) return
  const schedule = draft.table.schedules.get(schedule_id)
  const state = schedule ? stateAt(schedule.compiled, draft.now_ms) : null
  draft.open = state?.open ?? true
  const reason = state === null ? 'schedule_unknown' : state.open ? 'schedule_open' : 'schedule_closed'
  draft.trace.push({ step: 'clock', reason, detail: { schedule_id, rule: state?.rule ?? null } })
}

/** What the webhook named, if it can serve; the reasons against it are in the trace. */
const overrideOf = (draft: Draft, reply: WebhookReply, drawn: Served | null): VersionRoute | null => {
  const { table, trace, health, organization_id } = draft
  const { override_agent, override_version } = reply
  if (override_agent === null && override_version === null) return null
  if (override_agent === 'malformed' || override_version === 'malformed') {
    trace.push({ step: 'webhook', reason: 'override_malformed' })
    return null
  }
  const agent_id = override_agent?.agent_id ?? drawn?.version.agent_id ?? null
  if (agent_id === null) {
    trace.push({ step: 'webhook', reason: 'override_malformed', detail: { version: override_version } })
    return null
  }
  // Whether it is somebody else's or nobody's at all is nobody's business here.
  const own = table.agents.get(agent_id)?.organization_id === organization_id
  const named = own ? serving(table, agent_id, override_version, health) : 'agent_foreign'
  if (typeof named !== 'string') return named
  trace.push(fallen(agent_id, override_version, named), { step: 'webhook', reason: 'override_unavailable' })
  return null
}

const settle = (draft: Draft, number: NumberRoute, { served, why }: Drawn): RouteDecision => {
  if (served !== null) return answer(draft, served)
  const fallback_agent_id = why === 'slot_empty' ? inboundRouting(draft)?.fallback_agent_id : undefined
  if (!fallback_agent_id) return descend(draft, number, why)
  const version = serving(draft.table, fallback_agent_id, null, draft.health)
  if (typeof version === 'string') {
    draft.trace.push(fallen(fallback_agent_id, null, version))
    return descend(draft, number, why)
  }
  draft.fallback = 'inbound_routing'
  const detail = { agent_id: fallback_agent_id, version: version.version }
  draft.trace.push({ step: 'inbound_routing', reason: 'inbound_routing_agent', detail })
  return answer(draft, { version, arm: null })
}

const inboundRouting = ({ table, organization_id, direction }: Draft) =>
  direction === 'inbound' ? table.inbound_routing.get(organization_id) : undefined

const afterWebhook = (draft: Draft, number: NumberRoute, drawn: Drawn, outcome: WebhookOutcome): RouteDecision => {
  const { trace } = draft
  draft.webhook = outcome
  if (outcome.kind === 'not_asked') {
    trace.push({ step: 'webhook', reason: 'webhook_not_asked' })
    return settle(draft, number, drawn)
  }
  const { took_ms, attempts } = outcome
  if (outcome.kind === 'failed') {
    const detail = { took_ms, attempts, ...(outcome.status === undefined ? {} : { status: outcome.status }) }
    trace.push({ step: 'webhook', reason: outcome.failure, detail })
    return settle(draft, number, drawn)
  }
  if (outcome.reply.reject) {
    trace.push({ step: 'webhook', reason: 'webhook_rejected', detail: { took_ms, attempts } })
    return refuse(draft, 603, 'webhook_rejected')
  }
  const version = overrideOf(draft, outcome.reply, drawn.served)
  if (version === null) {
    trace.push({ step: 'webhook', reason: 'webhook_replied', detail: { took_ms, attempts } })
    return settle(draft, number, drawn)
  }
  const detail = { agent_id: version.agent_id, version: version.version, took_ms, attempts }
  trace.push({ step: 'webhook', reason: 'webhook_overrode', detail })
  return answer(draft, { version, arm: null })
}

const questionOf = (draft: Draft, number: NumberRoute, webhook: WebhookRoute, drawn: Drawn): RouteStep => ({
  kind: 'ask_webhook',
  organization_id: draft.organization_id,
  question: {
    ...webhook,
    agent: drawn.served && { agent_id: drawn.served.version.agent_id, version: drawn.served.version.version },
    from_number: draft.call.caller,
    to_number: number.phone_number,
    trunk_id: draft.trunk.id,
    sip_headers: draft.call.x_headers,
  },
  resume: outcome => afterWebhook(draft, number, drawn, outcome),
})

/** A call to a number: the clock, the draw, the webhook, the ladder. */
export const routeInbound = (draft: Draft, number: NumberRoute): RouteStep => {
  const { routing } = number
  askClock(draft, routing.schedule_id)
  const drawn =
    draft.open === false && routing.schedule_id !== null
      ? afterHours(draft, number, routing.schedule_id)
      : drawFrom(draft, number, number.inbound)
  if ('kind' in drawn) return drawn
  const webhook = routing.webhook ?? (drawn.why === 'slot_empty' ? (inboundRouting(draft)?.webhook ?? null) : null)
  return webhook === null ? settle(draft, number, drawn) : questionOf(draft, number, webhook, drawn)
}

/** A call from a number, keyed by who is called: neither clock nor webhook apply, nor what only a caller can be given. */
export const routeOutbound = (draft: Draft, number: NumberRoute): RouteDecision => {
  const { served, why } = drawFrom(draft, number, number.outbound)
  return served === null ? descend(draft, number, why) : answer(draft, served)
}
