/** Non-INVITE client transaction: RFC 3261 17.1.2. */
import { type Conditions, patience_ms, type Step, type TransactionEvent } from '#voice/sip/transaction.ts'

export type ClientState = {
  readonly name: 'trying' | 'proceeding' | 'completed' | 'terminated'
  /** Interval of Timer E. */
  readonly resend_ms: number
}

export const new_client: ClientState = { name: 'trying', resend_ms: 0 }
const completed: ClientState = { name: 'completed', resend_ms: 0 }
const terminated: ClientState = { name: 'terminated', resend_ms: 0 }

type Result = Step<ClientState>

export function stepClient(state: ClientState, event: TransactionEvent, conditions: Conditions): Result {
  if (state.name === 'terminated') return { state, outputs: [] }
  if (event === 'transport_error') return { state: terminated, outputs: ['tell_transport_error'] }
  if (state.name === 'completed')
    return typeof event === 'object' && event.timer === 'K'
      ? { state: terminated, outputs: [] }
      : { state, outputs: [] }
  switch (event) {
    case 'start':
      return start(conditions)
    case 'provisional':
      return { state: { name: 'proceeding', resend_ms: state.resend_ms }, outputs: ['tell'] }
    case 'success':
    case 'failure':
      if (conditions.reliable) return { state: terminated, outputs: ['tell'] }
      return {
        state: completed,
        outputs: ['tell', { clear: 'E' }, { clear: 'F' }, { set: 'K', delay_ms: conditions.t4_ms }],
      }
    default:
      return typeof event === 'object' ? onTimer(state, event.timer, conditions) : { state, outputs: [] }
  }
}

function start(conditions: Conditions): Result {
  const give_up = { set: 'F', delay_ms: patience_ms(conditions) } as const
  if (conditions.reliable) return { state: new_client, outputs: ['send', give_up] }
  const resend_ms = conditions.t1_ms
  return { state: { name: 'trying', resend_ms }, outputs: ['send', { set: 'E', delay_ms: resend_ms }, give_up] }
}

function onTimer(state: ClientState, timer: string, conditions: Conditions): Result {
  if (timer === 'F') return { state: terminated, outputs: ['tell_timeout'] }
  if (timer !== 'E') return { state, outputs: [] }
  // A provisional answer says that the request has arrived: from then on T2 is enough (17.1.2.2).
  const resend_ms = state.name === 'proceeding' ? conditions.t2_ms : Math.min(2 * state.resend_ms, conditions.t2_ms)
  return { state: { name: state.name, resend_ms }, outputs: ['resend', { set: 'E', delay_ms: resend_ms }] }
}
