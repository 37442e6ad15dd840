/** What the pool and its worker threads say to each other. `stream` names a stream within its worker. */
import type { MediaCounts } from '#app/ports.ts'
import type { StreamOptions } from '#voice/rtp/media-types.ts'

export type MediaWorkerData = { readonly host: string }

export type ToMediaWorker =
  | { readonly kind: 'open'; readonly stream: number; readonly port: number }
  | { readonly kind: 'configure'; readonly stream: number; readonly options: StreamOptions }
  | { readonly kind: 'play'; readonly stream: number; readonly pcm: Int16Array }
  | { readonly kind: 'send_dtmf'; readonly stream: number; readonly digits: string }
  | { readonly kind: 'set_sending'; readonly stream: number; readonly sending: boolean }
  | { readonly kind: 'counts' | 'recording' | 'close'; readonly stream: number; readonly request: number }
  | { readonly kind: 'lateness'; readonly request: number }

export type FromMediaWorker =
  | { readonly kind: 'opened'; readonly stream: number }
  /** `code` is the system's, such as EADDRINUSE. */
  | { readonly kind: 'not_opened'; readonly stream: number; readonly code: string }
  | { readonly kind: 'dtmf'; readonly stream: number; readonly digit: string }
  | { readonly kind: 'played'; readonly stream: number }
  | { readonly kind: 'activity'; readonly stream: number; readonly speaking: boolean }
  | { readonly kind: 'reply'; readonly request: number; readonly reply: MediaReply }

/** Counts of a stream, its recording, or a worker's lateness histogram. */
export type MediaReply = MediaCounts | Int16Array | Uint32Array
