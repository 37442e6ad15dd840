/** A call that we make, from INVITE to BYE (RFC 3261 13.2, 15.1, 9.1). Pure: `(state, event) → (state, outputs)`. */

export type ClientCallState = 'calling' | 'unwanted' | 'proceeding' | 'cancelling' | 'answered' | 'ending' | 'over'

export type ClientCallEvent =
  | 'provisional'
  /** Every 2xx: a repeated one asks for its ACK again. */
  | 'success'
  /** A 2xx without a Contact that we could call back: no dialog can be made of it. */
  | 'unusable'
  | 'failure'
  /** A refusal that asks for credentials, and we have an answer. */
  | 'challenge'
  | 'timeout'
  | 'transport_error'
  | 'hang_up'
  /** 64*T1 after CANCEL without a final answer (9.1). */
  | 'cancel_timeout'
  | 'bye'
  | 'bye_done'

export type ClientCallOutput =
  | 'send_again'
  | 'send_cancel'
  | 'send_ack'
  | 'send_bye'
  | 'tell_progress'
  | 'tell_answered'
  | 'tell_failure'
  | 'failed_408'
  | 'failed_487'
  | 'failed_500'
  | 'failed_503'
  | 'ended_remote_bye'
  | 'ended_local_bye'
  | 'ended_transport_error'

type Step = readonly [ClientCallState, ...ClientCallOutput[]]

const unanswered: Partial<Record<ClientCallEvent, Step>> = {
  unusable: ['over', 'failed_500'],
  failure: ['over', 'tell_failure'],
  challenge: ['over', 'tell_failure'],
  timeout: ['over', 'failed_408'],
  transport_error: ['over', 'failed_503'],
}

/** What is not listed changes nothing. */
const table: Record<ClientCallState, Partial<Record<ClientCallEvent, Step>>> = {
  calling: {
    ...unanswered,
    challenge: ['calling', 'send_again'],
    provisional: ['proceeding', 'tell_progress'],
    success: ['answered', 'send_ack', 'tell_answered'],
    // 9.1: no CANCEL before a provisional response.
    hang_up: ['unwanted'],
  },
  unwanted: {
    ...unanswered,
    provisional: ['cancelling', 'send_cancel'],
    success: ['ending', 'send_ack', 'send_bye'],
  },
  proceeding: {
    ...unanswered,
    // The INVITE sent again has no provisional response yet.
    challenge: ['calling', 'send_again'],
    provisional: ['proceeding', 'tell_progress'],
    success: ['answered', 'send_ack', 'tell_answered'],
    hang_up: ['cancelling', 'send_cancel'],
  },
  cancelling: {
    ...unanswered,
    success: ['ending', 'send_ack', 'send_bye'],
    cancel_timeout: ['over', 'failed_487'],
  },
  answered: {
    success: ['answered', 'send_ack'],
    hang_up: ['ending', 'send_bye'],
    bye: ['over', 'ended_remote_bye'],
  },
  ending: {
    success: ['ending', 'send_ack'],
    bye: ['over', 'ended_local_bye'],
    bye_done: ['over', 'ended_local_bye'],
    transport_error: ['over', 'ended_transport_error'],
  },
  over: { success: ['over', 'send_ack'] },
}

export function stepClientCall(state: ClientCallState, event: ClientCallEvent): Step {
  return table[state][event] ?? [state]
}
