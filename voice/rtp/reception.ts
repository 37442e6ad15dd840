/** What arrived of one stream, counted by sequence number (RFC 3550 appendix A.1, without its clock). Pure. */
import { sequenceDistance } from '#voice/rtp/packet.ts'

/** A jump further than this is the sender starting over, not loss (RFC 3550: MAX_DROPOUT). */
const MAX_DROPOUT = 3000

export type Reception = {
  readonly ssrc: number | null
  readonly highest: number
  readonly received: number
  readonly lost: number
  /** Arrived after a later one: reordered or sent twice. */
  readonly late: number
  /** A source or a jump that is believed once its next packet follows. */
  readonly candidate: { readonly ssrc: number; readonly next: number } | null
}

export const NOTHING_RECEIVED: Reception = {
  ssrc: null,
  highest: 0,
  received: 0,
  lost: 0,
  late: 0,
  candidate: null,
}

/** `restarted`: accepted, and its numbers and timestamps have nothing to do with those before. */
export type Verdict = 'accepted' | 'restarted' | 'late' | 'dropped'

/**
 * Takes one packet. The first source heard is believed at once. Another SSRC, or a jump too far to be loss, is dropped
 * until two packets in a row have come from it; counts go on over the change.
 */
export const receive = (
  state: Reception,
  packet: { readonly ssrc: number; readonly sequence: number },
): { readonly state: Reception; readonly verdict: Verdict } => {
  const accepted = { ...state, ssrc: packet.ssrc, highest: packet.sequence, received: state.received + 1 }
  if (state.ssrc === null) return { state: accepted, verdict: 'accepted' }
  const ahead = sequenceDistance(state.highest, packet.sequence)
  if (packet.ssrc === state.ssrc && Math.abs(ahead) < MAX_DROPOUT) {
    if (ahead > 0) {
      return { state: { ...accepted, lost: state.lost + ahead - 1, candidate: null }, verdict: 'accepted' }
    }
    // What was counted as lost has arrived after all; a duplicate (ahead 0) was never missing.
    const lost = ahead < 0 ? Math.max(0, state.lost - 1) : state.lost
    return { state: { ...state, received: state.received + 1, late: state.late + 1, lost }, verdict: 'late' }
  }
  const { candidate } = state
  if (candidate !== null && candidate.ssrc === packet.ssrc && candidate.next === packet.sequence) {
    return { state: { ...accepted, candidate: null }, verdict: 'restarted' }
  }
  const next = (packet.sequence + 1) & 0xffff
  return { state: { ...state, candidate: { ssrc: packet.ssrc, next } }, verdict: 'dropped' }
}
