/**
 * An answered call as a state machine: `(state, event, now) → (state, outputs)`. Pure; voice/session/live-call.ts does
 * what the outputs say. Refusals never come here: they are over when they are decided.
 */
import type { ConversationItem } from '#app/ports.ts'
import type { ConversationStatus } from '#core/conversation.ts'
import type { VersionScript } from '#core/routing-table.ts'

/** A run of digits ends when no further one follows for so long. */
export const DIGITS_PAUSE_MS = 2000
const DIGITS_LIMIT = 64
/** What the far end still holds back to play when we have sent the last packet; a BYE would cut it off. */
export const FAREWELL_MS = 400

export type CallState = {
  /** `ringing`: 180 sent, media being opened. `answered`: 200 sent. `talking`: ACK received. */
  readonly phase: 'ringing' | 'answered' | 'talking' | 'over'
  readonly script: VersionScript
  /** Hangs up once its greeting was said: a message, to which nobody listens for an answer. */
  readonly says_farewell: boolean
  /** `making`: being synthesized. `ready`: waits for the ACK. */
  readonly greeting: 'none' | 'making' | 'ready' | 'playing' | 'said'
  readonly greeting_at_ms: number
  readonly caller_speaking: boolean
  /** The caller has put us on hold: what we say is not heard. */
  readonly held: boolean
  readonly digits: string
  readonly digits_at_ms: number
}

export type CallEvent =
  | { readonly kind: 'media_opened' }
  | { readonly kind: 'media_failed' }
  /** What carried the sound has died. */
  | { readonly kind: 'media_lost' }
  | { readonly kind: 'confirmed' }
  /** The answer to our offer has nothing we can use. */
  | { readonly kind: 'media_refused' }
  | { readonly kind: 'greeting_ready' }
  | { readonly kind: 'greeting_failed' }
  | { readonly kind: 'played' }
  | { readonly kind: 'activity'; readonly speaking: boolean }
  | { readonly kind: 'dtmf'; readonly digit: string }
  | { readonly kind: 'held'; readonly held: boolean }
  | { readonly kind: 'timer'; readonly timer: CallTimer }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'ended'; readonly reason: 'remote_bye' | 'local_bye' | 'no_ack' | 'transport_error' }
  /** The process stops now. */
  | { readonly kind: 'shut_down' }

export type CallTimer = 'silence' | 'duration' | 'digits' | 'farewell'

export type CallOutput =
  | { readonly kind: 'answer' }
  | { readonly kind: 'refuse'; readonly sip_status: 480 | 503 }
  | { readonly kind: 'play_greeting' }
  | { readonly kind: 'hang_up' }
  | { readonly kind: 'set_timer'; readonly timer: CallTimer; readonly after_ms: number }
  | { readonly kind: 'clear_timer'; readonly timer: CallTimer }
  | { readonly kind: 'report_answered' }
  | { readonly kind: 'report_item'; readonly item: ConversationItem }
  /** The last output of a call: everything is let go. */
  | { readonly kind: 'close'; readonly status: ConversationStatus; readonly reason: string }

export type CallStep = { readonly state: CallState; readonly outputs: readonly CallOutput[] }

export const newCall = (script: VersionScript, says_farewell = false): CallState => ({
  phase: 'ringing',
  script,
  says_farewell,
  greeting: script.starting_message === null ? 'none' : 'making',
  greeting_at_ms: 0,
  caller_speaking: false,
  held: false,
  digits: '',
  digits_at_ms: 0,
})

type Change = { readonly to?: Partial<CallState>; readonly outputs?: readonly CallOutput[] }

/** The silence timeout runs while it is the caller's turn: nobody speaks, and they could be heard. */
const isQuiet = (state: CallState): boolean =>
  state.phase === 'talking' &&
  (state.greeting === 'none' || state.greeting === 'said') &&
  !state.caller_speaking &&
  !state.says_farewell &&
  !state.held

const greetingItem = (state: CallState, interrupted: boolean): readonly CallOutput[] =>
  state.greeting !== 'playing'
    ? []
    : [
        {
          kind: 'report_item',
          item: {
            at_ms: state.greeting_at_ms,
            who: 'agent',
            kind: 'speech',
            text: state.script.starting_message ?? '',
            interrupted,
          },
        },
      ]

const digitsItem = (state: CallState): readonly CallOutput[] =>
  state.digits === ''
    ? []
    : [
        {
          kind: 'report_item',
          item: { at_ms: state.digits_at_ms, who: 'user', kind: 'dtmf', text: state.digits, interrupted: false },
        },
      ]

const TIMERS: readonly CallTimer[] = ['silence', 'duration', 'digits', 'farewell']

const over = (
  state: CallState,
  status: ConversationStatus,
  reason: string,
  farewell: readonly CallOutput[] = [],
): Change => ({
  to: { phase: 'over', digits: '' },
  outputs: [
    ...farewell,
    ...TIMERS.map(timer => ({ kind: 'clear_timer', timer }) as const),
    ...greetingItem(state, true),
    ...digitsItem(state),
    { kind: 'close', status, reason },
  ],
})

