/** A call that somebody makes to us: carries out what server-call-state.ts says. */
import { type Dialog, dialogKey, receiveInDialog, refreshTarget } from '#voice/sip/dialog.ts'
import { dtmfOfInfo } from '#voice/sip/dtmf-info.ts'
import {
  allFields,
  decodeText,
  encodeText,
  type HeaderField,
  headersOf,
  type SipRequest,
  type SipResponse,
} from '#voice/sip/message.ts'
import type { Peer } from '#voice/sip/peer.ts'
import type { RequestHead } from '#voice/sip/request-head.ts'
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
  refuse,
  respond,
  type Stack,
} from '#voice/sip/stack.ts'
import { allowed_methods } from '#voice/sip/status.ts'
import { repeatUntilAck, type SuccessRetransmission } from '#voice/sip/success-retransmission.ts'
import type { InviteHandler, ServerCall, ServerCallEvents } from '#voice/sip/user-agent-types.ts'

export type IncomingInvite = Exchange & { readonly transaction: ServerTransaction; readonly dialog: Dialog }

const sdp_type: HeaderField = ['content-type', 'application/sdp']

type Final = {
  readonly status: number
  readonly reason?: string
  readonly fields: readonly HeaderField[]
  readonly body: string
  readonly once?: boolean
}

const endings = {
  ended_remote_bye: 'remote_bye',
  ended_local_bye: 'local_bye',
  ended_no_ack: 'no_ack',
  ended_transport_error: 'transport_error',
} as const

/** Asks the handler and wires the call it answers to the transaction and the dialog. */
export function takeCall(stack: Stack, invite: IncomingInvite, offer: string | null, on_invite: InviteHandler): void {
  const running = new RunningServerCall(stack, invite, offer)
  stack.dialogs.set(running.key, running)
  invite.transaction.user = {
    transport_error: () => running.apply('transport_error'),
    cancel: () => running.apply('cancel'),
  }
  const call = running.asServerCall()
  try {
    running.begin(on_invite(call))
  } catch (error) {
    stack.on_error(error)
    call.refuse(500)
    call.hang_up()
    return
  }
  // A handler that has not answered yet wants time: 100 stops the repetitions (17.2.1).
  if (invite.transaction.last === '' && invite.transaction.state.name === 'proceeding')
    respond(stack, invite, { status: 100, to_tag: null })
}

class RunningServerCall implements DialogHolder {
  readonly key: string
  readonly #stack: Stack
  readonly #invite: IncomingInvite
  readonly #offer: string | null
  readonly #to_tag: string
  readonly #transport: 'udp' | 'tcp'
  #dialog: Dialog
  #state: ServerCallState = 'incoming'
  #final: Final = { status: 500, fields: [], body: '' }
  #unacknowledged: SuccessRetransmission | null = null
  #our_offer: boolean
  #acknowledged_body: string | null = null
  #events: ServerCallEvents | null = null
  /** What happened while the handler had not returned yet. */
  readonly #untold: ((to: ServerCallEvents) => void)[] = []

