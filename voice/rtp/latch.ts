/**
 * Symmetric RTP (RFC 4961) for callers behind a NAT: media goes where media comes from, learned once, and only from the
 * host that SDP named or the one the signalling came from. Everybody else's packets are dropped, so that nobody can take
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
  if (latched !== null) return latched.address === address && latched.port === port ? latch : null
  if (signalled === null) return null
  if (address !== signalled.address && address !== latch.signalling_address) return null
  return { ...latch, latched: { address, port } }
}
