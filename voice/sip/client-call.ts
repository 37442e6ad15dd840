/** A call that we make: carries out what client-call-state.ts says. */
import {
  type ClientCallEvent,
  type ClientCallOutput,
  type ClientCallState,
  stepClientCall,
} from '#voice/sip/client-call-state.ts'
import { type Dialog, dialogKey, dialogRequest, receiveInDialog, uacDialog } from '#voice/sip/dialog.ts'
import {
  decodeText,
  encodeText,
  firstField,
  type HeaderField,
  headersOf,
  type SipResponse,
} from '#voice/sip/message.ts'
import { type Peer, parseHostPort } from '#voice/sip/peer.ts'
import { randomToken } from '#voice/sip/random-token.ts'
import type { ResponseHead } from '#voice/sip/response-head.ts'
import { safeFields, serializeMessage } from '#voice/sip/serialize-message.ts'
import {
  askInDialog,
  contactOf,
  type DialogHolder,
  newBranch,
  nextHop,
  respond,
  type Stack,
  viaOf,
} from '#voice/sip/stack.ts'
import { allowed_methods, reasonPhrase } from '#voice/sip/status.ts'
import type { TimerHandle } from '#voice/sip/timers.ts'
import { patience_ms } from '#voice/sip/transaction.ts'
import { parseUri } from '#voice/sip/uri.ts'
import type { ClientCall, ClientCallEvents, InviteOptions } from '#voice/sip/user-agent-types.ts'

type Invite = {
  readonly to: Peer
  readonly target: string
  readonly branch: string
  readonly call_id: string
  readonly from: string
  readonly from_tag: string
  readonly cseq: 1
  readonly via: HeaderField
}

/** Throws TypeError for a target, next hop or user that cannot be written into a message. Events never come before it returns. */
export function placeCall(stack: Stack, options: InviteOptions, events: ClientCallEvents): ClientCall {
  const invite = newInvite(stack, options)
  let state: ClientCallState = 'calling'
  let dialog: Dialog | null = null
  let last: { readonly response: SipResponse; readonly head: ResponseHead } | null = null
  let giving_up: TimerHandle | null = null
  const over: (() => void)[] = []

  function apply(event: ClientCallEvent): void {
    const [next, ...outputs] = stepClientCall(state, event)
    state = next
    for (const output of outputs) carryOut(output)
    if (next === 'over') finish()
  }

  function finish(): void {
    if (giving_up !== null) stack.timers.clear(giving_up)
    giving_up = null
    if (dialog !== null) stack.dialogs.delete(dialogKey(dialog.call_id, dialog.local_tag, dialog.remote_tag))
    for (const resolve of over.splice(0)) resolve()
  }

  function tell(what: () => void): void {
    try {
      what()
    } catch (error) {
      stack.on_error(error)
    }
  }

  function carryOut(output: ClientCallOutput): void {
    const response = last?.response
    switch (output) {
      case 'send_cancel':
        sendCancel()
        return
      case 'send_ack':
        sendAck()
        return
      case 'send_bye':
        sayBye()
        return
      case 'tell_progress':
        tell(() => response && events.progress(response.status, decodeText(response.reason)))
        return
      case 'tell_answered':
        tell(() => response && events.answered(decodeText(response.body), headersOf(response)))
        return
      case 'tell_failure':
        tell(() => response && events.failed(response.status, decodeText(response.reason), headersOf(response)))
        return
      case 'failed_408':
      case 'failed_487':
      case 'failed_500':
      case 'failed_503': {
        const status = Number(output.slice(7))
        tell(() => events.failed(status, reasonPhrase(status), headersOf({ fields: [] })))
        return
      }
      case 'ended_remote_bye':
        tell(() => events.ended('remote_bye'))
        return
      case 'ended_local_bye':
        tell(() => events.ended('local_bye'))
        return
      case 'ended_transport_error':
        tell(() => events.ended('transport_error'))
        return
    }
  }

  function sendCancel(): void {
    const fields: HeaderField[] = [
      invite.via,
      ['max-forwards', '70'],
      ['from', invite.from],
      ['to', `<${invite.target}>`],
    ]
    fields.push(['call-id', invite.call_id], ['cseq', '1 CANCEL'])
    const text = serializeMessage({ kind: 'request', method: 'CANCEL', uri: invite.target, fields, body: '' })
    const ignored = { response() {}, timeout() {}, transport_error() {} }
    stack.clients.ask({ method: 'CANCEL', branch: invite.branch, text, to: invite.to }, ignored, null)
    giving_up = stack.timers.set(patience_ms(stack.settings), () => apply('cancel_timeout'))
  }

  /** A new transaction of its own, by the dialog's route (13.2.2.4). */
  function sendAck(): void {
    if (dialog === null) return
    const to = hop(dialog)
    if (to === null) return
    const { request_uri, fields } = dialogRequest(dialog, 'ACK', 1)
    const via = viaOf(stack, to.transport, newBranch())
    stack.send(
      to,
      serializeMessage({ kind: 'request', method: 'ACK', uri: request_uri, fields: [via, ...fields], body: '' }),
      null,
    )
  }

  function hop(of: Dialog): Peer | null {
    // A connection that is open is the only sure way; over UDP the Contact says where.
    return nextHop(of, invite.to.transport === 'tcp' ? invite.to : null, invite.to.transport)
  }

  function sayBye(): void {
    if (dialog === null) return
    dialog = askInDialog(stack, dialog, 'BYE', hop(dialog), {
      response: response => response.status >= 200 && apply('bye_done'),
      timeout: () => apply('bye_done'),
      transport_error: () => apply('transport_error'),
    })
  }

  function succeeded(response: SipResponse, head: ResponseHead): void {
    if (dialog !== null && head.to_tag !== dialog.remote_tag) {
      endFork(response, head)
      return
    }
    if (dialog === null) {
      dialog = uacDialog(invite, response, head.to_tag)
      if (dialog === null) {
        apply('unusable')
        return
      }
      stack.dialogs.set(dialogKey(dialog.call_id, dialog.local_tag, dialog.remote_tag), holder)
    }
    apply('success')
  }

  /** A second answer to one INVITE: taken and ended (13.2.2.4). */
  function endFork(response: SipResponse, head: ResponseHead): void {
    const fork = uacDialog(invite, response, head.to_tag)
    const to = fork === null ? null : hop(fork)
    if (fork === null || to === null) return
    const { request_uri, fields } = dialogRequest(fork, 'ACK', 1)
    const via = viaOf(stack, to.transport, newBranch())
    stack.send(
      to,
      serializeMessage({ kind: 'request', method: 'ACK', uri: request_uri, fields: [via, ...fields], body: '' }),
      null,
    )
    askInDialog(stack, fork, 'BYE', to, { response() {}, timeout() {}, transport_error() {} })
  }

  const holder: DialogHolder = {
    request(exchange) {
      const to_tag = invite.from_tag
      const next = dialog === null ? null : receiveInDialog(dialog, exchange.request.method, exchange.head)
      if (next === null) {
        respond(stack, exchange, { status: 500, to_tag })
        return
      }
      dialog = next
      switch (exchange.request.method) {
        case 'BYE':
          respond(stack, exchange, { status: 200, to_tag })
          {
            apply('bye')
            return
          }
        case 'INFO':
          respond(stack, exchange, { status: 200, to_tag })
          return
        case 'INVITE':
          // The caller's media stays as it was agreed (14.2).
          respond(stack, exchange, { status: 488, to_tag })
          return
        default:
          respond(stack, exchange, { status: 405, to_tag, fields: [['allow', allowed_methods]] })
          return
      }
    },
    ack() {},
  }

  const text = inviteText(stack, invite, options)
  setImmediate(() => {
    if (state === 'unwanted') {
      apply('timeout')
      return
    }
    stack.clients.ask(
      { method: 'INVITE', branch: invite.branch, text, to: invite.to },
      {
        response(response, head) {
          last = { response, head }
          if (response.status >= 200 && response.status < 300) succeeded(response, head)
          else apply(response.status < 200 ? 'provisional' : 'failure')
        },
        timeout: () => apply('timeout'),
        transport_error: () => apply('transport_error'),
      },
      response => ackText(invite, response),
    )
  })

  return {
    call_id: invite.call_id,
    hang_up() {
      if (state === 'over') return Promise.resolve()
      const ended = new Promise<void>(resolve => over.push(resolve))
      apply('hang_up')
      return ended
    },
  }
}

