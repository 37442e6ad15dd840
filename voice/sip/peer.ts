/** The other end of the wire, and where answers go. */
import { isIP } from 'node:net'
import type { Connection } from '#voice/sip/tcp-transport.ts'
import type { SipUri } from '#voice/sip/uri.ts'
import type { Via } from '#voice/sip/via.ts'

export type Peer = {
  readonly transport: 'udp' | 'tcp'
  /** IP address; a host name where a URI or an operator gave one. */
  readonly address: string
  readonly port: number
  /** TCP: where it came from. Used while it is open, else `address:port` is connected to. */
  readonly connection: Connection | null
}

export const default_port = 5060

/**
 * Where responses go (RFC 3261 18.2.2, RFC 3581 section 4): over TCP the same connection, else the sender's address
 * with the port of its Via; over UDP the source port where `rport` asks for it. `maddr` is not followed: it would
 * let anybody aim our answers at a third party.
 */
export function responseTarget(via: Via, source: Peer): Peer {
  if (source.transport === 'udp' && via.wants_rport) return source
  return { ...source, port: via.port ?? default_port }
}

/** Where a request for this URI goes. */
export function requestTarget(uri: SipUri, fallback_transport: 'udp' | 'tcp'): Peer {
  const asked = /;transport=(udp|tcp)(?:;|$)/i.exec(uri.params)?.[1]?.toLowerCase()
  const transport = asked === 'udp' || asked === 'tcp' ? asked : fallback_transport
  return { transport, address: unbracket(uri.host), port: uri.port ?? default_port, connection: null }
}

export function unbracket(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host
}

/** `host:port` as it stands in URIs and Vias. */
export function hostPort(host: string, port: number): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`
}

/** `host[:port]` of an operator; null when it is none. */
export function parseHostPort(text: string): { readonly host: string; readonly port: number } | null {
  const match = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.\-_]+)(?::(\d{1,5}))?$/.exec(text)
  const port = match?.[2] === undefined ? default_port : Number(match[2])
  return match === null || port < 1 || port > 65_535 ? null : { host: unbracket(match[1] ?? ''), port }
}
