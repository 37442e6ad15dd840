/** Where a forwarded call may be sent by its SIP URI: as webhooks, to public addresses and the operator's ranges only. */
import { isIPv4 } from 'node:net'
import { type ResolveName, resolveName } from '#adapters/resolve-name.ts'
import type { ForwardGuard } from '#app/ports.ts'
import { type AddressRange, parseAddress } from '#core/ip.ts'
import { mayReach } from '#core/special-addresses.ts'

/** A caller listens meanwhile. */
const RESOLVE_MS = 3_000

/** Calls go over IPv4. What was judged is what is sent to, so a name that changes its mind gains nothing. */
export const createForwardGuard =
  (allow: readonly AddressRange[], resolve: ResolveName = resolveName): ForwardGuard =>
  async host => {
    const addresses = isIPv4(host) ? [host] : await within(RESOLVE_MS, resolve(host))
    return addresses.find(text => isIPv4(text) && isAllowed(text, allow)) ?? null
  }

const isAllowed = (text: string, allow: readonly AddressRange[]): boolean => {
  const address = parseAddress(text)
  return address !== null && mayReach(address, allow)
}

/** Nothing found, or too late: no addresses. */
const within = async (limit_ms: number, look: Promise<readonly string[]>): Promise<readonly string[]> => {
  const late = Promise.withResolvers<readonly string[]>()
  const timer = setTimeout(() => late.resolve([]), limit_ms)
  try {
    return await Promise.race([look, late.promise])
  } catch {
    return []
  } finally {
    clearTimeout(timer)
  }
}