  constructor(stack: Stack, invite: IncomingInvite, offer: string | null) {
    this.#stack = stack
    this.#invite = invite
    this.#offer = offer
    this.#our_offer = offer === null
    this.#dialog = invite.dialog
    this.#to_tag = invite.dialog.local_tag
    this.#transport = invite.source.transport
    this.key = dialogKey(invite.dialog.call_id, this.#to_tag, invite.dialog.remote_tag)
  }

  begin(events: ServerCallEvents): void {
    this.#events = events
    for (const what of this.#untold) this.#tell(what)
  }

  asServerCall(): ServerCall {
    const { head, source, request } = this.#invite
    const is_open = () => this.#state === 'incoming' || this.#state === 'ringing'
    return {
      call_id: decodeText(head.call_id),
      source: { address: source.address, port: source.port, transport: source.transport },
      request_uri: decodeText(request.uri),
      headers: headersOf(request),
      offer: this.#offer,
      ringing: () => this.apply('ring'),
      answer: (sdp, headers = []) => {
        if (is_open()) this.#final = { status: 200, fields: safeFields(headers), body: encodeText(sdp) }
        this.apply('answer')
      },
      refuse: (asked, options = {}) => {
        const status = Number.isInteger(asked) && asked >= 300 && asked <= 699 ? asked : 500
        const reason = options.reason === undefined ? {} : { reason: encodeText(safeValue(options.reason)) }
        const { headers = [], once = false } = options
        if (is_open()) this.#final = { status, ...reason, fields: safeFields(headers), body: '', once }
        this.apply('refuse')
      },
      hang_up: () => this.apply('hang_up'),
    }
  }

  apply(event: ServerCallEvent): void {
    const [next, ...outputs] = stepServerCall(this.#state, event)
    this.#state = next
    if (next === 'over') {
      this.#unacknowledged?.stop()
      this.#unacknowledged = null
      this.#stack.dialogs.delete(this.key)
    }
    for (const output of outputs) this.#carryOut(output)
  }

  /** A request inside of the dialog, ACK excepted. */
  request(exchange: Exchange): void {
    const { method } = exchange.request
    const next = receiveInDialog(this.#dialog, exchange.head)
    if (next === null) {
      this.#respond(exchange, 500)
      return
    }
    this.#dialog = next
    if (method === 'INVITE') this.#reoffered(exchange)
    else if (method === 'BYE') {
      this.#respond(exchange, 200)
      this.apply('bye')
    } else if (method === 'INFO') this.#informed(exchange)
    else this.#respond(exchange, 405, [['allow', allowed_methods]])
  }

  ack(ack: SipRequest, head: RequestHead): void {
    if (this.#unacknowledged === null || this.#unacknowledged.cseq !== head.cseq) return
    this.#unacknowledged.stop()
    this.#unacknowledged = null
    this.#acknowledged_body = ack.body === '' ? null : decodeText(ack.body)
    if (this.#state === 'confirmed' && this.#our_offer) this.#carryOut('tell_confirmed')
    else this.apply('ack')
  }

  #carryOut(output: ServerCallOutput): void {
    switch (output) {
      case 'send_180': {
        const fields = [contactOf(this.#stack, this.#transport)]
        respond(this.#stack, this.#invite, { status: 180, to_tag: this.#to_tag, with_record_route: true, fields })
        return
      }
      case 'send_200':
        this.#succeed(this.#invite, this.#final.fields, this.#final.body)
        return
      case 'send_refusal':
        this.#refuse()
        return
      case 'send_480':
        this.#respond(this.#invite, 480)
        return
      case 'send_487':
        this.#respond(this.#invite, 487)
        return
      case 'send_bye':
        this.#sayBye()
        return
      case 'tell_cancelled':
        this.#tell(to => to.cancelled())
        return
      case 'tell_confirmed': {
        const body = this.#acknowledged_body
        this.#tell(to => to.confirmed(body))
        return
      }
      default: {
        const reason = endings[output]
        this.#tell(to => to.ended(reason))
      }
    }
  }

  #respond(exchange: Exchange, status: number, fields: readonly HeaderField[] = []): void {
    respond(this.#stack, exchange, { status, to_tag: this.#to_tag, fields })
  }

  #refuse(): void {
    const { status, fields, once } = this.#final
    if (once === true) {
      this.#stack.servers.drop(this.#invite.transaction)
      refuse(this.#stack, { ...this.#invite, transaction: null }, status, fields)
    } else respond(this.#stack, this.#invite, { ...this.#final, to_tag: this.#to_tag })
  }

  #tell(what: (to: ServerCallEvents) => void): void {
    if (this.#events === null) {
      this.#untold.push(what)
      return
    }
    try {
      what(this.#events)
    } catch (error) {
      this.#stack.on_error(error)
    }
  }

  #succeed(exchange: Exchange, more: readonly HeaderField[], body: string): void {
    const { timers, settings } = this.#stack
    const contact = contactOf(this.#stack, this.#transport)
    const fields: HeaderField[] = [contact, ['allow', allowed_methods], ...more, sdp_type]
    const parts = { status: 200, to_tag: this.#to_tag, with_record_route: true, fields, body }
    const send = () => respond(this.#stack, exchange, parts)
    this.#unacknowledged = repeatUntilAck(timers, settings, exchange.head.cseq, send, () => this.apply('no_ack'))
    send()
  }

  #sayBye(): void {
    const done = () => this.apply('bye_done')
    const to = nextHop(this.#dialog, directWay(this.#invite), this.#transport)
    const user = {
      response: (response: SipResponse) => response.status >= 200 && done(),
      timeout: done,
      transport_error: () => this.apply('transport_error'),
    }
    this.#dialog = askInDialog(this.#stack, this.#dialog, 'BYE', to, user)
  }

  #reoffered(exchange: Exchange): void {
    // The last 2xx has no ACK yet: its offer and answer are not settled (RFC 3261 14.2, RFC 6141 3.5).
    if (this.#unacknowledged !== null) {
      this.#respond(exchange, 491)
      return
    }
    if (this.#state !== 'confirmed') {
      this.#respond(exchange, 500, [['retry-after', '2']])
      return
    }
    const sdp = exchange.request.body === '' ? null : decodeText(exchange.request.body)
    const answer = this.#askForAnswer(sdp)
    if (typeof answer !== 'string') {
      this.#respond(exchange, answer.status)
      return
    }
    this.#dialog = refreshTarget(this.#dialog, exchange.head)
    this.#our_offer = sdp === null
    this.#succeed(exchange, [], encodeText(answer))
  }

  #askForAnswer(sdp: string | null): string | { readonly status: number } {
    try {
      return this.#events?.reoffer(sdp) ?? { status: 500 }
    } catch (error) {
      this.#stack.on_error(error)
      return { status: 500 }
    }
  }

  #informed(exchange: Exchange): void {
    const dtmf = dtmfOfInfo(exchange.request)
    if (dtmf === 'foreign' && exchange.request.body !== '') {
      this.#respond(exchange, 415, [['accept', 'application/sdp, application/dtmf-relay, application/dtmf']])
      return
    }
    this.#respond(exchange, dtmf === null ? 400 : 200)
    if (dtmf !== null && dtmf !== 'foreign') this.#tell(to => to.dtmf(dtmf.digit))
  }
}

/** The way back without a route and without a proxy: the connection, or the source where a NAT rewrote it. */
function directWay({ request, head, source }: Exchange): Peer | null {
  if (allFields(request, 'via').length > 1 || head.via.end < head.via_line.length) return null
  if (source.transport === 'tcp') return source.connection?.open === true ? source : null
  return head.via.host === source.address ? null : source
}
