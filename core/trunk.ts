/** A trunk: where calls may come from and where they go out. Passwords are no part of this record, only whether there are any. */
import type { Transport } from '#core/call.ts'

export const TRUNK_TRANSPORTS: readonly Transport[] = ['udp', 'tcp', 'tls']

/**
 * The protection domain of digest authentication (RFC 7616 3.3). One for all trunks: a caller is challenged before it is
 * known whose trunk it means. Stored credentials are hashed with it, so it can never change.
 */
export const SIP_REALM = 'patchcord'

export type Trunk = {
  readonly id: string
  readonly organization_id: string
  readonly name: string
  readonly is_default: boolean
  /** What is set must all match; with neither addresses nor credentials nobody is accepted. */
  readonly inbound_config: {
    /** Addresses or CIDR ranges; empty: any, if there are credentials. */
    readonly allowed_addresses: readonly string[]
    /** Callers must prove this name's password by digest. */
    readonly auth_username: string | null
    readonly transports: readonly Transport[]
    /** How its calls are forwarded: it is told where to call (302), or Patchcord calls and joins the two. Absent: redirect. */
    readonly forwarding?: 'redirect' | 'bridge'
    /** Whether its P-Asserted-Identity says who calls (RFC 3325). Absent: it does. */
    readonly trust_asserted_identity?: boolean
  }
  readonly outbound_config: {
    readonly address: string | null
    readonly auth_username: string | null
    readonly transport: 'UDP' | 'TCP' | 'TLS'
    readonly media_encryption: 'NONE' | 'SDES'
  }
  readonly has_inbound_password: boolean
  readonly has_outbound_password: boolean
  readonly revision: number
  readonly created_at: string
  readonly updated_at: string
}
