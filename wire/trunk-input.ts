/** A trunk as it was sent, in core's terms; what no schema can say about addresses is said here. */
import type { Static } from 'typebox'
import { isAligned, parseAddress, parseRange } from '#core/ip.ts'
import { TRUNK_TRANSPORTS, type Trunk } from '#core/trunk.ts'
import type { NewTrunk } from '#wire/core-trunk.ts'
import type { Fault } from '#wire/faults.ts'

type Sent = Pick<Static<typeof NewTrunk>, 'inbound_config' | 'outbound_config'>
type WithPassword<Config> = Config & { readonly auth_password?: string }
type Configs = {
  readonly inbound_config?: WithPassword<Trunk['inbound_config']>
  readonly outbound_config?: WithPassword<Trunk['outbound_config']>
}

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/i

/** What is wrong with an entry of allowed_addresses; null: nothing. */
const rangeFault = (text: string): string | null => {
  const range = /^[\da-fA-F.:]+(\/\d{1,3})?$/.test(text) ? parseRange(text) : null
  if (range === null)
    return 'must be an IP address or a CIDR range, such as 192.0.2.7 or 2001:db8::/32; names are not looked up'
  const [address] = text.split('/')
  return isAligned(range)
    ? null
    : `has bits set behind its prefix; write ${address} for that address alone, or the range’s first address`
}

/** `host`, `host:port`, `[IPv6]` or `[IPv6]:port`. */
const isHostPort = (text: string): boolean => {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) return false
  if (bracketed !== undefined) return bracketed.includes(':') && parseAddress(bracketed) !== null
  // What is all digits and dots means to be an address.
  if (plain === undefined || /^[\d.]+$/.test(plain)) return plain !== undefined && parseAddress(plain) !== null
  return HOST_NAME.test(plain)
}

export const trunkFaults = ({ inbound_config, outbound_config }: Sent): readonly Fault[] => {
  const ranges = inbound_config?.allowed_addresses ?? []
  const address = outbound_config?.address ?? null
  return [
    ...ranges.flatMap((text, index) => {
      const message = rangeFault(text)
      const path = ['inbound_config', 'allowed_addresses', index]
      return message === null ? [] : [{ path, type: 'address', message }]
    }),
    ...(address === null || isHostPort(address)
      ? []
      : [
          {
            path: ['outbound_config', 'address'],
            type: 'address',
            message: 'must be host or host:port, such as sip.carrier.example:5060 or [2001:db8::7]:5060',
          },
        ]),
  ]
}

const passwordOf = (sent: { readonly auth_password?: string | null }) =>
  sent.auth_password === undefined || sent.auth_password === null ? {} : { auth_password: sent.auth_password }

/** The configs that were sent, their defaults filled in. */
export const toTrunkConfigs = ({ inbound_config, outbound_config }: Sent): Configs => ({
  ...(inbound_config
    ? {
        inbound_config: {
          allowed_addresses: inbound_config.allowed_addresses ?? [],
          auth_username: inbound_config.auth_username ?? null,
          transports: inbound_config.transports ?? TRUNK_TRANSPORTS,
          forwarding: inbound_config.forwarding ?? 'redirect',
          trust_asserted_identity: inbound_config.trust_asserted_identity ?? true,
          ...passwordOf(inbound_config),
        },
      }
    : {}),
  ...(outbound_config
    ? {
        outbound_config: {
          address: outbound_config.address ?? null,
          auth_username: outbound_config.auth_username ?? null,
          transport: outbound_config.transport ?? 'UDP',
          media_encryption: outbound_config.media_encryption ?? 'NONE',
          ...passwordOf(outbound_config),
        },
      }
    : {}),
})
