/** The first step: whether any trunk accepts where a call comes from, or what it proves. */
import type { IncomingCall } from '#core/call.ts'
import type { RouteReason } from '#core/route-trace.ts'
import { type RoutingTable, type TrunkRoute, trunksOf } from '#core/routing-table.ts'

/** What became of a call's credentials at the trunks that ask for some. */
export type Proof =
  | { readonly kind: 'proven'; readonly trunks: readonly TrunkRoute[] }
  | {
      readonly kind: 'refused'
      readonly reason: 'credentials_missing' | 'credentials_stale' | 'credentials_wrong' | 'credentials_blocked'
    }

/** Checks what the call carries; asked only where a trunk asks for credentials, and at most once. Never throws. */
export type Authenticate = (call: IncomingCall, asking: readonly TrunkRoute[]) => Proof

/** `unproven`: what to answer where the accepted trunks do not lead to the address, while others ask for credentials. */
export type Accepted = {
  readonly trunks: readonly TrunkRoute[]
  readonly proven: boolean
  readonly unproven: RouteReason | null
}

export const unprovenStatus = (reason: RouteReason): 401 | 403 => (reason === 'credentials_blocked' ? 403 : 401)

export const trunkOf = (trunks: readonly TrunkRoute[], organization_id: string): TrunkRoute | undefined =>
  trunks.find(trunk => trunk.organization_id === organization_id)

/** Credentials that were proven come first: they say who calls, where an address may be shared. */
export const acceptSource = (table: RoutingTable, call: IncomingCall, authenticate: Authenticate): Accepted => {
  const { open, asking } = trunksOf(table, call.source)
  if (asking.length === 0) return { trunks: open, proven: false, unproven: null }
  const proof = authenticate(call, asking)
  if (proof.kind === 'proven') return { trunks: [...proof.trunks, ...open], proven: true, unproven: null }
  // A trunk that asks opens nothing new where another of its organization has accepted already.
  const could_help = asking.some(trunk => !trunkOf(open, trunk.organization_id))
  return { trunks: open, proven: false, unproven: could_help ? proof.reason : null }
}
