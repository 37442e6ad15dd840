/** Octets to a SIP message, line by line (RFC 3261 section 7). The values of headers are left for those who need them. */
import { headerName, isToken } from '#voice/sip/header-names.ts'
import type { HeaderField, Malformed, SipMessage, SipRequest } from '#voice/sip/message.ts'

/** What we are ready to read. RFC 4475 3.1.1.7's long message and every phone we met stay far below. */
export const message_limits = {
  message_bytes: 65_535,
  start_line_bytes: 4096,
  header_bytes: 8192,
  headers: 128,
} as const

type StartLine =
  | { readonly kind: 'request'; readonly method: string; readonly uri: string; readonly fault: Fault | null }
  | { readonly kind: 'response'; readonly status: number; readonly reason: string }
type Fault = { readonly status: 400 | 505; readonly reason: string }
type Lines = { readonly fields: HeaderField[]; readonly body_at: number; readonly fault: string | null }

/** Never throws. A datagram is one message; of a stream, what framing cut out. Leading CRLFs are skipped (7.5). */
export function parseMessage(text: string): SipMessage | Malformed {
  if (text.length > message_limits.message_bytes) return dropped('message too large')
  let at = 0
  while (text.startsWith('\r\n', at)) at += 2
  const line_end = text.indexOf('\r\n', at)
  if (line_end < 0) return dropped('no start line')
  const start = parseStartLine(text.slice(at, line_end))
  if (start === null) return dropped('no SIP start line')
  const lines = parseLines(text, line_end + 2)
  const body = readBody(text, lines)
  const fault = lines.fault ?? body.fault
  if (start.kind === 'response') {
    if (fault !== null) return dropped(fault)
    return { kind: 'response', status: start.status, reason: start.reason, fields: lines.fields, body: body.text }
  }
  const { method, uri } = start
  const request: SipRequest = { kind: 'request', method, uri, fields: lines.fields, body: body.text }
  if (start.fault !== null) return { kind: 'malformed', ...start.fault, request }
  if (fault !== null) return { kind: 'malformed', status: 400, reason: fault, request }
  return request
}

function dropped(reason: string): Malformed {
  return { kind: 'malformed', status: null, reason, request: null }
}

function parseStartLine(line: string): StartLine | null {
  if (line.startsWith('SIP/') || line.startsWith('sip/')) return parseStatusLine(line)
  const first = line.indexOf(' ')
  const last = line.lastIndexOf(' ')
  const method = line.slice(0, Math.max(first, 0))
  const uri = line.slice(first + 1, Math.max(last, 0))
  const version = line.slice(last + 1)
  const exact = version === 'SIP/2.0' || version === 'sip/2.0'
  if (!exact && !/\sSIP\/\d{1,9}\.\d{1,9}\s*$/i.test(line)) return null
  if (line.length > message_limits.start_line_bytes)
    return { kind: 'request', method, uri: '', fault: { status: 400, reason: 'Start Line Too Long' } }
  let fault: Fault | null = null
  if (!isToken(method)) fault = { status: 400, reason: 'Bad Method' }
  else if (uri === '' || /[\s<>"]/.test(uri)) fault = { status: 400, reason: 'Bad Request-Line' }
  else if (!exact && /^SIP\/0*2\.0+$/i.test(version) === false)
    fault = /^SIP\//i.test(version)
      ? { status: 505, reason: 'Version Not Supported' }
      : { status: 400, reason: 'Bad Request-Line' }
  return { kind: 'request', method, uri, fault }
}

function parseStatusLine(line: string): StartLine | null {
  const match = /^SIP\/2\.0 ([1-6]\d\d)(?: (.*))?$/is.exec(line)
  if (match === null || line.length > message_limits.start_line_bytes) return null
  return { kind: 'response', status: Number(match[1]), reason: match[2] ?? '' }
}

/** Reads on after a fault, so that a refusal can still be addressed. */
function parseLines(text: string, from: number): Lines {
  const fields: HeaderField[] = []
  let fault: string | null = null
  let at = from
  while (!text.startsWith('\r\n', at)) {
    let end = text.indexOf('\r\n', at)
    if (end < 0) return { fields, body_at: text.length, fault: fault ?? 'Unfinished Header' }
    let folded = false
    while (isBlank(text.charCodeAt(end + 2))) {
      folded = true
      end = text.indexOf('\r\n', end + 2)
      if (end < 0) return { fields, body_at: text.length, fault: fault ?? 'Unfinished Header' }
    }
    if (fields.length >= message_limits.headers)
      return { fields, body_at: text.length, fault: fault ?? 'Too Many Headers' }
    const field = parseField(text, at, end, folded)
    if (typeof field === 'string') fault ??= field
    else fields.push(field)
    at = end + 2
  }
  return { fields, body_at: at + 2, fault }
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9
}

function parseField(text: string, at: number, end: number, folded: boolean): HeaderField | string {
  if (end - at > message_limits.header_bytes) return 'Header Too Long'
  const colon = text.indexOf(':', at)
  if (colon < 0 || colon >= end) return 'Bad Header'
  let name_end = colon
  while (name_end > at && isBlank(text.charCodeAt(name_end - 1))) name_end -= 1
  const name = headerName(text.slice(at, name_end))
  if (name === null) return 'Bad Header Name'
  const value = folded ? unfold(text.slice(colon + 1, end)) : trimBlanks(text, colon + 1, end)
  // A bare CR or LF is a line end to some and none to others: never pass one on.
  if (value.includes('\n') || value.includes('\r')) return 'Bare Line Break In Header'
  return [name, value]
}

/** Line by line: a pattern that looks for blanks before each break takes the square of a long run of them. */
function unfold(lines: string): string {
  const parts = lines.split('\r\n').map(line => trimBlanks(line, 0, line.length))
  return parts.filter(part => part !== '').join(' ')
}

function trimBlanks(text: string, start: number, end: number): string {
  let from = start
  let to = end
  while (from < to && isBlank(text.charCodeAt(from))) from += 1
  while (to > from && isBlank(text.charCodeAt(to - 1))) to -= 1
  return text.slice(from, to)
}

/** Content-Length cuts the body (18.3); octets after it are not ours (RFC 4475 3.1.1.8). */
function readBody(text: string, lines: Lines): { readonly text: string; readonly fault: string | null } {
  let length: string | null = null
  for (const [name, value] of lines.fields) {
    if (name !== 'content-length') continue
    if (length !== null) return { text: '', fault: 'Several Content-Lengths' }
    length = value
  }
  if (length === null) return { text: text.slice(lines.body_at), fault: null }
  if (!/^\d{1,9}$/.test(length)) return { text: '', fault: 'Bad Content-Length' }
  const end = lines.body_at + Number(length)
  if (end > text.length) return { text: '', fault: 'Body Shorter Than Content-Length' }
  return { text: text.slice(lines.body_at, end), fault: null }
}
