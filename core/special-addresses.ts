/**
 * Which addresses lie on the public internet, by the IANA special-purpose registries (RFC 6890 and what followed). Whoever
 * may name a URL that Patchcord asks could otherwise ask the machines around it.
 */
import { type AddressBytes, type AddressRange, matchesAny, parseRange } from '#core/ip.ts'

const rangesOf = (texts: readonly string[]): readonly AddressRange[] => texts.flatMap(text => parseRange(text) ?? [])

const NOT_PUBLIC = rangesOf([
  '0.0.0.0/8', // this network; Linux takes 0.0.0.0 for itself
  '10.0.0.0/8', // private
  '100.64.0.0/10', // shared behind a carrier's NAT
  '127.0.0.0/8', // loopback
  '169.254.0.0/16', // link-local, where clouds answer with credentials
  '172.16.0.0/12', // private
  '192.0.0.0/24', // protocol assignments
  '192.0.2.0/24', // documentation
  '192.88.99.0/24', // 6to4 relays, given up
  '192.168.0.0/16', // private
  '198.18.0.0/15', // benchmarks
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, and broadcast
  '2001::/23', // protocol assignments, Teredo (2001::/32) among them: it hides an IPv4 address
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4: hides an IPv4 address
  '3fff::/20', // documentation
])

/** All that was ever handed out for the open internet; loopback, fc00::/7, fe80::/10 and ff00::/8 lie outside. */
const GLOBAL_UNICAST_V6 = rangesOf(['2000::/3'])

/** A translator's prefix (RFC 6052 2.1): whoever calls there reaches the IPv4 address in its last four bytes. */
const NAT64 = rangesOf(['64:ff9b::/96'])

/** The address that is reached in the end. IPv4-mapped IPv6 was taken apart when it was parsed. */
const reached = (address: AddressBytes): AddressBytes => (matchesAny(address, NAT64) ? address.slice(12) : address)

const isPublic = (address: AddressBytes): boolean =>
  !matchesAny(address, NOT_PUBLIC) && (address.length === 4 || matchesAny(address, GLOBAL_UNICAST_V6))

/** Whether Patchcord may open a connection to an address: a public one, or one in a range that its operator allows. */
export const mayReach = (address: AddressBytes, allow: readonly AddressRange[]): boolean => {
  const target = reached(address)
  return isPublic(target) || matchesAny(target, allow)
}
