/**
 * A forwarded call whose two ends Patchcord joins, as a state machine: `(phase, event) → (phase, outputs)`. Pure;
 * voice/session/bridge-call.ts does what the outputs say.
 */
import type { ConversationStatus } from '#core/conversation.ts'

/** Nobody lets it ring for longer (RFC 3261 16.6 waits three minutes; a person does not). */
export const RING_LIMIT_MS = 60_000
/** Without media of ours, two ends that vanish are noticed by nothing else. */
export const BRIDGE_LIMIT_MS = 4 * 3_600_000

/** `placing`: looking for the way. `calling`: INVITE sent. `joined`: both have answered. */
export type BridgePhase = 'placing' | 'calling' | 'joined' | 'over'

export type BridgeEvent =
  | { readonly kind: 'way_found' }
  | { readonly kind: 'no_way'; readonly reason: string }
  | { readonly kind: 'target_rings' }
  /** `sdp`: of its 200; `''` without any. */
  | { readonly kind: 'target_answered'; readonly sdp: string }
  | { readonly kind: 'target_refused'; readonly status: number }
  | { readonly kind: 'target_ended'; readonly reason: 'remote_bye' | 'local_bye' | 'transport_error' }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'caller_ended'; readonly reason: 'remote_bye' | 'local_bye' | 'no_ack' | 'transport_error' }
  | { readonly kind: 'timer'; readonly timer: BridgeTimer }
  | { readonly kind: 'shut_down' }

export type BridgeTimer = 'ring' | 'duration'
export type BridgeRefusal = 480 | 486 | 488 | 503 | 603

export type BridgeOutput =
  | { readonly kind: 'place' | 'ring' | 'hang_up_caller' | 'hang_up_target' | 'report_answered' }
  | { readonly kind: 'answer'; readonly sdp: string }
  | { readonly kind: 'refuse'; readonly sip_status: BridgeRefusal }
  | { readonly kind: 'set_timer'; readonly timer: BridgeTimer; readonly after_ms: number }
  | { readonly kind: 'clear_timer'; readonly timer: BridgeTimer }
  /** The last output. */
  | { readonly kind: 'close'; readonly status: ConversationStatus; readonly reason: string }

export type BridgeStep = readonly [BridgePhase, ...BridgeOutput[]]

/** What the caller hears of the target's refusal: busy and declined as they are, no codec as it is, the rest as nobody there. */
const refusalOf = (status: number): readonly [BridgeRefusal, ConversationStatus, string] => {
  if (status === 486 || status === 600) return [486, 'unanswered', 'forward_busy']
  if (status === 603) return [603, 'unanswered', 'forward_declined']
  if (status === 488 || status === 606) return [488, 'unanswered', 'forward_no_common_codec']
  if (status === 408 || status === 480 || status === 487) return [480, 'unanswered', 'forward_unanswered']
  return [480, 'failed', 'forward_failed']
}

const over = (status: ConversationStatus, reason: string, ...deeds: readonly BridgeOutput[]): BridgeStep => [
  'over',
  ...deeds,
  { kind: 'clear_timer', timer: 'ring' },
  { kind: 'clear_timer', timer: 'duration' },
  { kind: 'close', status, reason },
]

const HANG_UP_CALLER: BridgeOutput = { kind: 'hang_up_caller' }
const HANG_UP_TARGET: BridgeOutput = { kind: 'hang_up_target' }
const refusing = (sip_status: BridgeRefusal): BridgeOutput => ({ kind: 'refuse', sip_status })

/** Before both have answered. */
const unanswered = (phase: 'placing' | 'calling', event: BridgeEvent): BridgeStep => {
  const target: readonly BridgeOutput[] = phase === 'calling' ? [HANG_UP_TARGET] : []
  switch (event.kind) {
    case 'cancelled':
      return over('cancelled', 'cancelled', ...target)
    case 'caller_ended':
      // A BYE in an early dialog (RFC 3261 15) is a caller who gave up.
      if (event.reason === 'remote_bye') return over('cancelled', 'cancelled', ...target)
      return over('failed', event.reason, ...target)
    case 'shut_down':
      return over('failed', 'shut_down', refusing(503), ...target)
    case 'timer':
      return over('unanswered', 'forward_unanswered', refusing(480), ...target)
    case 'no_way':
      return over('failed', event.reason, refusing(480))
    default:
      return [phase]
  }
}

const calling = (event: BridgeEvent): BridgeStep => {
  switch (event.kind) {
    case 'target_rings':
      return ['calling', { kind: 'ring' }]
    case 'target_answered':
      // Nothing that the caller could be answered with.
      if (event.sdp === '') return over('failed', 'forward_failed', refusing(480), HANG_UP_TARGET)
      return [
        'joined',
        { kind: 'answer', sdp: event.sdp },
        { kind: 'report_answered' },
        { kind: 'clear_timer', timer: 'ring' },
        { kind: 'set_timer', timer: 'duration', after_ms: BRIDGE_LIMIT_MS },
      ]
    case 'target_refused': {
      const [sip_status, status, reason] = refusalOf(event.status)
      return over(status, reason, refusing(sip_status))
    }
    case 'target_ended':
      return over('failed', 'forward_failed', refusing(480))
    default:
      return unanswered('calling', event)
  }
}

const joined = (event: BridgeEvent): BridgeStep => {
  switch (event.kind) {
    case 'target_ended':
      if (event.reason === 'remote_bye') return over('transferred', 'forwarded', HANG_UP_CALLER)
      return over('failed', event.reason, HANG_UP_CALLER)
    case 'caller_ended':
      if (event.reason === 'remote_bye') return over('transferred', 'forwarded', HANG_UP_TARGET)
      return over('failed', event.reason, HANG_UP_TARGET)
    case 'timer':
      return over('transferred', 'max_duration', HANG_UP_CALLER, HANG_UP_TARGET)
    case 'shut_down':
      return over('failed', 'shut_down', HANG_UP_CALLER, HANG_UP_TARGET)
    default:
      return ['joined']
  }
}

export const stepBridge = (phase: BridgePhase, event: BridgeEvent): BridgeStep => {
  switch (phase) {
    case 'placing':
      if (event.kind !== 'way_found') return unanswered('placing', event)
      return ['calling', { kind: 'set_timer', timer: 'ring', after_ms: RING_LIMIT_MS }, { kind: 'place' }]
    case 'calling':
      return calling(event)
    case 'joined':
      return joined(event)
    case 'over':
      return ['over']
  }
}
