/** INVITE client transaction: RFC 3261 17.1.1 with the Accepted state of RFC 6026. */
import { type Conditions, patience_ms, type Step, type TransactionEvent } from '#voice/sip/transaction.ts'

export type ClientInviteState = {
  readonly name: 'calling' | 'proceeding' | 'completed' | 'accepted' | 'terminated'
  /** Interval of Timer A. */
  readonly resend_ms: number
}

export const new_client_invite: ClientInviteState = { name: 'calling', resend_ms: 0 }
const proceeding: ClientInviteState = { name: 'proceeding', resend_ms: 0 }
const completed: ClientInviteState = { name: 'completed', resend_ms: 0 }
const accepted: ClientInviteState = { name: 'accepted', resend_ms: 0 }
const terminated: ClientInviteState = { name: 'terminated', resend_ms: 0 }

/** Timer D: at least 32 s over UDP, nothing to wait for over TCP. */
const timer_d_ms = 32_000

type Result = Step<ClientInviteState>

export function stepClientInvite(state: ClientInviteState, event: TransactionEvent, conditions: Conditions): Result {
  if (event === 'transport_error' && state.name !== 'terminated')
    return { state: terminated, outputs: ['tell_transport_error'] }
  switch (state.name) {
    case 'calling':
      return inCalling(state, event, conditions)
    case 'proceeding':
      return onResponse(state, event, conditions, [])
    case 'completed':
      if (event === 'failure') return { state, outputs: ['send_ack'] }
      return typeof event === 'object' && event.timer === 'D' ? { state: terminated, outputs: [] } : stay(state)
    case 'accepted':
      if (event === 'success') return { state, outputs: ['tell'] }
      return typeof event === 'object' && event.timer === 'M' ? { state: terminated, outputs: [] } : stay(state)
    case 'terminated':
      return stay(state)
  }
}

function stay(state: ClientInviteState): Result {
  return { state, outputs: [] }
}

function inCalling(state: ClientInviteState, event: TransactionEvent, conditions: Conditions): Result {
  if (event === 'start') {
    const give_up = { set: 'B', delay_ms: patience_ms(conditions) } as const
    if (conditions.reliable) return { state, outputs: ['send', give_up] }
    const resend_ms = conditions.t1_ms
    return { state: { name: 'calling', resend_ms }, outputs: ['send', { set: 'A', delay_ms: resend_ms }, give_up] }
  }
  if (typeof event !== 'object') return onResponse(state, event, conditions, [{ clear: 'A' }, { clear: 'B' }])
  if (event.timer === 'B') return { state: terminated, outputs: ['tell_timeout'] }
  if (event.timer !== 'A') return stay(state)
  const resend_ms = 2 * state.resend_ms
  return { state: { name: 'calling', resend_ms }, outputs: ['resend', { set: 'A', delay_ms: resend_ms }] }
}

function onResponse(
  state: ClientInviteState,
  event: TransactionEvent,
  conditions: Conditions,
  before: Result['outputs'],
): Result {
  if (event === 'provisional') return { state: proceeding, outputs: [...before, 'tell'] }
  if (event === 'success') {
    const swallow = { set: 'M', delay_ms: patience_ms(conditions) } as const
    return { state: accepted, outputs: [...before, 'tell', swallow] }
  }
  if (event !== 'failure') return stay(state)
  if (conditions.reliable) return { state: terminated, outputs: [...before, 'send_ack', 'tell'] }
  return { state: completed, outputs: [...before, 'send_ack', 'tell', { set: 'D', delay_ms: timer_d_ms }] }
}
