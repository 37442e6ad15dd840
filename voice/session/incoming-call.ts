/** What an INVITE says, in the form the router reads. */
import type { IncomingCall } from '#core/call.ts'
import { printable } from '#core/printable.ts'
import type { Sdp } from '#voice/sdp.ts'
import type { SipHeaders } from '#voice/sip/message.ts'
import { parseNameAddr } from '#voice/sip/name-addr.ts'
import { parseUri, userOf } from '#voice/sip/uri.ts'
import type { ServerCall } from '#voice/sip/user-agent-types.ts'

const X_HEADERS_LIMIT = 32
const X_HEADER_LENGTH_LIMIT = 512

const userOfHeader = (headers: SipHeaders, name: string): string | null => {
  const value = headers.get(name)
  const address = value === undefined ? null : parseNameAddr(value)
  const user = address === null ? '' : userOf(address.uri)
  return user === '' ? null : user
}

/** RFC 3323 4.2, RFC 3325 9.3: the caller asks not to be named, whatever the network knows. */
const asksForPrivacy = (headers: SipHeaders): boolean =>
  headers.all('privacy').some(value => /(^|[\s;,])(id|user)($|[\s;,])/i.test(value))

/** What telephones write as From when nobody shall know (RFC 3323 4.1.1.3). */
const isAnonymous = (headers: SipHeaders, user: string): boolean =>
  user.toLowerCase() === 'anonymous' || /@anonymous\.invalid\b/i.test(headers.get('from') ?? '')

/** At most 32 of them, the longer ones cut at 512 characters: what a caller writes is kept with the call's record. */
const xHeaders = (headers: SipHeaders): Record<string, string> =>
  Object.fromEntries(
    headers
      .names()
      .filter(name => name.startsWith('x-'))
      .slice(0, X_HEADERS_LIMIT)
      .map(name => [name, printable(headers.get(name) ?? '', X_HEADER_LENGTH_LIMIT)]),
  )

/** `offer` is the parsed body of an INVITE that has one. */
export const incomingCall = (call: ServerCall, offer: Sdp | null): IncomingCall => {
  const uri = parseUri(call.request_uri)
  const from = userOfHeader(call.headers, 'from')
  const is_private = asksForPrivacy(call.headers)
  return {
    call_id: call.call_id,
    source: call.source,
    user: uri === null ? '' : userOf(uri),
    request_uri: call.request_uri,
    from_user: from === null || is_private || isAnonymous(call.headers, from) ? null : from,
    asserted_user: is_private ? null : userOfHeader(call.headers, 'p-asserted-identity'),
    codecs: call.offer === null ? null : (offer?.audio.codecs.map(({ codec }) => codec) ?? []),
    authorization: call.headers.all('authorization'),
    x_headers: xHeaders(call.headers),
  }
}
