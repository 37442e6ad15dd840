/** Non-INVITE server transaction: RFC 3261 17.2.2. */
import { type Conditions, patience_ms, type Step, type TransactionEvent } from '#voice/sip/transaction.ts'

export type ServerState = { readonly name: 'trying' | 'proceeding' | 'completed' | 'terminated' }

export const new_server: ServerState = { name: 'trying' }
const proceeding: ServerState = { name: 'proceeding' }
const completed: ServerState = { name: 'completed' }
const terminated: ServerState = { name: 'terminated' }

export function stepServer(state: ServerState, event: TransactionEvent, conditions: Conditions): Step<ServerState> {
  const is_open = state.name === 'trying' || state.name === 'proceeding'
  if (event === 'transport_error' && state.name !== 'terminated')
    return { state: terminated, outputs: ['tell_transport_error'] }
  if (event === 'request')
    return { state, outputs: state.name === 'proceeding' || state.name === 'completed' ? ['resend'] : [] }
  if (event === 'provisional' && is_open) return { state: proceeding, outputs: ['send'] }
  if ((event === 'success' || event === 'failure') && is_open) {
    if (conditions.reliable) return { state: terminated, outputs: ['send'] }
    return { state: completed, outputs: ['send', { set: 'J', delay_ms: patience_ms(conditions) }] }
  }
  if (typeof event === 'object' && event.timer === 'J' && state.name === 'completed')
    return { state: terminated, outputs: [] }
  return { state, outputs: [] }
}
