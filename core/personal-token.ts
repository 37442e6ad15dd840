import type { Scope } from '#core/scopes.ts'

/** A person's token, without its secret. Times RFC 3339 UTC. */
export type PersonalToken = {
  readonly key_id: string
  readonly user_id: string
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly expires_at: string | null
  readonly last_used_at: string | null
  readonly created_at: string
}
