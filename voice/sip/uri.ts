/** SIP, SIPS and tel URIs (RFC 3261 19.1, RFC 3966). */
import { decodeText } from '#voice/sip/message.ts'

export type SipUri = {
  readonly scheme: 'sip' | 'sips'
  /** Still escaped; `''` when there is none. */
  readonly user: string
  readonly host: string
  readonly port: number | null
  /** `;…` as written, or `''`. */
  readonly params: string
  /** `?…` as written, or `''`. */
  readonly headers: string
}

export type TelUri = { readonly scheme: 'tel'; readonly number: string; readonly params: string }
export type OtherUri = { readonly scheme: 'other' }
export type Uri = SipUri | TelUri | OtherUri

// `#` in a user is against the grammar, but phones send star codes with it.
const sip =
  /^(sips?):(?:((?:[A-Za-z0-9\-_.!~*'()&=+$,;?/#]|%[0-9A-Fa-f]{2})+)(?::((?:[A-Za-z0-9\-_.!~*'()&=+$,]|%[0-9A-Fa-f]{2})*))?@)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.\-_]+)(?::(\d{1,5}))?((?:;[^?;\s<>"]+)*)(\?[^\s<>"]*)?$/i
const tel = /^tel:(\+?[0-9A-Fa-f*#\-.()]+)((?:;[^;\s<>"]+)*)$/i
const absolute = /^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"]+$/

/** Null when the text is no URI. A scheme that we do not speak is `other`. */
export function parseUri(text: string): Uri | null {
  const match = sip.exec(text)
  if (match !== null) {
    const port = match[5] === undefined ? null : Number(match[5])
    if (port !== null && port > 65_535) return null
    return {
      scheme: match[1]?.length === 4 ? 'sips' : 'sip',
      user: match[2] ?? '',
      host: match[4] ?? '',
      port,
      params: match[6] ?? '',
      headers: match[7] ?? '',
    }
  }
  const number = tel.exec(text)
  if (number !== null) return { scheme: 'tel', number: number[1] ?? '', params: number[2] ?? '' }
  if (/^(?:sips?|tel):/i.test(text) || !absolute.test(text)) return null
  return { scheme: 'other' }
}

/** User part, unescaped and as text; a tel URI's number; `''` when there is none. Its `;` parameters stay with it. */
export function userOf(uri: Uri): string {
  if (uri.scheme === 'tel') return uri.number
  if (uri.scheme === 'other') return ''
  if (!uri.user.includes('%')) return decodeText(uri.user)
  const bytes = uri.user.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return decodeText(bytes)
}

/** `lr` in a Route means loose routing (RFC 3261 16.12). */
export function hasParam(uri: SipUri, name: string): boolean {
  return new RegExp(`;${name}(?:[=;]|$)`, 'i').test(uri.params)
}
