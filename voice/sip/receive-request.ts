/** Every request that arrives: to its transaction, to its dialog, to a new call, or refused (RFC 3261 8.2, 12.2.2, 16.3). */
import { dialogKey, uasDialog } from '#voice/sip/dialog.ts'
import { isUnderstood, offerOf } from '#voice/sip/invite-body.ts'
import { allFields, type HeaderField, type Malformed, type SipRequest } from '#voice/sip/message.ts'
import { type Peer, responseTarget } from '#voice/sip/peer.ts'
import { randomToken, statelessTag } from '#voice/sip/random-token.ts'
import { readRequestHead } from '#voice/sip/request-head.ts'
import { buildResponse } from '#voice/sip/response.ts'
import { takeCall } from '#voice/sip/server-call.ts'
import { mergeKey, serverKey } from '#voice/sip/server-transactions.ts'
import { type Exchange, refuse, type Stack } from '#voice/sip/stack.ts'
import { allowed_methods, statusOfForeignMethod } from '#voice/sip/status.ts'
import { parseUri } from '#voice/sip/uri.ts'
import type { InviteHandler } from '#voice/sip/user-agent-types.ts'
import { parseVia } from '#voice/sip/via.ts'

const allow: HeaderField = ['allow', allowed_methods]
const accept: HeaderField = ['accept', 'application/sdp']
const methods_taken = new Set(['INVITE', 'ACK', 'BYE', 'CANCEL', 'OPTIONS', 'INFO'])

/** False: malformed. */
export function receiveRequest(stack: Stack, request: SipRequest, source: Peer, on_invite: InviteHandler): boolean {
  const head = readRequestHead(request)
  if (head.kind === 'bad') {
    refuseMalformed(stack, { status: 400, reason: head.reason, request }, source)
    return false
  }
  const { method } = request
  const key = serverKey(head, method, request.uri)
  const known = stack.servers.find(key)
  if (method === 'ACK') {
    // For a non-2xx it ends the transaction (17.1.1.3); for a 2xx it is a matter of the dialog.
    if (known !== undefined) stack.servers.event(known, 'ack')
    stack.dialogs.get(dialogKey(head.call_id, head.to_tag, head.from_tag))?.ack(request, head)
    return true
  }
  if (known !== undefined) {
    stack.servers.event(known, 'request')
    return true
  }
  const exchange: Exchange = { request, head, source, transaction: null }
  if (method === 'CANCEL') cancel(stack, exchange)
  else if (!methods_taken.has(method)) refuse(stack, exchange, statusOfForeignMethod(method), [allow])
  else if (!mayPass(stack, exchange)) return true
  else if (head.to_tag !== '') inDialog(stack, exchange, key)
  else if (method === 'OPTIONS')
    refuse(stack, exchange, 200, [allow, accept, ['accept-encoding', 'identity'], ['supported', '']])
  else if (method === 'INVITE') newCall(stack, exchange, key, on_invite)
  else refuse(stack, exchange, 481)
  return true
}

/** CANCEL has the branch of what it cancels (9.2). Only an INVITE can still be cancelled. */
function cancel(stack: Stack, exchange: Exchange): void {
  const invite = stack.servers.find(serverKey(exchange.head, 'INVITE', exchange.request.uri))
  refuse(stack, exchange, invite === undefined ? 481 : 200)
  invite?.user?.cancel()
}

/** Request-URI, Require (8.2.2.1, 8.2.2.3). Refuses and says false when it may not. */
function mayPass(stack: Stack, exchange: Exchange): boolean {
  const { request } = exchange
  const uri = parseUri(request.uri)
  // 19.1.1: headers have no place in a Request-URI. TLS is not spoken here, so neither is sips.
  if (uri === null || (uri.scheme === 'sip' && uri.headers !== '')) refuse(stack, exchange, 400)
  else if (uri.scheme === 'other' || uri.scheme === 'sips') refuse(stack, exchange, 416)
  else {
    const required = allFields(request, 'require')
    if (required.length === 0) return true
    refuse(
      stack,
      exchange,
      420,
      required.map(line => ['unsupported', line] as const),
    )
  }
  return false
}

function inDialog(stack: Stack, exchange: Exchange, key: string): void {
  const { head, request } = exchange
  const holder = stack.dialogs.get(dialogKey(head.call_id, head.to_tag, head.from_tag))
  if (holder === undefined) {
    refuse(stack, exchange, 481)
    return
  }
  if (request.method === 'OPTIONS') {
    refuse(stack, exchange, 200, [allow, accept, ['supported', '']])
    return
  }
  const is_invite = request.method === 'INVITE'
  const transaction = stack.servers.open(
    key,
    mergeKey(head, request.method),
    is_invite,
    responseTarget(head.via, exchange.source),
  )
  // With a full table a re-INVITE has to wait; a BYE is never refused, only its repetitions are not recognized.
  if (transaction === null && is_invite) refuse(stack, exchange, 503, [['retry-after', '5']])
  else holder.request({ ...exchange, transaction })
}

function newCall(stack: Stack, exchange: Exchange, key: string, on_invite: InviteHandler): void {
  const { head, request, source } = exchange
  const merge_key = mergeKey(head, 'INVITE')
  if (stack.servers.is_merged(merge_key)) {
    refuse(stack, exchange, 482)
    return
  }
  const dialog = uasDialog(request, head, randomToken())
  if (dialog === null) {
    refuse(stack, exchange, 400)
    return
  }
  const offer = offerOf(request)
  if (offer === 'foreign') {
    refuse(stack, exchange, 415, [accept, ['accept-encoding', 'identity']])
    return
  }
  if (!isUnderstood(request)) {
    refuse(stack, exchange, 406, [accept])
    return
  }
  const transaction = stack.servers.open(key, merge_key, true, responseTarget(head.via, source))
  if (transaction === null) {
    refuse(stack, exchange, 503, [['retry-after', '5']])
    return
  }
  takeCall(stack, { request, head, source, transaction, dialog }, offer, on_invite)
}

/** 400 or 505 where there is somebody to tell, and never for an ACK (17.1.1.3). */
export function refuseMalformed(
  stack: Stack,
  fault: { readonly status: Malformed['status']; readonly reason: string; readonly request: SipRequest | null },
  source: Peer,
): void {
  const { status, reason, request } = fault
  const line = request === null ? undefined : allFields(request, 'via')[0]
  if (status === null || request === null || line === undefined || request.method === 'ACK') return
  const via = parseVia(line)
  const text = buildResponse(request, via, source, { status, reason, to_tag: statelessTag(line) })
  stack.send(via === null ? source : responseTarget(via, source), text, null)
}
