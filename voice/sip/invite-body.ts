/** What an INVITE carries, and what it takes back (RFC 3261 8.2.3, 20.1, 20.11). */
import { mediaType } from '#voice/sip/dtmf-info.ts'
import { allFields, decodeText, firstField, type SipRequest } from '#voice/sip/message.ts'

/** The offer's SDP; null: there is none; 'foreign': a body that we cannot read and may not ignore. */
export function offerOf(request: SipRequest): string | null | 'foreign' {
  if (request.body === '') return null
  const encoding = firstField(request, 'content-encoding')
  const is_plain = encoding === undefined || encoding.toLowerCase() === 'identity'
  const type = mediaType(request)
  if (is_plain && type === 'application/sdp') return decodeText(request.body)
  const from_parts = is_plain && type.startsWith('multipart/') ? sdpPart(request) : null
  if (from_parts !== null) return decodeText(from_parts)
  return /;\s*handling\s*=\s*optional/i.test(firstField(request, 'content-disposition') ?? '') ? null : 'foreign'
}

/** The SDP inside of a multipart body (RFC 2046 5.1, RFC 5621): carriers wrap ISUP around it. */
function sdpPart(request: SipRequest): string | null {
  const boundary = /;\s*boundary\s*=\s*(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(
    firstField(request, 'content-type') ?? '',
  )
  const mark = boundary?.[1] ?? boundary?.[2]
  if (mark === undefined) return null
  for (const part of `\r\n${request.body}`.split(`\r\n--${mark}`).slice(1, 16)) {
    const header_end = part.indexOf('\r\n\r\n')
    if (header_end >= 0 && /^content-type[ \t]*:[ \t]*application\/sdp[ \t]*(?:;|$)/im.test(part.slice(0, header_end)))
      return part.slice(header_end + 4)
  }
  return null
}

/** False: the caller's Accept leaves no way to answer with SDP. */
export function isUnderstood(request: SipRequest): boolean {
  const lines = allFields(request, 'accept')
  return lines.length === 0 || lines.some(line => /(?:application\/sdp|application\/\*|\*\/\*)(?![^\s;,])/i.test(line))
}
