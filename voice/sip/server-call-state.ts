/** A call that was made to us, from INVITE to BYE (RFC 3261 13.3, 15.1, 9.2). Pure: `(state, event) → (state, outputs)`. */

export type ServerCallState =
  | 'incoming'
  | 'ringing'
  | 'answered'
  | 'answered_unwanted'
  | 'confirmed'
  | 'ending'
  | 'over'

export type ServerCallEvent =
  | 'ring'
  | 'answer'
  | 'refuse'
  | 'hang_up'
  | 'cancel'
  | 'ack'
  /** 64*T1 without ACK for a 2xx. */
  | 'no_ack'
  | 'bye'
  /** Our BYE was answered, or nobody answers it. */
  | 'bye_done'
  | 'transport_error'

export type ServerCallOutput =
  | 'send_180'
  | 'send_200'
  | 'send_refusal'
  | 'send_480'
  | 'send_487'
  | 'send_bye'
  | 'tell_cancelled'
  | 'tell_confirmed'
  | 'ended_remote_bye'
  | 'ended_local_bye'
  | 'ended_no_ack'
  | 'ended_transport_error'

type Step = readonly [ServerCallState, ...ServerCallOutput[]]

const before_answer: Partial<Record<ServerCallEvent, Step>> = {
  ring: ['ringing', 'send_180'],
  answer: ['answered', 'send_200'],
  refuse: ['over', 'send_refusal'],
  hang_up: ['over', 'send_480', 'ended_local_bye'],
  cancel: ['over', 'send_487', 'tell_cancelled'],
  bye: ['over', 'send_487', 'ended_remote_bye'],
  transport_error: ['over', 'ended_transport_error'],
}

/** What is not listed changes nothing. */
const table: Record<ServerCallState, Partial<Record<ServerCallEvent, Step>>> = {
  incoming: before_answer,
  ringing: before_answer,
  answered: {
    ack: ['confirmed', 'tell_confirmed'],
    // 15: no BYE from us before the ACK.
    hang_up: ['answered_unwanted'],
    no_ack: ['over', 'send_bye', 'ended_no_ack'],
    bye: ['over', 'ended_remote_bye'],
    transport_error: ['over', 'ended_transport_error'],
  },
  answered_unwanted: {
    ack: ['ending', 'send_bye'],
    no_ack: ['over', 'send_bye', 'ended_no_ack'],
    bye: ['over', 'ended_local_bye'],
    transport_error: ['over', 'ended_transport_error'],
  },
  confirmed: {
    hang_up: ['ending', 'send_bye'],
    no_ack: ['over', 'send_bye', 'ended_no_ack'],
    bye: ['over', 'ended_remote_bye'],
  },
  ending: {
    bye: ['over', 'ended_local_bye'],
    bye_done: ['over', 'ended_local_bye'],
    transport_error: ['over', 'ended_transport_error'],
  },
  over: {},
}

export function stepServerCall(state: ServerCallState, event: ServerCallEvent): Step {
  return table[state][event] ?? [state]
}
