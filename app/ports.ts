/** What Patchcord needs from outside itself, and what its parts ask of each other across threads. Types only. */
import type { IncomingCall } from '#core/call.ts'
import type { ConversationStatus } from '#core/conversation.ts'
import type { RouteAnswer, RouteDecision } from '#core/route.ts'
import type { VersionScript } from '#core/routing-table.ts'
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

/** What the telephone side asks of the rest. All of it answers at once, from memory. */
export type CallDesk = {
  /** The one decision; never throws, never waits. */
  route(call: IncomingCall): { readonly decision: RouteDecision; readonly decided_in_us: number }
  /** What the version that answers says and waits for; ask in the same breath as `route`. */
  script(answer: RouteAnswer): VersionScript | null
  /** Written behind the call's back, in order; a database that is away delays it, never the call. */
  record(event: ConversationEvent): void
  new_id(): string
}

/** What the telephone side offers the process around it. */
export type VoiceEdge = {
  /** Listens. Resolves with where SIP was bound; rejects with the socket's error. */
  start(): Promise<{ readonly host: string; readonly port: number }>
  /** No new calls (503); resolves when those in flight have ended. */
  drain(): Promise<void>
  stop(): Promise<void>
  calls_in_flight(): number
}
