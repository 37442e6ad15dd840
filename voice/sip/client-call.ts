/** A call that we make: carries out what client-call-state.ts says. */
import {
  type ClientCallEvent,
  type ClientCallOutput,
  type ClientCallState,
  stepClientCall,
} from '#voice/sip/client-call-state.ts'
import type { ClientUser } from '#voice/sip/client-transactions.ts'
import { type Dialog, dialogKey, dialogRequest, receiveInDialog, uacDialog } from '#voice/sip/dialog.ts'
import { answerChallenge, isStale } from '#voice/sip/digest-client.ts'
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
  type Exchange,
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
  /** One more with every INVITE of the call (22.2). */
  readonly cseq: number
  readonly via: HeaderField
}

const failures = { failed_408: 408, failed_487: 487, failed_500: 500, failed_503: 503 } as const
const endings = {
  ended_remote_bye: 'remote_bye',
  ended_local_bye: 'local_bye',
  ended_transport_error: 'transport_error',
} as const
const nobody: ClientUser = { response() {}, timeout() {}, transport_error() {} }

/** Throws TypeError for a target or next hop that cannot be written into a message. Events never come before it returns. */
export function placeCall(stack: Stack, options: InviteOptions, events: ClientCallEvents): ClientCall {
  const invite = newInvite(stack, options)
  const text = inviteText(stack, invite, options)
  const running = new RunningClientCall(stack, invite, options, events)
  setImmediate(() => running.send(text))
  return { call_id: invite.call_id, hang_up: () => running.hangUp() }
}

class RunningClientCall implements DialogHolder {
  readonly #stack: Stack
  #invite: Invite
  readonly #options: InviteOptions
  readonly #events: ClientCallEvents
  /** Our answer to the last challenge. */
  #authorization: readonly [string, string] | null = null
  #answers = 0
  #state: ClientCallState = 'calling'
  #dialog: Dialog | null = null
  #last: SipResponse | null = null
  #cancel_timer: TimerHandle | null = null
  readonly #when_over: (() => void)[] = []

  constructor(stack: Stack, invite: Invite, options: InviteOptions, events: ClientCallEvents) {
    this.#stack = stack
    this.#invite = invite
    this.#options = options
    this.#events = events
  }

  send(text: string): void {
    const invite = this.#invite
    const { branch, to } = invite
    const user: ClientUser = {
      response: (response, head) => this.#answered(response, head),
      timeout: () => this.#apply('timeout'),
      transport_error: () => this.#apply('transport_error'),
    }
    this.#stack.clients.ask({ method: 'INVITE', branch, text, to }, user, response => ackText(invite, response))
  }

