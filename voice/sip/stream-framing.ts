/** Messages out of a byte stream, by Content-Length (RFC 3261 18.3). Pure: `(held, chunk) → (held, messages)`. */
import { message_limits } from '#voice/sip/parse-message.ts'

export type Held = {
  readonly text: string
  /** Length of the first message once its header is complete, else 0. */
  readonly needed: number
}

export type Framed = {
  readonly held: Held
  readonly messages: readonly string[]
  /** Double CRLFs between messages (RFC 5626 3.5.1): each wants a CRLF back. */
  readonly pings: number
  /** The header after which nothing can be told apart any more: answer it and close. */
  readonly broken: string | null
}

export const nothing_held: Held = { text: '', needed: 0 }

const max_header_bytes = 32_768
const content_length = /\r\n(?:content-length|l)[ \t]*:([^\r\n]*)(?=\r\n(?![ \t]))/gi

export function frameStream(held: Held, chunk: string): Framed {
  let text = held.text + chunk
  let needed = held.needed
  const messages: string[] = []
  let pings = 0
  while (true) {
    if (needed === 0) {
      while (text.startsWith('\r\n')) {
        if (text.startsWith('\r\n\r\n')) pings += 1
        text = text.slice(text.startsWith('\r\n\r\n') ? 4 : 2)
      }
      const header_end = text.indexOf('\r\n\r\n')
      if (header_end < 0 && text.length <= max_header_bytes)
        return { held: { text, needed: 0 }, messages, pings, broken: null }
      const length = header_end < 0 || header_end > max_header_bytes ? null : bodyLength(text.slice(0, header_end + 2))
      needed = header_end + 4 + (length ?? 0)
      if (length === null || needed > message_limits.message_bytes)
        return { held: nothing_held, messages, pings, broken: text.slice(0, Math.max(header_end, 0)) }
    }
    if (text.length < needed) return { held: { text, needed }, messages, pings, broken: null }
    messages.push(text.slice(0, needed))
    text = text.slice(needed)
    needed = 0
  }
}

/** Exactly one Content-Length, or null: two readers that disagree about it see different messages. */
function bodyLength(header: string): number | null {
  const values = [...header.matchAll(content_length)]
  const value = values[0]?.[1]?.trim() ?? ''
  return values.length === 1 && /^\d{1,9}$/.test(value) ? Number(value) : null
}
