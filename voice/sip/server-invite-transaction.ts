/** INVITE server transaction: RFC 3261 17.2.1 with the Accepted state of RFC 6026. */
import { type Conditions, patience_ms, type Step, type TransactionEvent } from '#voice/sip/transaction.ts'

export type ServerInviteState = {
  readonly name: 'proceeding' | 'completed' | 'confirmed' | 'accepted' | 'terminated'
  /** Interval of Timer G. */
  readonly resend_ms: number
}

export const new_server_invite: ServerInviteState = { name: 'proceeding', resend_ms: 0 }
const accepted: ServerInviteState = { name: 'accepted', resend_ms: 0 }
const confirmed: ServerInviteState = { name: 'confirmed', resend_ms: 0 }
const terminated: ServerInviteState = { name: 'terminated', resend_ms: 0 }

type Result = Step<ServerInviteState>

/** `request` is a retransmission; the responses are those that the user wants to send. */
export function stepServerInvite(state: ServerInviteState, event: TransactionEvent, conditions: Conditions): Result {
  if (event === 'transport_error' && state.name !== 'terminated')
    return { state: terminated, outputs: ['tell_transport_error'] }
  switch (state.name) {
    case 'proceeding':
      return inProceeding(state, event, conditions)
    case 'completed':
      return inCompleted(state, event, conditions)
    case 'confirmed':
      return typeof event === 'object' && event.timer === 'I' ? { state: terminated, outputs: [] } : stay(state)
    case 'accepted':
      // 2xx are repeated by the user until ACK; the transaction only swallows INVITEs (RFC 6026 7.1).
      if (event === 'ack') return { state, outputs: ['tell'] }
      if (event === 'success') return { state, outputs: ['send'] }
      return typeof event === 'object' && event.timer === 'L' ? { state: terminated, outputs: [] } : stay(state)
    case 'terminated':
      return stay(state)
  }
}

function stay(state: ServerInviteState): Result {
  return { state, outputs: [] }
}

function inProceeding(state: ServerInviteState, event: TransactionEvent, conditions: Conditions): Result {
  switch (event) {
    case 'request':
      return { state, outputs: ['resend'] }
    case 'provisional':
      return { state, outputs: ['send'] }
    case 'success':
      return { state: accepted, outputs: ['send', { set: 'L', delay_ms: patience_ms(conditions) }] }
    case 'failure': {
      const give_up = { set: 'H', delay_ms: patience_ms(conditions) } as const
      const resend_ms = conditions.t1_ms
      const completed = { name: 'completed', resend_ms } as const
      if (conditions.reliable) return { state: completed, outputs: ['send', give_up] }
      return { state: completed, outputs: ['send', { set: 'G', delay_ms: resend_ms }, give_up] }
    }
    default:
      return stay(state)
  }
}

function inCompleted(state: ServerInviteState, event: TransactionEvent, conditions: Conditions): Result {
  if (event === 'request') return { state, outputs: ['resend'] }
  if (event === 'ack') {
    if (conditions.reliable) return { state: terminated, outputs: [{ clear: 'H' }] }
    return { state: confirmed, outputs: [{ clear: 'G' }, { clear: 'H' }, { set: 'I', delay_ms: conditions.t4_ms }] }
  }
  if (typeof event !== 'object') return stay(state)
  if (event.timer === 'H') return { state: terminated, outputs: ['tell_timeout'] }
  if (event.timer !== 'G') return stay(state)
  const resend_ms = Math.min(2 * state.resend_ms, conditions.t2_ms)
  return { state: { name: 'completed', resend_ms }, outputs: ['resend', { set: 'G', delay_ms: resend_ms }] }
}
