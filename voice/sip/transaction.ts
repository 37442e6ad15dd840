/** What the four transaction machines of RFC 3261 section 17 have in common. */
import type { TimerSettings } from '#voice/sip/timers.ts'

export type TimerName = 'A' | 'B' | 'D' | 'E' | 'F' | 'G' | 'H' | 'I' | 'J' | 'K' | 'L' | 'M'

export type TransactionOutput =
  /** Send what the event brought: the request at first, a response of the user's. */
  | 'send'
  /** Send the last message once more. */
  | 'resend'
  /** Client INVITE: ACK for a final non-2xx, in this transaction (17.1.1.3). */
  | 'send_ack'
  /** The user hears of the event. */
  | 'tell'
  | 'tell_timeout'
  | 'tell_transport_error'
  | { readonly set: TimerName; readonly delay_ms: number }
  | { readonly clear: TimerName }

export type Step<State> = { readonly state: State; readonly outputs: readonly TransactionOutput[] }

export type TransactionEvent =
  | 'start'
  | 'request'
  | 'ack'
  | 'provisional'
  | 'success'
  | 'failure'
  | 'transport_error'
  | { readonly timer: TimerName }

export type Conditions = TimerSettings & {
  /** TCP: the transport retransmits, we do not. */
  readonly reliable: boolean
}

/** How long a transaction waits for the other side: Timers B, F, H, J, L, M. */
export function patience_ms(conditions: TimerSettings): number {
  return 64 * conditions.t1_ms
}
