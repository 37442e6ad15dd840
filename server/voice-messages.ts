/** What the main thread and the voice thread say to each other. */
import type { RoutingChange } from '#app/ports.ts'
import type { LogLevel, SipDigestAlgorithm } from '#server/config.ts'
import type { DatabaseAddress } from '#store/address.ts'

export type VoiceSettings = {
  readonly address: DatabaseAddress
  readonly edge_id: string
  readonly secret_key: Uint8Array
  /** Where the routing table and call records are kept for when the database is away. */
  readonly data_dir: string
  readonly webhook_timeout_ms: number
  /** What webhooks may reach besides public addresses: addresses and CIDR ranges. */
  readonly outbound_allow: readonly string[]
  readonly log_level: LogLevel
  readonly sip_host: string
  readonly sip_port: number
  /** null: what was bound. */
  readonly sip_public_host: string | null
  readonly sip_rate_limit_pps: number
  readonly sip_digest_algorithms: readonly SipDigestAlgorithm[]
  readonly media_public_host: string
  readonly rtp_ports: { readonly from: number; readonly to: number }
  readonly media_threads: number
}

export type ToVoice =
  | { readonly kind: 'changed'; readonly seq: number; readonly change: RoutingChange }
  | { readonly kind: 'drain' }
  | { readonly kind: 'stop' }

/** An error's own fields: an Error loses them on its way between threads. */
export type StartFault = {
  readonly message: string
  readonly code?: string
  readonly syscall?: string
  readonly address?: string
  readonly port?: number
}

export type FromVoice =
  /** Neither the database nor the disk has a routing table; it goes on trying. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'started'; readonly sip: { readonly host: string; readonly port: number } }
  | { readonly kind: 'failed'; readonly fault: StartFault }
  | { readonly kind: 'applied'; readonly seq: number }
  | { readonly kind: 'drained' }
  | { readonly kind: 'stopped' }
