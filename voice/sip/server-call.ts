/** A call that somebody makes to us: carries out what server-call-state.ts says. */
import { type Dialog, dialogKey, receiveInDialog } from '#voice/sip/dialog.ts'
import { dtmfOfInfo } from '#voice/sip/dtmf-info.ts'
import { allFields, decodeText, encodeText, type HeaderField, headersOf } from '#voice/sip/message.ts'
import type { Peer } from '#voice/sip/peer.ts'
import { safeFields, safeValue } from '#voice/sip/serialize-message.ts'
import {
  type ServerCallEvent,
  type ServerCallOutput,
  type ServerCallState,
  stepServerCall,
} from '#voice/sip/server-call-state.ts'
import type { ServerTransaction } from '#voice/sip/server-transactions.ts'
import {
  askInDialog,
  contactOf,
  type DialogHolder,
  type Exchange,
  nextHop,
  respond,
  type Stack,
} from '#voice/sip/stack.ts'
import { allowed_methods } from '#voice/sip/status.ts'
import { repeatUntilAck, type SuccessRetransmission } from '#voice/sip/success-retransmission.ts'
import type { InviteHandler, ServerCall, ServerCallEvents } from '#voice/sip/user-agent-types.ts'

export type IncomingInvite = Exchange & { readonly transaction: ServerTransaction; readonly dialog: Dialog }

const sdp_type: HeaderField = ['content-type', 'application/sdp']

