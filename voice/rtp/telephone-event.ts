/** DTMF as RTP events, RFC 4733: each press is several packets with one timestamp, the last ones sent three times. */
import { timestampDistance } from '#voice/rtp/packet.ts'

/** Digit by event code (section 3.2). */
export const DTMF_DIGITS = '0123456789*#ABCD'
export const EVENT_PAYLOAD_BYTES = 4
const LONGEST_DURATION = 0xffff

export type TelephoneEvent = {
  /** Event code; 0–15 are the DTMF digits. */
  readonly event: number
  readonly end: boolean
  /** Timestamp units (125 µs) since the event's beginning. */
  readonly duration: number
}

export const parseTelephoneEvent = (payload: Uint8Array): TelephoneEvent | null => {
  const [event, flags, high, low] = payload
  if (event === undefined || flags === undefined || high === undefined || low === undefined) return null
  return { event, end: (flags & 0x80) !== 0, duration: (high << 8) | low }
}

/** Writes the payload at `offset`, at -10 dBm0. */
export const writeTelephoneEvent = (bytes: Uint8Array, offset: number, event: TelephoneEvent): void => {
  bytes[offset] = event.event
  bytes[offset + 1] = (event.end ? 0x80 : 0) | 10
  bytes[offset + 2] = event.duration >>> 8
  bytes[offset + 3] = event.duration
}

/** The last press heard; null before the first. */
export type DtmfReceiver = { readonly event: number; readonly timestamp: number; readonly duration: number } | null

/**
 * Takes one event packet. A press is reported by whichever of its packets arrives first, so that lost beginnings and
 * lost ends change nothing, and never again: not by its updates, its repeated ends, ends that arrive after the next
 * press began, nor by the further segments of one held longer than 65535 units (section 2.5.1.3).
 */
export const receiveTelephoneEvent = (
  last: DtmfReceiver,
  timestamp: number,
  packet: TelephoneEvent,
): { readonly state: DtmfReceiver; readonly digit: string | null } => {
  if (last !== null) {
    const ahead = timestampDistance(last.timestamp, timestamp)
    if (ahead < 0) return { state: last, digit: null }
    if (ahead === 0) {
      return { state: { ...last, duration: Math.max(last.duration, packet.duration) }, digit: null }
    }
    const continues = packet.event === last.event && ahead === LONGEST_DURATION && last.duration > LONGEST_DURATION / 2
    if (continues) return { state: { event: last.event, timestamp, duration: packet.duration }, digit: null }
  }
  return {
    state: { event: packet.event, timestamp, duration: packet.duration },
    digit: DTMF_DIGITS[packet.event] ?? null,
  }
}
