/** When a caller speaks and when it says goodbye: after the other side, as people do. Pure. */

/** The line is quiet once nothing was heard for so long. */
const QUIET_MS = 2000
/** The first words may take longer: a greeting is synthesized the first time it is said. */
const FIRST_WORDS_MS = 6000
/** Nobody waits for ever on an agent that never stops. */
const LONGEST_CALL_MS = 120_000

export type CallerState = {
  readonly answered_at_ms: number
  /** --seconds; null: by manners. */
  readonly limit_ms: number | null
  /** There is something to say or keys to press. */
  readonly has_words: boolean
  readonly own_words: 'before' | 'saying' | 'after'
  readonly hearing: boolean
  /** When something was last heard, or last said by ourselves. */
  readonly last_sound_ms: number
  readonly heard_ms: number
}

export const answeredCaller = (now_ms: number, limit_ms: number | null, has_words: boolean): CallerState => ({
  answered_at_ms: now_ms,
  limit_ms,
  has_words,
  own_words: 'before',
  hearing: false,
  last_sound_ms: now_ms,
  heard_ms: 0,
})

/** The other side begins or stops to speak. */
export const heard = (state: CallerState, speaking: boolean, now_ms: number): CallerState =>
  speaking === state.hearing
    ? state
    : {
        ...state,
        hearing: speaking,
        heard_ms: state.heard_ms + (speaking ? 0 : now_ms - state.last_sound_ms),
        last_sound_ms: now_ms,
      }

export const nextDeed = (state: CallerState, now_ms: number): 'wait' | 'speak' | 'hang_up' => {
  if (now_ms - state.answered_at_ms >= (state.limit_ms ?? LONGEST_CALL_MS)) return 'hang_up'
  const patience_ms = state.heard_ms === 0 && state.own_words === 'before' ? FIRST_WORDS_MS : QUIET_MS
  if (state.hearing || state.own_words === 'saying' || now_ms - state.last_sound_ms < patience_ms) return 'wait'
  if (state.has_words && state.own_words === 'before') return 'speak'
  return state.limit_ms === null ? 'hang_up' : 'wait'
}