function newInvite(stack: Stack, options: InviteOptions): Invite {
  const target = parseUri(options.target)
  if (target === null || target.scheme === 'other') throw new TypeError('target must be a sip: or tel: URI')
  const hop = parseHostPort(options.next_hop)
  if (hop === null) throw new TypeError('next_hop must be host or host:port')
  const user = encodeURIComponent(options.from_user).replace(/%2B/g, '+').replace(/%23/g, '#')
  const from_tag = randomToken()
  const branch = newBranch()
  return {
    to: { transport: options.transport, address: hop.host, port: hop.port, connection: null },
    target: options.target,
    branch,
    call_id: randomToken(),
    from: `<sip:${user}@${stack.public_host}>;tag=${from_tag}`,
    from_tag,
    cseq: 1,
    via: viaOf(stack, options.transport, branch),
  }
}

function inviteText(stack: Stack, invite: Invite, options: InviteOptions): string {
  const fields: HeaderField[] = [
    invite.via,
    ['max-forwards', '70'],
    ['from', invite.from],
    ['to', `<${invite.target}>`],
  ]
  fields.push(['call-id', invite.call_id], ['cseq', '1 INVITE'], contactOf(stack, options.transport), [
    'allow',
    allowed_methods,
  ])
  fields.push(...safeFields(options.headers ?? []), ['content-type', 'application/sdp'])
  return serializeMessage({
    kind: 'request',
    method: 'INVITE',
    uri: invite.target,
    fields,
    body: encodeText(options.offer),
  })
}

/** ACK to a final non-2xx: same branch, same Request-URI, To of the response (17.1.1.3). */
function ackText(invite: Invite, response: SipResponse): string {
  const fields: HeaderField[] = [
    invite.via,
    ['max-forwards', '70'],
    ['from', invite.from],
    ['to', firstField(response, 'to') ?? ''],
  ]
  fields.push(['call-id', invite.call_id], ['cseq', '1 ACK'])
  return serializeMessage({ kind: 'request', method: 'ACK', uri: invite.target, fields, body: '' })
}
