/**
 * Symmetric RTP (RFC 4961) for callers behind a NAT: media goes where media comes from, learned once, and only from the
 * host that SDP named or the one the signalling came from; what SDP named itself, port and all, always counts. Everybody else's packets are dropped, so that nobody can take
 * over a call's sound by guessing its port.
 */

export type Address = { readonly address: string; readonly port: number }

export type Latch = {
  /** Where SDP says to send; null: not known yet. */
  readonly signalled: Address | null
  readonly signalling_address: string
  /** Where media came from first; null until then. */
  readonly latched: Address | null
}

export const newLatch = (signalled: Address | null, signalling_address: string): Latch => ({
  signalled,
  signalling_address,
  latched: null,
})

/** Where to send. */
export const destination = (latch: Latch): Address | null => latch.latched ?? latch.signalled

/** The latch after a valid packet from there; null: drop the packet. */
export const admit = (latch: Latch, address: string, port: number): Latch | null => {
  const { latched, signalled } = latch
  if (latched?.address === address && latched.port === port) return latch
  // A stray packet of the same host came first (an earlier call's, a neighbour's): the signalled source is the right one.
  const is_signalled = signalled?.address === address && signalled.port === port
  if (signalled === null || (latched !== null && !is_signalled)) return null
  if (address !== signalled.address && address !== latch.signalling_address) return null
  return { ...latch, latched: { address, port } }
}