/** Asks the handler and wires the call it answers to the transaction and the dialog. */
export function takeCall(stack: Stack, invite: IncomingInvite, offer: string | null, on_invite: InviteHandler): void {
  const { request, source, transaction } = invite
  const to_tag = invite.dialog.local_tag
  const transport = source.transport
  const key = dialogKey(invite.dialog.call_id, to_tag, invite.dialog.remote_tag)
  let dialog = invite.dialog
  let state: ServerCallState = 'incoming'
  let brought: { status: number; reason?: string; fields: readonly HeaderField[]; body: string } = {
    status: 500,
    fields: [],
    body: '',
  }
  let unacknowledged: SuccessRetransmission | null = null
  let our_offer = offer === null
  let acknowledged_body: string | null = null
  let events: ServerCallEvents | null = null
  /** What happened while the handler had not returned yet. */
  const untold: ((to: ServerCallEvents) => void)[] = []

  function tell(what: (to: ServerCallEvents) => void): void {
    if (events === null) untold.push(what)
    else guarded(() => events !== null && what(events))
  }

  function guarded(action: () => void): void {
    try {
      action()
    } catch (error) {
      stack.on_error(error)
    }
  }

  function askForAnswer(sdp: string | null): string | { readonly status: number } {
    try {
      return events?.reoffer(sdp) ?? { status: 500 }
    } catch (error) {
      stack.on_error(error)
      return { status: 500 }
    }
  }

  function apply(event: ServerCallEvent): void {
    const [next, ...outputs] = stepServerCall(state, event)
    state = next
    if (next === 'over') finish()
    for (const output of outputs) carryOut(output)
  }

  function finish(): void {
    unacknowledged?.stop()
    unacknowledged = null
    stack.dialogs.delete(key)
  }

  function carryOut(output: ServerCallOutput): void {
    switch (output) {
      case 'send_180':
        respond(stack, invite, {
          status: 180,
          to_tag,
          with_record_route: true,
          fields: [contactOf(stack, transport)],
        })
        return
      case 'send_200':
        succeed(invite, brought.fields, brought.body)
        return
      case 'send_refusal':
        respond(stack, invite, { ...brought, to_tag })
        return
      case 'send_480':
        respond(stack, invite, { status: 480, to_tag })
        return
      case 'send_487':
        respond(stack, invite, { status: 487, to_tag })
        return
      case 'send_bye':
        sayBye()
        return
      case 'tell_cancelled':
        tell(to => to.cancelled())
        return
      case 'tell_confirmed': {
        const body = acknowledged_body
        tell(to => to.confirmed(body))
        return
      }
      case 'ended_remote_bye':
        tell(to => to.ended('remote_bye'))
        return
      case 'ended_local_bye':
        tell(to => to.ended('local_bye'))
        return
      case 'ended_no_ack':
        tell(to => to.ended('no_ack'))
        return
      case 'ended_transport_error':
        tell(to => to.ended('transport_error'))
        return
    }
  }

  function succeed(exchange: Exchange, more: readonly HeaderField[], body: string): void {
    const fields: HeaderField[] = [contactOf(stack, transport), ['allow', allowed_methods], ...more, sdp_type]
    const send = () => respond(stack, exchange, { status: 200, to_tag, with_record_route: true, fields, body })
    send()
    if (state !== 'over')
      unacknowledged = repeatUntilAck(stack.timers, stack.settings, exchange.head.cseq, send, () => apply('no_ack'))
  }

  function sayBye(): void {
    const done = () => apply('bye_done')
    dialog = askInDialog(stack, dialog, 'BYE', nextHop(dialog, directWay(invite), transport), {
      response: response => response.status >= 200 && done(),
      timeout: done,
      transport_error: () => apply('transport_error'),
    })
  }

  function reoffered(exchange: Exchange): void {
    // The last 2xx has no ACK yet: its offer and answer are not settled (RFC 3261 14.2, RFC 6141 3.5).
    if (unacknowledged !== null) {
      respond(stack, exchange, { status: 491, to_tag })
      return
    }
    if (state !== 'confirmed') {
      respond(stack, exchange, { status: 500, to_tag, fields: [['retry-after', '2']] })
      return
    }
    const sdp = exchange.request.body === '' ? null : decodeText(exchange.request.body)
    const answer = askForAnswer(sdp)
    if (typeof answer !== 'string') {
      respond(stack, exchange, { status: answer.status, to_tag })
      return
    }
    our_offer = sdp === null
    succeed(exchange, [], encodeText(answer))
  }

  const holder: DialogHolder = {
    request(exchange) {
      const next = receiveInDialog(dialog, exchange.request.method, exchange.head)
      if (next === null) {
        respond(stack, exchange, { status: 500, to_tag })
        return
      }
      const { method } = exchange.request
      if (method === 'INVITE' && (state !== 'confirmed' || unacknowledged !== null)) {
        dialog = { ...next, remote_target: dialog.remote_target }
        reoffered(exchange)
      }
      dialog = next
      if (method === 'INVITE') {
        reoffered(exchange)
        return
      }
      if (method === 'BYE') {
        respond(stack, exchange, { status: 200, to_tag })
        apply('bye')
        return
      }
      if (method === 'INFO') {
        informed(exchange)
        return
      }
      respond(stack, exchange, { status: 405, to_tag, fields: [['allow', allowed_methods]] })
    },
    ack(ack, head) {
      if (unacknowledged === null || unacknowledged.cseq !== head.cseq) return
      unacknowledged.stop()
      unacknowledged = null
      acknowledged_body = ack.body === '' ? null : decodeText(ack.body)
      if (state === 'confirmed' && our_offer) carryOut('tell_confirmed')
      else apply('ack')
    },
  }

  function informed(exchange: Exchange): void {
    const dtmf = dtmfOfInfo(exchange.request)
    if (dtmf === 'foreign' && exchange.request.body !== '') {
      respond(stack, exchange, {
        status: 415,
        to_tag,
        fields: [['accept', 'application/sdp, application/dtmf-relay, application/dtmf']],
      })
      return
    }
    respond(stack, exchange, { status: dtmf === null ? 400 : 200, to_tag })
    if (dtmf !== null && dtmf !== 'foreign') tell(to => to.dtmf(dtmf.digit))
  }

  const call: ServerCall = {
    call_id: decodeText(invite.head.call_id),
    source: { address: source.address, port: source.port, transport: source.transport },
    request_uri: decodeText(request.uri),
    headers: headersOf(request),
    offer,
    ringing: () => apply('ring'),
    answer(sdp, headers = []) {
      if (state === 'incoming' || state === 'ringing')
        brought = { status: 200, fields: safeFields(headers), body: encodeText(sdp) }
      apply('answer')
    },
    refuse(status, options = {}) {
      const final = Number.isInteger(status) && status >= 300 && status <= 699 ? status : 500
      const reason = options.reason === undefined ? {} : { reason: encodeText(safeValue(options.reason)) }
      if (state === 'incoming' || state === 'ringing')
        brought = { status: final, ...reason, fields: safeFields(options.headers ?? []), body: '' }
      apply('refuse')
    },
    hang_up: () => apply('hang_up'),
  }

  stack.dialogs.set(key, holder)
  transaction.user = { transport_error: () => apply('transport_error'), cancel: () => apply('cancel') }
  try {
    events = on_invite(call)
  } catch (error) {
    stack.on_error(error)
    call.refuse(500)
    call.hang_up()
    return
  }
  for (const what of untold) tell(what)
  // A handler that has not answered yet wants time: 100 stops the repetitions (17.2.1).
  if (transaction.last === '' && transaction.state.name === 'proceeding')
    respond(stack, invite, { status: 100, to_tag: null })
}

/** The way back without a route and without a proxy: the connection, or the source where a NAT rewrote it. */
function directWay({ request, head, source }: Exchange): Peer | null {
  if (allFields(request, 'via').length > 1 || head.via.end < head.via_line.length) return null
  if (source.transport === 'tcp') return source.connection?.open === true ? source : null
  return head.via.host === source.address ? null : source
}
