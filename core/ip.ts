/** IP addresses and ranges, enough to say whether a source is allowed. IPv4-mapped IPv6 counts as IPv4 (RFC 4291 2.5.5.2). */

/** 4 bytes (IPv4) or 16 bytes (IPv6). */
export type AddressBytes = readonly number[]

/** A CIDR range; a single address has the full prefix. */
export type AddressRange = { readonly bytes: AddressBytes; readonly prefix_bits: number }

const parseIPv4 = (text: string): AddressBytes | null => {
  const parts = text.split('.')
  if (parts.length !== 4) return null
  const bytes: number[] = []
  for (const part of parts) {
    // No leading zeros: 010 is eight to some readers and ten to others.
    if (!/^(0|[1-9]\d{0,2})$/.test(part)) return null
    const byte = Number(part)
    if (byte > 255) return null
    bytes.push(byte)
  }
  return bytes
}

const parseGroups = (text: string): readonly number[] | null => {
  if (text === '') return []
  const words: number[] = []
  const groups = text.split(':')
  for (const [index, group] of groups.entries()) {
    if (index === groups.length - 1 && group.includes('.')) {
      const v4 = parseIPv4(group)
      if (v4 === null) return null
      words.push(((v4[0] ?? 0) << 8) | (v4[1] ?? 0), ((v4[2] ?? 0) << 8) | (v4[3] ?? 0))
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return null
      words.push(Number.parseInt(group, 16))
    }
  }
  return words
}

const parseIPv6 = (text: string): AddressBytes | null => {
  const halves = text.split('::')
  if (halves.length > 2) return null
  const head = parseGroups(halves[0] ?? '')
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? '') : []
  if (head === null || tail === null) return null
  const missing = 8 - head.length - tail.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null
  const words = [...head, ...new Array<number>(missing).fill(0), ...tail]
  const bytes = words.flatMap(word => [word >> 8, word & 255])
  const mapped = words.slice(0, 5).every(word => word === 0) && words[5] === 0xffff
  return mapped ? bytes.slice(12) : bytes
}

/** null when the text is no IP address. A zone (`%eth0`) is ignored. */
export const parseAddress = (text: string): AddressBytes | null => {
  const bare = text.split('%', 1)[0] ?? ''
  return bare.includes(':') ? parseIPv6(bare) : parseIPv4(bare)
}

/** `10.0.0.0/8`, `::1`, `192.0.2.7`; null when it is none of these. */
export const parseRange = (text: string): AddressRange | null => {
  const [address = '', prefix, ...rest] = text.split('/')
  if (rest.length > 0) return null
  const bytes = parseAddress(address)
  if (bytes === null) return null
  const size_bits = bytes.length * 8
  if (prefix === undefined) return { bytes, prefix_bits: size_bits }
  if (!/^\d{1,3}$/.test(prefix)) return null
  // ::ffff:10.0.0.0/104 is written with IPv6's 128 bits; its bytes were cut down to IPv4's 32.
  const bits = Number(prefix) - (address.includes(':') && bytes.length === 4 ? 96 : 0)
  return bits < 0 || bits > size_bits ? null : { bytes, prefix_bits: bits }
}

/** Whether a range begins at its own address: 10.0.0.5/8 does not, and hardly means the whole of 10.0.0.0/8. */
export const isAligned = ({ bytes, prefix_bits }: AddressRange): boolean =>
  bytes.every((byte, index) => {
    const kept_bits = Math.min(8, Math.max(0, prefix_bits - index * 8))
    return (byte & (255 >> kept_bits)) === 0
  })

const within = (address: AddressBytes, range: AddressRange): boolean => {
  if (address.length !== range.bytes.length) return false
  let left_bits = range.prefix_bits
  for (let index = 0; left_bits > 0; index += 1, left_bits -= 8) {
    const mask = left_bits >= 8 ? 255 : (255 << (8 - left_bits)) & 255
    if (((address[index] ?? 0) & mask) !== ((range.bytes[index] ?? 0) & mask)) return false
  }
  return true
}

export const matchesAny = (address: AddressBytes, ranges: readonly AddressRange[]): boolean =>
  ranges.some(range => within(address, range))

/** Who stands behind an address, as text: whoever has a /64 of IPv6 has all of its addresses. `text` itself when it is none. */
export const networkOf = (text: string): string => parseAddress(text)?.slice(0, 8).join('.') ?? text