  hangUp(): Promise<void> {
    if (this.#state === 'over') return Promise.resolve()
    const ended = new Promise<void>(resolve => this.#when_over.push(resolve))
    this.#apply('hang_up')
    return ended
  }

  /** A request of the called end inside of the dialog. */
  request(exchange: Exchange): void {
    const next = this.#dialog === null ? null : receiveInDialog(this.#dialog, exchange.head)
    const { method } = exchange.request
    let status = 405
    if (next === null) status = 500
    else {
      this.#dialog = next
      if (method === 'BYE' || method === 'INFO') status = 200
      // The caller's media stays as it was agreed (14.2).
      else if (method === 'INVITE') status = 488
    }
    const fields: HeaderField[] = status === 405 ? [['allow', allowed_methods]] : []
    respond(this.#stack, exchange, { status, to_tag: this.#invite.from_tag, fields })
    if (method === 'BYE' && status === 200) this.#apply('bye')
  }

  ack(): void {}

  #answered(response: SipResponse, head: ResponseHead): void {
    this.#last = response
    if (response.status < 200) this.#apply('provisional')
    else if (response.status >= 300) this.#apply(this.#canAnswer(response) ? 'challenge' : 'failure')
    else if (this.#dialog === null) {
      this.#dialog = uacDialog(this.#invite, response, head.to_tag)
      if (this.#dialog !== null) this.#stack.dialogs.set(keyOf(this.#dialog), this)
      this.#apply(this.#dialog === null ? 'unusable' : 'success')
    } else if (head.to_tag === this.#dialog.remote_tag) this.#apply('success')
    else this.#endFork(response, head)
  }

  /** Once, and once more where only the nonce was too old (RFC 7616 3.3). */
  #canAnswer(response: SipResponse): boolean {
    const { credentials, target } = this.#options
    const headers = headersOf(response)
    const { status } = response
    if (credentials === undefined || (status !== 401 && status !== 407)) return false
    if (this.#answers > (isStale(headers) ? 1 : 0)) return false
    this.#authorization = answerChallenge({ status, headers }, { method: 'INVITE', uri: target }, credentials)
    return this.#authorization !== null
  }

  #sendAgain(): void {
    if (this.#authorization === null) return
    this.#answers += 1
    const branch = newBranch()
    const via = viaOf(this.#stack, this.#options.transport, branch)
    this.#invite = { ...this.#invite, cseq: this.#invite.cseq + 1, branch, via }
    const headers = [...(this.#options.headers ?? []), this.#authorization]
    this.send(inviteText(this.#stack, this.#invite, { ...this.#options, headers }))
  }

  #apply(event: ClientCallEvent): void {
    const [next, ...outputs] = stepClientCall(this.#state, event)
    this.#state = next
    for (const output of outputs) this.#carryOut(output)
    if (next !== 'over') return
    // 9.1: an INVITE that was cancelled and never answered is forgotten; a 200 after that is nobody's.
    if (event === 'cancel_timeout') this.#stack.clients.forget(this.#invite.branch, 'INVITE')
    if (this.#cancel_timer !== null) this.#stack.timers.clear(this.#cancel_timer)
    this.#cancel_timer = null
    if (this.#dialog !== null) this.#stack.dialogs.delete(keyOf(this.#dialog))
    for (const resolve of this.#when_over.splice(0)) resolve()
  }

  #carryOut(output: ClientCallOutput): void {
    const response = this.#last ?? { status: 500, reason: '', fields: [], body: '' }
    const { status } = response
    const reason = decodeText(response.reason)
    switch (output) {
      case 'send_again':
        this.#sendAgain()
        return
      case 'send_cancel':
        this.#sendCancel()
        return
      case 'send_ack':
        if (this.#dialog !== null) this.#sendAck(this.#dialog)
        return
      case 'send_bye':
        this.#sayBye()
        return
      case 'tell_progress':
        this.#tell(to => to.progress(status, reason))
        return
      case 'tell_answered':
        this.#tell(to => to.answered(decodeText(response.body), headersOf(response)))
        return
      case 'tell_failure':
        this.#tell(to => to.failed(status, reason, headersOf(response)))
        return
      case 'failed_408':
      case 'failed_487':
      case 'failed_500':
      case 'failed_503':
        this.#tell(to => to.failed(failures[output], reasonPhrase(failures[output]), headersOf({ fields: [] })))
        return
      default:
        this.#tell(to => to.ended(endings[output]))
    }
  }

  #tell(what: (to: ClientCallEvents) => void): void {
    try {
      what(this.#events)
    } catch (error) {
      this.#stack.on_error(error)
    }
  }

  #sendCancel(): void {
    const { timers, settings, clients } = this.#stack
    const { branch, to } = this.#invite
    clients.ask({ method: 'CANCEL', branch, text: cancelText(this.#invite), to }, nobody, null)
    this.#cancel_timer = timers.set(patience_ms(settings), () => this.#apply('cancel_timeout'))
  }

  /** ACK to a 2xx: a transaction of its own, by the dialog's route (13.2.2.4). */
  #sendAck(dialog: Dialog): void {
    const to = this.#hop(dialog)
    if (to === null) return
    const { request_uri, fields } = dialogRequest(dialog, 'ACK', this.#invite.cseq)
    const via = viaOf(this.#stack, to.transport, newBranch())
    const ack = { kind: 'request', method: 'ACK', uri: request_uri, fields: [via, ...fields], body: '' } as const
    this.#stack.send(to, serializeMessage(ack), null)
  }

  /** A connection that is open is the sure way; over UDP the Contact says where. */
  #hop(dialog: Dialog): Peer | null {
    const { to } = this.#invite
    if (this.#options.stays_there === true) return to
    return nextHop(dialog, to.transport === 'tcp' ? to : null, to.transport)
  }

  #sayBye(): void {
    if (this.#dialog === null) return
    this.#dialog = askInDialog(this.#stack, this.#dialog, 'BYE', this.#hop(this.#dialog), {
      response: response => response.status >= 200 && this.#apply('bye_done'),
      timeout: () => this.#apply('bye_done'),
      transport_error: () => this.#apply('transport_error'),
    })
  }

  /** A second answer to one INVITE is taken and ended (13.2.2.4). */
  #endFork(response: SipResponse, head: ResponseHead): void {
    const fork = uacDialog(this.#invite, response, head.to_tag)
    if (fork === null) return
    this.#sendAck(fork)
    askInDialog(this.#stack, fork, 'BYE', this.#hop(fork), nobody)
  }
}

function keyOf(dialog: Dialog): string {
  return dialogKey(dialog.call_id, dialog.local_tag, dialog.remote_tag)
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
    ['max-forwards', String(options.max_forwards ?? 70)],
    ['from', invite.from],
    ['to', `<${invite.target}>`],
  ]
  fields.push(['call-id', invite.call_id], ['cseq', `${invite.cseq} INVITE`], contactOf(stack, options.transport), [
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
  fields.push(['call-id', invite.call_id], ['cseq', `${invite.cseq} ACK`])
  return serializeMessage({ kind: 'request', method: 'ACK', uri: invite.target, fields, body: '' })
}

/** CANCEL: the INVITE's branch, Request-URI, From, To and CSeq number (9.1). */
function cancelText(invite: Invite): string {
  const fields: HeaderField[] = [
    invite.via,
    ['max-forwards', '70'],
    ['from', invite.from],
    ['to', `<${invite.target}>`],
  ]
  fields.push(['call-id', invite.call_id], ['cseq', `${invite.cseq} CANCEL`])
  return serializeMessage({ kind: 'request', method: 'CANCEL', uri: invite.target, fields, body: '' })
}
