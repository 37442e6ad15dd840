/** The form of a URL that Patchcord is to ask, checked when it is saved. Its name is looked up at every call, not here. */
import { type AddressRange, parseAddress } from '#core/ip.ts'
import { mayReach } from '#core/special-addresses.ts'

/** Why a URL is refused: a closed list, code → public sentence. */
export const URL_REFUSALS = {
  url_too_long: 'A URL has at most 2048 characters.',
  url_malformed: 'Write the URL in full, such as https://example.com/hook, without spaces or backslashes.',
  url_scheme: 'A URL begins with https:// or http://.',
  url_userinfo: 'A URL must not carry a user name or password; whoever is asked can check the signature instead.',
  url_host_denied:
    'This host is no public address. Name a public one, or let the operator add its range to OUTBOUND_ALLOW.',
} as const

export type UrlRefusal = keyof typeof URL_REFUSALS

const LENGTH_LIMIT = 2048

/** What `localhost` stands for (RFC 6761 6.3). */
const LOOPBACK = ['127.0.0.1', '::1']

/** `[::1]` without its brackets, `localhost.` without its dot. */
const bareHost = (hostname: string): string => hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')

/** Only what the text itself says is judged: an address, or a name that always means this machine. */
const isDenied = (hostname: string, allow: readonly AddressRange[]): boolean => {
  const host = bareHost(hostname)
  const addresses = /(^|\.)localhost$/.test(host) ? LOOPBACK : [host]
  const parsed = addresses.flatMap(text => {
    const address = parseAddress(text)
    return address === null ? [] : [address]
  })
  return parsed.length > 0 && !parsed.some(address => mayReach(address, allow))
}

/**
 * null: the URL may be saved. `allow` is what OUTBOUND_ALLOW names. Addresses are judged as URL parsers read them
 * (WHATWG URL 3.5): 2130706433, 0x7f.1 and 0177.0.0.1 are all 127.0.0.1.
 */
export const refuseUrl = (text: string, allow: readonly AddressRange[]): UrlRefusal | null => {
  if (text.length > LENGTH_LIMIT) return 'url_too_long'
  // Parsers drop tabs and line ends, trim spaces and read \ as /: what is saved would not be what is meant.
  if (/[\s\p{Cc}\\]/u.test(text) || !text.isWellFormed()) return 'url_malformed'
  const url = URL.parse(text)
  if (url === null) return 'url_malformed'
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'url_scheme'
  if (!/^https?:\/\/[^/]/i.test(text) || url.port === '0') return 'url_malformed'
  // An empty one (`https://@host/`) leaves no trace in the parsed form.
  if (url.username !== '' || url.password !== '' || /^https?:\/\/[^/?#]*@/i.test(text)) return 'url_userinfo'
  return isDenied(url.hostname, allow) ? 'url_host_denied' : null
}
