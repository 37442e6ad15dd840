import type { Scope } from '#core/scopes.ts'

/** An organization's key, without its secret. Times RFC 3339 UTC. */
export type ApiKey = {
  readonly key_id: string
  readonly organization_id: string
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly expires_at: string | null
  readonly last_used_at: string | null
  readonly created_at: string
}
