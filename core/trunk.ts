/** A trunk: where calls may come from and where they go out. Stored passwords are not part of this record. */
import type { Transport } from '#core/call.ts'

export type Trunk = {
  readonly id: string
  readonly organization_id: string
  readonly name: string
  readonly is_default: boolean
  readonly inbound_config: {
    /** Addresses or CIDR ranges; empty and without credentials the trunk accepts nobody. */
    readonly allowed_addresses: readonly string[]
    readonly auth_username: string | null
    readonly transports: readonly Transport[]
  }
  readonly outbound_config: {
    readonly address: string | null
    readonly auth_username: string | null
    readonly transport: 'UDP' | 'TCP' | 'TLS'
    readonly media_encryption: 'NONE' | 'SDES'
  }
  readonly created_at: string
  readonly updated_at: string
}
