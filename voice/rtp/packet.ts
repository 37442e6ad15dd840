/** RTP data packets, RFC 3550 section 5.1. Pure; bytes that are no such packet are null, never an exception. */

export const RTP_HEADER_BYTES = 12
/** Ethernet's largest UDP payload; telephony packets of 20 ms are 172 bytes. */
export const RTP_PACKET_LIMIT_BYTES = 1472

export type RtpPacket = {
  readonly marker: boolean
  readonly payload_type: number
  readonly sequence: number
  readonly timestamp: number
  readonly ssrc: number
  /** A view into the datagram, without padding. */
  readonly payload: Uint8Array
}

const uint16 = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
const uint32 = (bytes: Uint8Array, at: number): number => ((uint16(bytes, at) << 16) | uint16(bytes, at + 2)) >>> 0

/** RTCP packet types 192–223 seen through RTP's eyes (RFC 5761 section 4): never audio. */
const isRtcp = (payload_type: number): boolean => payload_type >= 64 && payload_type <= 95

export const parseRtp = (datagram: Uint8Array): RtpPacket | null => {
  if (datagram.length < RTP_HEADER_BYTES || datagram.length > RTP_PACKET_LIMIT_BYTES) return null
  const first = datagram[0] ?? 0
  const second = datagram[1] ?? 0
  if (first >> 6 !== 2 || isRtcp(second & 0x7f)) return null
  let start = RTP_HEADER_BYTES + (first & 0x0f) * 4
  if (first & 0x10) {
    if (start + 4 > datagram.length) return null
    start += 4 + uint16(datagram, start + 2) * 4
  }
  let end = datagram.length
  if (first & 0x20) {
    const padding = datagram[end - 1] ?? 0
    if (padding === 0) return null
    end -= padding
  }
  if (start > end) return null
  return {
    marker: (second & 0x80) !== 0,
    payload_type: second & 0x7f,
    sequence: uint16(datagram, 2),
    timestamp: uint32(datagram, 4),
    ssrc: uint32(datagram, 8),
    payload: datagram.subarray(start, end),
  }
}

/** Writes the fixed header (no padding, extension or CSRC) at the beginning of `bytes`. */
export const writeRtpHeader = (bytes: Uint8Array, header: Omit<RtpPacket, 'payload'>): void => {
  bytes[0] = 0x80
  bytes[1] = (header.marker ? 0x80 : 0) | header.payload_type
  bytes[2] = header.sequence >>> 8
  bytes[3] = header.sequence
  bytes[4] = header.timestamp >>> 24
  bytes[5] = header.timestamp >>> 16
  bytes[6] = header.timestamp >>> 8
  bytes[7] = header.timestamp
  bytes[8] = header.ssrc >>> 24
  bytes[9] = header.ssrc >>> 16
  bytes[10] = header.ssrc >>> 8
  bytes[11] = header.ssrc
}

/** How far `to` is ahead of `from` on the 16-bit circle: -32768…32767. */
export const sequenceDistance = (from: number, to: number): number => ((to - from) << 16) >> 16

/** The same on the 32-bit circle of timestamps. */
export const timestampDistance = (from: number, to: number): number => (to - from) | 0
