/** Dialogs (RFC 3261 section 12): what two ends agree on, and the requests inside. Pure. */
import type { HeaderField, SipRequest, SipResponse } from '#voice/sip/message.ts'
import { allFields, firstField } from '#voice/sip/message.ts'
import { parseNameAddr } from '#voice/sip/name-addr.ts'
import { splitList } from '#voice/sip/params.ts'
import type { RequestHead } from '#voice/sip/request-head.ts'
import { hasParam, parseUri, type SipUri } from '#voice/sip/uri.ts'

export type Dialog = {
  readonly call_id: string
  readonly local_tag: string
  readonly remote_tag: string
  /** From and To of our requests, with their tags. */
  readonly local: string
  readonly remote: string
  readonly local_cseq: number
  /** Null until the far end has sent a request. */
  readonly remote_cseq: number | null
  /** URI of the far end's Contact. */
  readonly remote_target: string
  /** In the order of our Route headers, each as `<uri>`. */
  readonly route_set: readonly string[]
}

export type DialogRequest = {
  readonly request_uri: string
  readonly fields: readonly HeaderField[]
  /** The URI that says where to send it: the first route, or the remote target (8.1.2). */
  readonly next_hop: SipUri | null
}

/** Finds the dialog of a request (12.2.2), seen from the end that holds it. */
export function dialogKey(call_id: string, local_tag: string, remote_tag: string): string {
  return `${call_id}\n${local_tag}\n${remote_tag}`
}

/** At the end that was called (12.1.1). Null without a usable Contact. */
export function uasDialog(invite: SipRequest, head: RequestHead, local_tag: string): Dialog | null {
  if (head.contact === null || head.contact.uri.scheme === 'other') return null
  return {
    call_id: head.call_id,
    local_tag,
    remote_tag: head.from_tag,
    local: `${firstField(invite, 'to') ?? ''};tag=${local_tag}`,
    remote: firstField(invite, 'from') ?? '',
    local_cseq: 0,
    remote_cseq: head.cseq,
    remote_target: head.contact.uri_text,
    route_set: routes(allFields(invite, 'record-route')),
  }
}

/** At the end that called (12.1.2). Null without a usable Contact. */
export function uacDialog(
  invite: { readonly call_id: string; readonly from: string; readonly from_tag: string; readonly cseq: number },
  response: SipResponse,
  to_tag: string,
): Dialog | null {
  const contact = parseNameAddr(firstField(response, 'contact') ?? '')
  if (contact === null || contact.uri.scheme === 'other') return null
  return {
    call_id: invite.call_id,
    local_tag: invite.from_tag,
    remote_tag: to_tag,
    local: invite.from,
    remote: firstField(response, 'to') ?? '',
    local_cseq: invite.cseq,
    remote_cseq: null,
    remote_target: contact.uri_text,
    route_set: routes(allFields(response, 'record-route')).reverse(),
  }
}

function routes(lines: readonly string[]): string[] {
  const found: string[] = []
  for (const line of lines)
    for (const element of splitList(line)) {
      const address = parseNameAddr(element)
      if (address !== null) found.push(`<${address.uri_text}>`)
    }
  return found
}

/** A request of the far end: null when its CSeq is not new (12.2.2: answer 500). */
export function receiveInDialog(dialog: Dialog, head: RequestHead): Dialog | null {
  if (dialog.remote_cseq !== null && head.cseq <= dialog.remote_cseq) return null
  return { ...dialog, remote_cseq: head.cseq }
}

/** After a 2xx to a re-INVITE: its Contact is the new remote target (12.2.2). */
export function refreshTarget(dialog: Dialog, head: RequestHead): Dialog {
  if (head.contact === null || head.contact.uri.scheme === 'other') return dialog
  return { ...dialog, remote_target: head.contact.uri_text }
}

/** The dialog with its next CSeq taken. */
export function nextInDialog(dialog: Dialog): Dialog {
  return { ...dialog, local_cseq: dialog.local_cseq + 1 }
}

/** A request of ours (12.2.1.1), without Via. ACK takes the CSeq of its INVITE, others the dialog's. */
export function dialogRequest(dialog: Dialog, method: string, cseq: number): DialogRequest {
  const [first, ...rest] = dialog.route_set
  let request_uri = dialog.remote_target
  let route_set = dialog.route_set
  let next_hop = first === undefined ? request_uri : first.slice(1, -1)
  const first_uri = first === undefined ? null : parseUri(next_hop)
  if (first !== undefined && first_uri?.scheme === 'sip' && !hasParam(first_uri, 'lr')) {
    // A strict router wants to be the Request-URI itself, and the target last.
    request_uri = first.slice(1, -1)
    route_set = [...rest, `<${dialog.remote_target}>`]
    next_hop = request_uri
  }
  const fields: HeaderField[] = route_set.map(route => ['route', route] as const)
  fields.push(['max-forwards', '70'], ['from', dialog.local], ['to', dialog.remote])
  fields.push(['call-id', dialog.call_id], ['cseq', `${cseq} ${method}`])
  const uri = parseUri(next_hop)
  return { request_uri, fields, next_hop: uri?.scheme === 'sip' ? uri : null }
}
