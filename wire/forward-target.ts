/** Where calls can be forwarded to: a SIP URI (RFC 3261 19.1), or a number in E.164. */
import { Type as T } from 'typebox'
import { E164_PATTERN, isE164 } from '#core/e164.ts'
import { parseAddress } from '#core/ip.ts'
import type { Fault } from '#wire/faults.ts'
import { isPossibleNumber } from '#wire/possible-number.ts'

const ESCAPED = '%[0-9A-Fa-f]{2}'
const USER = `(?:[A-Za-z0-9_.!~*'()&=+$,;?/-]|${ESCAPED})+@`
const HOST = '[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\\[[0-9A-Fa-f:.]+\\]'
/** No password and no headers: a Contact carries neither safely. What is not here cannot end a header line. */
const SIP_URI = `sips?:(?:${USER})?(?:${HOST})(?::\\d{1,5})?(?:;(?:[A-Za-z0-9_.!~*'()+=$&/:\\[\\]-]|${ESCAPED})+)*`
const SIP_PARTS = new RegExp(`^sips?:(?:${USER})?(${HOST})(?::(\\d{1,5}))?(?:;|$)`)

export const forwardTarget = () =>
  T.String({
    description: 'A `sip:` or `sips:` URI, or a phone number in E.164.',
    maxLength: 256,
    pattern: `^(?:${SIP_URI})$|${E164_PATTERN}`,
    examples: ['+15557654321', 'sip:front-desk@example.com'],
  })

const messageOf = (text: string): string | null => {
  if (isE164(text)) return isPossibleNumber(text) ? null : 'must be a number of a length that its country has'
  const [, host = '', port] = SIP_PARTS.exec(text) ?? []
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) return 'must name a port from 1 to 65535'
  // What is in brackets, or all digits and dots, means to be an address.
  const literal = /^\[.*\]$|^[\d.]+$/.test(host)
  const fits = host.startsWith('[') === host.includes(':')
  return literal && (!fits || parseAddress(host.replace(/^\[|\]$/g, '')) === null)
    ? 'must name a host, or an IP address that exists, such as [2001:db8::7]'
    : null
}

/** What the pattern cannot say. */
export const forwardFaults = (text: string | null | undefined, path: readonly string[]): readonly Fault[] => {
  const message = typeof text === 'string' ? messageOf(text) : null
  return message === null ? [] : [{ path, type: 'forward', message }]
}
