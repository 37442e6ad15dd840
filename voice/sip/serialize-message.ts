/** SIP messages to octets. */
import { headerName, spellHeader } from '#voice/sip/header-names.ts'
import { encodeText, type HeaderField, type SipMessage } from '#voice/sip/message.ts'

/** Writes Content-Length itself, always: a stream cannot do without (RFC 3261 20.14). */
export function serializeMessage(message: SipMessage): string {
  const start =
    message.kind === 'request'
      ? `${message.method} ${message.uri} SIP/2.0\r\n`
      : `SIP/2.0 ${message.status} ${message.reason}\r\n`
  return start + serializeFields(message.fields) + contentPart(message.body)
}

export function serializeFields(fields: readonly HeaderField[]): string {
  let text = ''
  for (const [name, value] of fields) if (name !== 'content-length') text += `${spellHeader(name)}: ${value}\r\n`
  return text
}

export function contentPart(body: string): string {
  return `Content-Length: ${body.length}\r\n\r\n${body}`
}

/** A value that somebody else's code gives us: control characters would start a new header or message. */
export function safeValue(text: string): string {
  return text.replace(/[\x00-\x08\x0a-\x1f\x7f]+/g, ' ').trim()
}

/** Headers of somebody else's code, ready to be written; those whose name is no token are left out. */
export function safeFields(headers: readonly (readonly [string, string])[]): HeaderField[] {
  const fields: HeaderField[] = []
  for (const [name, value] of headers) {
    const kept = headerName(name)
    if (kept !== null) fields.push([kept, encodeText(safeValue(value))])
  }
  return fields
}
