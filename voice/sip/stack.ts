/** What the calls of one user agent share. */
import type { ClientTransactions, ClientUser } from '#voice/sip/client-transactions.ts'
import { type Dialog, dialogRequest, nextInDialog } from '#voice/sip/dialog.ts'
import type { HeaderField, SipRequest } from '#voice/sip/message.ts'
import { type Peer, requestTarget, responseTarget } from '#voice/sip/peer.ts'
import { randomToken, statelessTag } from '#voice/sip/random-token.ts'
import type { RequestHead } from '#voice/sip/request-head.ts'
import { buildResponse, type ResponseParts } from '#voice/sip/response.ts'
import { serializeMessage } from '#voice/sip/serialize-message.ts'
import type { ServerTransaction, ServerTransactions } from '#voice/sip/server-transactions.ts'
import type { TimerSettings, Timers } from '#voice/sip/timers.ts'

export type Stack = {
  /** `host:port` of our Contact and Via. */
  readonly public_host: string
  readonly timers: Timers
  readonly settings: TimerSettings
  readonly servers: ServerTransactions
  readonly clients: ClientTransactions
  /** By `dialogKey`. */
  readonly dialogs: Map<string, DialogHolder>
  send(to: Peer, text: string, failed: (() => void) | null): void
  on_error(error: unknown): void
}

/** A request with where it came from; `transaction` null: answered without memory (RFC 3261 8.2.7). */
export type Exchange = {
  readonly request: SipRequest
  readonly head: RequestHead
  readonly source: Peer
  readonly transaction: ServerTransaction | null
}

/** A call, as the requests inside of its dialog see it. */
export type DialogHolder = {
  request(exchange: Exchange): void
  ack(request: SipRequest, head: RequestHead): void
}

export function respond(stack: Stack, exchange: Exchange, parts: ResponseParts): void {
  const { request, head, source, transaction } = exchange
  const text = buildResponse(request, head.via, source, parts)
  if (transaction === null) stack.send(responseTarget(head.via, source), text, null)
  else stack.servers.respond(transaction, parts.status, text)
}

/** Final answer outside of any dialog of ours. */
export function refuse(stack: Stack, exchange: Exchange, status: number, fields: readonly HeaderField[] = []): void {
  const { head } = exchange
  const to_tag = statelessTag(`${head.call_id}\n${head.from_tag}\n${head.cseq}\n${head.via.branch ?? ''}`)
  respond(stack, exchange, { status, to_tag, fields })
}

export function contactOf(stack: Stack, transport: 'udp' | 'tcp'): HeaderField {
  return ['contact', transport === 'tcp' ? `<sip:${stack.public_host};transport=tcp>` : `<sip:${stack.public_host}>`]
}

export function viaOf(stack: Stack, transport: 'udp' | 'tcp', branch: string): HeaderField {
  return ['via', `SIP/2.0/${transport.toUpperCase()} ${stack.public_host};branch=${branch};rport`]
}

export function newBranch(): string {
  return `z9hG4bK${randomToken()}`
}

/**
 * Where requests in a dialog go. Without a route, an end behind a NAT or on a connection of its own is only reachable
 * the way it came (`direct`); else as its Contact says.
 */
export function nextHop(dialog: Dialog, direct: Peer | null, transport: 'udp' | 'tcp'): Peer | null {
  if (dialog.route_set.length === 0 && direct !== null) return direct
  const { next_hop } = dialogRequest(dialog, 'BYE', 0)
  return next_hop === null ? null : requestTarget(next_hop, transport)
}

/** Sends a request inside of a dialog; `user` hears the answer, or at once that it cannot be sent. Returns the dialog after it. */
export function askInDialog(stack: Stack, dialog: Dialog, method: string, to: Peer | null, user: ClientUser): Dialog {
  const next = nextInDialog(dialog)
  if (to === null) {
    user.transport_error()
    return next
  }
  const branch = newBranch()
  const { request_uri, fields } = dialogRequest(next, method, next.local_cseq)
  const request = {
    kind: 'request',
    method,
    uri: request_uri,
    fields: [viaOf(stack, to.transport, branch), ...fields],
    body: '',
  } as const
  stack.clients.ask({ method, branch, text: serializeMessage(request), to }, user, null)
  return next
}