const HANG_UP: readonly CallOutput[] = [{ kind: 'hang_up' }]

const playIfReady = (state: CallState, now_ms: number): Change =>
  state.phase === 'talking' && state.greeting === 'ready'
    ? { to: { ...state, greeting: 'playing', greeting_at_ms: now_ms }, outputs: [{ kind: 'play_greeting' }] }
    : { to: state }

const onDigit = (state: CallState, digit: string, now_ms: number): Change => {
  const digits = state.digits + digit
  if (digits.length >= DIGITS_LIMIT) {
    const full = { ...state, digits, digits_at_ms: state.digits_at_ms || now_ms }
    return { to: { digits: '' }, outputs: [{ kind: 'clear_timer', timer: 'digits' }, ...digitsItem(full)] }
  }
  return {
    to: { digits, digits_at_ms: state.digits === '' ? now_ms : state.digits_at_ms },
    outputs: [{ kind: 'set_timer', timer: 'digits', after_ms: DIGITS_PAUSE_MS }],
  }
}

const onTimer = (state: CallState, timer: CallTimer): Change => {
  if (timer === 'digits') return { to: { digits: '' }, outputs: digitsItem(state) }
  if (timer === 'farewell') return over(state, 'completed', 'message_spoken', HANG_UP)
  return over(state, 'completed', timer === 'silence' ? 'silence_timeout' : 'max_duration', HANG_UP)
}

const onPlayed = (state: CallState): Change => {
  if (state.greeting !== 'playing') return {}
  const outputs = greetingItem(state, false)
  if (!state.says_farewell) return { to: { greeting: 'said' }, outputs }
  return {
    to: { greeting: 'said' },
    outputs: [...outputs, { kind: 'set_timer', timer: 'farewell', after_ms: FAREWELL_MS }],
  }
}

/** Ended by us, however far it has come. */
const breakOff = (state: CallState, sip_status: 480 | 503, reason: string): Change =>
  over(state, 'failed', reason, state.phase === 'ringing' ? [{ kind: 'refuse', sip_status }] : HANG_UP)

const onEnded = (state: CallState, reason: (CallEvent & { kind: 'ended' })['reason']): Change => {
  // A BYE in an early dialog (RFC 3261 15) is a caller who gave up.
  if (reason === 'remote_bye' && state.phase === 'ringing') return over(state, 'cancelled', 'cancelled')
  if (reason === 'remote_bye') return over(state, 'completed', 'caller_hung_up')
  return over(state, 'failed', reason)
}

const react = (state: CallState, event: CallEvent, now_ms: number): Change => {
  switch (event.kind) {
    case 'media_opened':
      return {
        to: { phase: 'answered' },
        outputs: [
          { kind: 'answer' },
          { kind: 'report_answered' },
          { kind: 'set_timer', timer: 'duration', after_ms: state.script.max_duration_seconds * 1000 },
        ],
      }
    case 'media_failed':
      return over(state, 'failed', 'no_media_port', [{ kind: 'refuse', sip_status: 503 }])
    case 'confirmed':
      return state.phase === 'answered' ? playIfReady({ ...state, phase: 'talking' }, now_ms) : {}
    case 'media_refused':
      return over(state, 'failed', 'no_common_codec', HANG_UP)
    case 'greeting_ready':
      return playIfReady({ ...state, greeting: 'ready' }, now_ms)
    case 'greeting_failed':
      return state.says_farewell ? breakOff(state, 480, 'message_not_spoken') : { to: { greeting: 'none' } }
    case 'played':
      return onPlayed(state)
    case 'activity':
      return { to: { caller_speaking: event.speaking } }
    case 'dtmf':
      return onDigit(state, event.digit, now_ms)
    case 'held':
      return { to: { held: event.held } }
    case 'timer':
      return onTimer(state, event.timer)
    case 'cancelled':
      return over(state, 'cancelled', 'cancelled')
    case 'ended':
      return onEnded(state, event.reason)
    case 'media_lost':
      return breakOff(state, 503, 'media_lost')
    case 'shut_down':
      return breakOff(state, 503, 'shut_down')
  }
}

const silenceTimer = (before: CallState, after: CallState, event: CallEvent): readonly CallOutput[] => {
  if (after.phase === 'over') return []
  if (!isQuiet(after)) return isQuiet(before) ? [{ kind: 'clear_timer', timer: 'silence' }] : []
  if (isQuiet(before) && event.kind !== 'dtmf') return []
  return [{ kind: 'set_timer', timer: 'silence', after_ms: after.script.silence_timeout_seconds * 1000 }]
}

/** What happens next. A call that is over takes no notice of anything. */
export const advance = (state: CallState, event: CallEvent, now_ms: number): CallStep => {
  if (state.phase === 'over') return { state, outputs: [] }
  const change = react(state, event, now_ms)
  const next = { ...state, ...change.to }
  return { state: next, outputs: [...(change.outputs ?? []), ...silenceTimer(state, next, event)] }
}
