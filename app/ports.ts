/** What Patchcord needs from outside itself, and what its parts ask of each other across threads. Types only. */
import type { IncomingCall } from '#core/call.ts'
import type { ConversationStatus } from '#core/conversation.ts'
import type { RouteDecision } from '#core/route-decision.ts'
import type { OutboundTrunk, VersionScript } from '#core/routing-table.ts'
import type { WebhookOutcome, WebhookQuestion } from '#core/webhook.ts'
import type { Writer } from '#core/writer.ts'

export type Clock = { readonly now_ms: () => number }

/** A line of the program's own log. Never a token, a prompt or a caller's words. */
export type Log = {
  info(fields: Record<string, unknown>, message: string): void
  warn(fields: Record<string, unknown>, message: string): void
  error(fields: Record<string, unknown>, message: string): void
}

/** What a change touched; a routing table reloads exactly this. */
export type RoutingChange = {
  readonly number_ids: readonly string[]
  readonly agent_ids: readonly string[]
  readonly trunk_ids: readonly string[]
  readonly schedule_ids: readonly string[]
  /** Whose inbound-routing configuration changed. */
  readonly organization_ids: readonly string[]
}

/** Told after each commit that could change who answers. Resolves once this process routes by it. */
export type RoutingFollower = { changed(change: RoutingChange): Promise<void> }

/** Asks the webhook of a number or an organization who shall answer. Never rejects; settles within the question's budget. */
export type InboundWebhook = { ask(question: WebhookQuestion): Promise<WebhookOutcome> }

/**
 * Fetches an agent that the routing table does not hold (null: its latest published version) and keeps it there, if it is
 * that organization's. Never rejects.
 */
export type RememberAgent = (organization_id: string, agent_id: string, version: number | null) => Promise<void>
/** Who writes for an organization, by its settings as they are now. */
export type Writers = {
  for(organization_id: string): Promise<Writer>
  /** The name of the model that the operator has set up for all; null: none. */
  readonly installed_model: string | null
}

/** A request that a tool makes. */
export type WebRequest = {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** null: none. */
  readonly body: string | null
  readonly timeout_ms: number
}

/** `text`: the answer's body, a tool's result. `reason`: a sentence that a language model and a customer understand. */
export type WebAnswer =
  | { readonly ok: true; readonly status: number; readonly text: string }
  | { readonly ok: false; readonly reason: string }

/** Web services that organizations name, at addresses that may be reached. Never rejects, but for the signal's sake. */
export type WebRequests = { send(request: WebRequest, signal: AbortSignal): Promise<WebAnswer> }

/** RTP counts of one call. */
export type MediaCounts = {
  readonly packets_received: number
  readonly packets_sent: number
  readonly packets_lost: number
  readonly packets_late: number
}

export type ConversationItem = {
  /** Milliseconds since the epoch. */
  readonly at_ms: number
  readonly who: 'agent' | 'user'
  readonly kind: 'speech' | 'dtmf'
  readonly text: string
  readonly interrupted: boolean
}

/** What happened in a call, in the order it happened. `id` is the conversation's. */
export type ConversationEvent =
  | {
      readonly kind: 'opened'
      readonly id: string
      readonly at_ms: number
      readonly call: IncomingCall
      readonly decision: RouteDecision
      readonly decided_in_us: number
      readonly status: ConversationStatus
    }
  | { readonly kind: 'answered'; readonly id: string; readonly at_ms: number }
  | { readonly kind: 'item'; readonly id: string; readonly item: ConversationItem }
  | {
      readonly kind: 'closed'
      readonly id: string
      readonly at_ms: number
      readonly status: ConversationStatus
      readonly reason: string
      readonly media: MediaCounts | null
    }

export type RoutedCall = {
  readonly kind: 'routed'
  readonly decision: RouteDecision
  /** Without the time that a webhook took. */
  readonly decided_in_us: number
  /** What the version that answers says, filled in for this call, and waits for; null: no version answers, or it is gone. */
  readonly script: VersionScript | null
}

/** A call whose webhook is being asked. */
export type AskingCall = {
  readonly kind: 'asking'
  /** Never rejects; settles within the webhook's budget, and not at all once the call was given up. */
  readonly routed: Promise<RoutedCall>
  /** The call is over before it was decided: what it would have been without the webhook. Once. */
  give_up(): RoutedCall
}

/** What the telephone side asks of the rest: all of it at once from memory, a webhook's word excepted. */
export type CallDesk = {
  /** The one decision; never throws. */
  route(call: IncomingCall): RoutedCall | AskingCall
  /** How calls go out over a trunk; null: they do not. */
  outbound(trunk_id: string): OutboundTrunk | null
  /** Whether a call of this version began as it should, or failed at its start by our own fault. */
  began(agent_version_id: string, well: boolean): void
  /** Written behind the call's back, in order; a database that is away delays it, never the call. */
  record(event: ConversationEvent): void
  new_id(): string
}

/**
 * Where a forwarded call may be sent: an address of a host name or literal that is public, or that the operator allows.
 * null: none. Never rejects.
 */
export type ForwardGuard = (host: string) => Promise<string | null>

/** What the telephone side offers the process around it. */
export type VoiceEdge = {
  /** Listens. Resolves with where SIP was bound; rejects with the socket's error. */
  start(): Promise<{ readonly host: string; readonly port: number }>
  /** No new calls (503); resolves when those in flight have ended. */
  drain(): Promise<void>
  stop(): Promise<void>
  calls_in_flight(): number
  /** false: no call could be answered with sound now. */
  engine_up(): boolean
}
