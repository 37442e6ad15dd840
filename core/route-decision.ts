/** What a decision is: who answers, or why nobody does, with the way that led there. */
import type { Codec } from '#core/call.ts'
import type { RouteReason, TraceStep } from '#core/route-trace.ts'
import type { AssignmentEntry } from '#core/routing-table.ts'
import type { WebhookOutcome, WebhookQuestion } from '#core/webhook.ts'

export type RouteAnswer = {
  readonly kind: 'answer'
  readonly agent_id: string
  readonly agent_version_id: string
  readonly version: number
  /** null: nothing was drawn (a SIP endpoint, an override, a fallback). */
  readonly arm: string | null
  /** null: the INVITE had no offer, ours goes out in the 200. */
  readonly codec: Codec | null
}

export type RouteForward = {
  readonly kind: 'forward'
  /** A SIP URI, or a number in E.164. */
  readonly target: string
  /** `redirect`: 302, the caller's side calls; `bridge`: Patchcord calls, and joins the two. */
  readonly mode: 'redirect' | 'bridge'
  readonly trunk_id: string
}

export type RouteMessage = { readonly kind: 'message'; readonly text: string; readonly codec: Codec | null }

export type RouteRefusal = {
  readonly kind: 'refuse'
  readonly sip_status: 401 | 403 | 404 | 480 | 488 | 503 | 603
  readonly reason: RouteReason
}

export type RouteOutcome = RouteAnswer | RouteForward | RouteMessage | RouteRefusal

/** A step of the ladder that was taken. */
export type Fallback = 'inbound_routing' | 'default_agent' | 'forward' | 'message'

export type RouteDecision = {
  readonly kind: 'decided'
  readonly outcome: RouteOutcome
  /** The organization the called address belongs to; null until an address was found. */
  readonly organization_id: string | null
  readonly direction: 'inbound' | 'outbound'
  /** `number` by a slot, `sip_endpoint` by `sip:<agent-id>@…`; null when the call fell before its address was known. */
  readonly rule: 'number' | 'sip_endpoint' | null
  /** The number, E.164 or an extension, when the call came to one. */
  readonly number: string | null
  /** The other end: who calls in, or is called. E.164 where it is one, else as given; null when anonymous. */
  readonly caller: string | null
  /** The trunk that accepted the call; null before an address was found. */
  readonly trunk_id: string | null
  /** The list that was drawn from; null: nothing was. */
  readonly candidates: readonly AssignmentEntry[] | null
  readonly fallback: Fallback | null
  /** null: there is none to ask. */
  readonly webhook: WebhookOutcome | null
  /** The schedule's word; null: time routing is off. */
  readonly open: boolean | null
  /** For `{{name}}`: what the webhook gave, over the INVITE's `X-` headers. */
  readonly variables: Readonly<Record<string, string>>
  readonly trace: readonly TraceStep[]
}

/** Who answers is still to be asked of a webhook; `resumeRoute` goes on from here. */
export type AwaitingWebhook = {
  readonly kind: 'ask_webhook'
  readonly question: WebhookQuestion
  readonly organization_id: string
  resume(outcome: WebhookOutcome): RouteDecision
}

export type RouteStep = RouteDecision | AwaitingWebhook
