/**
 * Connections to places that users name: only to public addresses, or those in the operator's ranges. The address is judged
 * where the socket is opened, and the socket goes to exactly what was judged, so that a name which stands for something else
 * a moment later (DNS rebinding) gains nothing. Host and SNI stay the name's.
 */
import { isIP, isIPv6, type LookupFunction, connect as openTcp, type Socket } from 'node:net'
import { connect as openTls } from 'node:tls'
import { Agent, type buildConnector, type Dispatcher } from 'undici'
import { type ResolveName, resolveName } from '#adapters/resolve-name.ts'
import { type AddressRange, parseAddress } from '#core/ip.ts'
import { mayReach } from '#core/special-addresses.ts'

/** No address of the host may be reached; no socket was opened. */
export class AddressDenied extends Error {
  override readonly name = 'AddressDenied'
}

export type GuardedOptions = {
  /** Reached besides public addresses: OUTBOUND_ALLOW. */
  readonly allow: readonly AddressRange[]
  /** Ends everything: look-ups are no longer waited for, and the agent's sockets are destroyed, busy or not. */
  readonly signal: AbortSignal
  /** For tests; else DNS. */
  readonly resolve?: ResolveName
}

type Target = Pick<buildConnector.Options, 'hostname' | 'protocol' | 'port'>

/** Rejects with the signal's reason as soon as it is aborted. */
export const unlessAborted = <T>(signal: AbortSignal, work: Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })

const isAllowed = (text: string, allow: readonly AddressRange[]): boolean => {
  const address = parseAddress(text)
  return address !== null && mayReach(address, allow)
}

/** Of several addresses those that may be reached; an address in the URL stands for itself. */
const addressesOf = async (hostname: string, { allow, signal, resolve = resolveName }: GuardedOptions) => {
  const all = isIP(hostname) === 0 ? await unlessAborted(signal, resolve(hostname)) : [hostname]
  const allowed = all.filter(text => isAllowed(text, allow))
  if (all.length > 0 && allowed.length === 0) throw new AddressDenied('no address of this host may be reached')
  return allowed.map(address => ({ address, family: isIPv6(address) ? 6 : 4 }))
}

/** Node asks this in place of DNS. It is not asked about literals, which is why these are judged above. */
const lookupIn =
  (addresses: readonly { address: string; family: number }[]): LookupFunction =>
  (hostname, { all }, done) => {
    const [first] = addresses
    if (first === undefined) done(new Error(`${hostname} has no address`), '')
    else if (all) done(null, [...addresses])
    else done(null, first.address, first.family)
  }

const openSocket = (target: Target, lookup: LookupFunction, signal: AbortSignal): Promise<Socket> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const { hostname } = target
    const is_secure = target.protocol === 'https:'
    const place = { host: hostname, port: Number(target.port || (is_secure ? 443 : 80)), lookup, noDelay: true }
    // RFC 6066 3: an address has no server name, and a name is sent without its last dot.
    const servername = isIP(hostname) === 0 ? { servername: hostname.replace(/\.$/, '') } : {}
    const socket = is_secure ? openTls({ ...place, ...servername, ALPNProtocols: ['http/1.1'] }) : openTcp(place)
    const kill = (): void => void socket.destroy(signal.reason)
    signal.addEventListener('abort', kill, { once: true })
    socket.on('error', reject)
    socket.once('close', () => {
      signal.removeEventListener('abort', kill)
      reject(new Error('the connection was closed before it was ready'))
    })
    socket.once(is_secure ? 'secureConnect' : 'connect', () => resolve(socket))
  })

const openGuarded = async (target: Target, options: GuardedOptions): Promise<Socket> =>
  openSocket(target, lookupIn(await addressesOf(target.hostname, options)), options.signal)

/**
 * An HTTP/1.1 client whose every connection is guarded. Requests reject with `AddressDenied`, the signal's reason, or what
 * the network said. It follows no redirects and decodes no encodings; its time is its signal's, there is no other limit.
 */
export const guardedAgent = (options: GuardedOptions): Dispatcher =>
  new Agent({
    allowH2: false,
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: 16 * 1024,
    connect: (target, callback) => {
      openGuarded(target, options).then(
        socket => callback(null, socket),
        (error: Error) => callback(error, null),
      )
    },
  })
