/** What one stream says next, a packet every 20 ms: queued sound, queued DTMF, else silence, so that RTP never stops. */
import type { Codec } from '#core/call.ts'
import { encodeG711, silenceByte } from '#voice/rtp/g711.ts'
import { RTP_HEADER_BYTES, writeRtpHeader } from '#voice/rtp/packet.ts'
import { DTMF_DIGITS, EVENT_PAYLOAD_BYTES, writeTelephoneEvent } from '#voice/rtp/telephone-event.ts'

export const FRAME_MS = 20
export const FRAME_SAMPLES = 160
/** A digit lasts 100 ms; its end is sent three times (RFC 4733 section 2.5.1.4); 100 ms of silence follow. */
const DIGIT_FRAMES = 5
const END_PACKETS = 3
const GAP_FRAMES = 5
const DIGIT_FRAMES_IN_ALL = DIGIT_FRAMES + END_PACKETS - 1 + GAP_FRAMES

type Queued =
  | { readonly kind: 'sound'; readonly pcm: Int16Array; sent_samples: number }
  | { readonly kind: 'digit'; readonly event: number; sent_frames: number; timestamp: number }

export type SenderFormat = {
  readonly codec: Codec
  readonly payload_type: number
  readonly dtmf_payload_type: number | null
}

export type Sender = {
  play(pcm: Int16Array): void
  send_dtmf(digits: string): void
  /** Writes the next packet into the sender's one buffer, valid until the next call. */
  next(format: SenderFormat): Uint8Array
  /** A frame's time passes without a packet: the stream is held. */
  skip(): void
  /** True once after the packet that emptied the queue. */
  take_played(): boolean
}

/** The three start values are random (RFC 3550 section 5.1); tests give them. */
export const createSender = (start: { ssrc: number; sequence: number; timestamp: number }): Sender => {
  const bytes = new Uint8Array(RTP_HEADER_BYTES + FRAME_SAMPLES)
  const event_packet = bytes.subarray(0, RTP_HEADER_BYTES + EVENT_PAYLOAD_BYTES)
  const queue: Queued[] = []
  let { sequence, timestamp } = start
  let first = true
  let played = false

  const header = (payload_type: number, marker: boolean, at: number): void => {
    writeRtpHeader(bytes, { marker, payload_type, sequence, timestamp: at, ssrc: start.ssrc })
    sequence = (sequence + 1) & 0xffff
  }

  const finish = (): void => {
    queue.shift()
    played = queue.length === 0
  }

  const audio = (format: SenderFormat, sound: (Queued & { kind: 'sound' }) | null): Uint8Array => {
    header(format.payload_type, first, timestamp)
    first = false
    const count = sound === null ? 0 : Math.min(FRAME_SAMPLES, sound.pcm.length - sound.sent_samples)
    if (sound !== null) {
      encodeG711(format.codec, sound.pcm, sound.sent_samples, count, bytes, RTP_HEADER_BYTES)
      sound.sent_samples += count
      if (sound.sent_samples >= sound.pcm.length) finish()
    }
    bytes.fill(silenceByte(format.codec), RTP_HEADER_BYTES + count)
    return bytes
  }

  const digit = (format: SenderFormat, press: Queued & { kind: 'digit' }): Uint8Array => {
    const frame = press.sent_frames++
    if (press.sent_frames >= DIGIT_FRAMES_IN_ALL || format.dtmf_payload_type === null) finish()
    if (format.dtmf_payload_type === null || frame >= DIGIT_FRAMES + END_PACKETS - 1) return audio(format, null)
    if (frame === 0) press.timestamp = timestamp
    header(format.dtmf_payload_type, frame === 0, press.timestamp)
    writeTelephoneEvent(bytes, RTP_HEADER_BYTES, {
      event: press.event,
      end: frame >= DIGIT_FRAMES - 1,
      duration: Math.min(frame + 1, DIGIT_FRAMES) * FRAME_SAMPLES,
    })
    return event_packet
  }

  return {
    play: pcm => {
      if (pcm.length > 0) queue.push({ kind: 'sound', pcm, sent_samples: 0 })
    },
    send_dtmf: digits => {
      for (const key of digits.toUpperCase()) {
        const event = DTMF_DIGITS.indexOf(key)
        if (event >= 0) queue.push({ kind: 'digit', event, sent_frames: 0, timestamp: 0 })
      }
    },
    next: format => {
      const [head] = queue
      const packet = head?.kind === 'digit' ? digit(format, head) : audio(format, head ?? null)
      timestamp = (timestamp + FRAME_SAMPLES) >>> 0
      return packet
    },
    skip: () => {
      timestamp = (timestamp + FRAME_SAMPLES) >>> 0
    },
    take_played: () => {
      const was = played
      played = false
      return was
    },
  }
}
