/** Where a forwarded call goes: the Contact of a 302, or the way of an INVITE of our own. */
import type { ForwardGuard } from '#app/ports.ts'
import type { CallSource } from '#core/call.ts'
import { isE164 } from '#core/e164.ts'
import type { OutboundTrunk } from '#core/routing-table.ts'
import type { Credentials } from '#voice/sip/digest-client.ts'
import { default_port, hostPort, parseHostPort, requestTarget, unbracket } from '#voice/sip/peer.ts'
import { parseUri } from '#voice/sip/uri.ts'

/** `outbound`: the way out of the number's trunk, if it has one. null: the target is no address. */
export const forwardContact = (target: string, outbound: OutboundTrunk | null, source: CallSource): string | null => {
  if (!isE164(target)) return (parseUri(target)?.scheme ?? 'other') === 'other' ? null : `<${target}>`
  if (outbound !== null) {
    const transport = outbound.transport === 'UDP' ? '' : `;transport=${outbound.transport.toLowerCase()}`
    return `<sip:${target}@${outbound.address}${transport}>`
  }
  // The port of a connection that the caller opened takes no calls.
  if (source.transport === 'udp') return `<sip:${target}@${hostPort(source.address, source.port)}>`
  return `<sip:${target}@${hostPort(source.address, default_port)};transport=${source.transport}>`
}

export type ForwardWay = {
  /** The Request-URI. */
  readonly target: string
  readonly next_hop: string
  readonly transport: 'udp' | 'tcp'
  /** As in `InviteOptions`. */
  readonly stays_there?: boolean
  readonly credentials?: Credentials
}

/** Closed list: why a call cannot be placed. */
export type NoWay = 'forward_malformed' | 'forward_without_trunk' | 'forward_transport' | 'forward_address_denied'

const overTrunk = (number: string, { address, transport, credentials }: OutboundTrunk): ForwardWay | NoWay => {
  // TLS is not spoken here, and to send in the clear what was to be kept secret is no way out.
  if (transport === 'TLS') return 'forward_transport'
  const hop = parseHostPort(address)
  if (hop === null) return 'forward_malformed'
  const next_hop = hostPort(hop.host, hop.port)
  const way = { target: `sip:${number}@${next_hop}`, next_hop, transport: transport === 'TCP' ? 'tcp' : 'udp' } as const
  return credentials === null ? way : { ...way, credentials }
}

/** A number goes over its trunk; a SIP URI directly, where `guard` or the trunk itself allows. Never rejects. */
export const findWay = async (
  target: string,
  outbound: OutboundTrunk | null,
  guard: ForwardGuard,
): Promise<ForwardWay | NoWay> => {
  if (isE164(target)) return outbound === null ? 'forward_without_trunk' : overTrunk(target, outbound)
  const uri = parseUri(target)
  if (uri === null || (uri.scheme !== 'sip' && uri.scheme !== 'sips') || uri.headers !== '') return 'forward_malformed'
  if (uri.scheme === 'sips' || /;transport=(?!udp|tcp)/i.test(uri.params)) return 'forward_transport'
  const { transport, address: host, port } = requestTarget(uri, 'udp')
  const own = outbound === null ? null : parseHostPort(outbound.address)
  if (own?.host === unbracket(host)) return { target, next_hop: hostPort(own.host, port), transport }
  const address = await guard(host)
  if (address === null) return 'forward_address_denied'
  return { target, next_hop: hostPort(address, port), transport, stays_there: true }
}
