/** A call before anything was done about it, and its first and last lines in the record. */
import type { ConversationEvent, RoutedCall } from '#app/ports.ts'
import type { IncomingCall } from '#core/call.ts'
import type { Sdp } from '#voice/sdp.ts'
import type { CallServices } from '#voice/session/live-call.ts'
import type { ServerCall } from '#voice/sip/user-agent-types.ts'

/** Goes with a 503. */
export const RETRY_AFTER: readonly [string, string] = ['Retry-After', '5']

export type Arrival = {
  readonly call: ServerCall
  readonly incoming: IncomingCall
  /** The INVITE's; null when it had none. */
  readonly offer: Sdp | null
  /** The conversation's. */
  readonly id: string
  readonly at_ms: number
  /** The caller hears it ring already. */
  readonly rings: boolean
}

export const recordOpened = (
  { id, at_ms, incoming }: Arrival,
  { decision, decided_in_us }: RoutedCall,
  { desk }: CallServices,
): void => desk.record({ kind: 'opened', id, at_ms, call: incoming, decision, decided_in_us, status: 'ringing' })

/** A call that never was up. */
export const recordUnanswered = (
  arrival: Arrival,
  routed: RoutedCall,
  { status, reason }: Pick<ConversationEvent & { kind: 'closed' }, 'status' | 'reason'>,
  services: CallServices,
): void => {
  recordOpened(arrival, routed, services)
  services.desk.record({ kind: 'closed', id: arrival.id, at_ms: services.clock.now_ms(), status, reason, media: null })
}
