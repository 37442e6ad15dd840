/**
 * SIP messages (RFC 3261 section 7) as plain records.
 *
 * Texts inside a message are byte strings: one char per octet (latin1). So what was received goes back octet for octet
 * in a response, whatever its encoding; `decodeText` makes UTF-8 readable where people or programs look at it.
 */

/** Name lower-cased in its long form, value unfolded and trimmed. */
export type HeaderField = readonly [name: string, value: string]

export type SipRequest = {
  readonly kind: 'request'
  readonly method: string
  readonly uri: string
  readonly fields: readonly HeaderField[]
  readonly body: string
}

export type SipResponse = {
  readonly kind: 'response'
  /** 100 to 699. */
  readonly status: number
  readonly reason: string
  readonly fields: readonly HeaderField[]
  readonly body: string
}

export type SipMessage = SipRequest | SipResponse

/** What a parser makes of bytes that are no message. `status` null: not worth an answer. */
export type Malformed = {
  readonly kind: 'malformed'
  readonly status: 400 | 505 | null
  readonly reason: string
  /** The request as far as it could be read, to address an answer by. */
  readonly request: SipRequest | null
}

/** Header fields in order of appearance, names lower-cased in their long form. Values are decoded as UTF-8. */
export type SipHeaders = {
  get(name: string): string | undefined
  all(name: string): readonly string[]
  /** Each name once. */
  names(): readonly string[]
}

const beyond_ascii = /[^\x00-\x7f]/

/** Octets to text: UTF-8, with U+FFFD for what is none. */
export function decodeText(bytes: string): string {
  return beyond_ascii.test(bytes) ? Buffer.from(bytes, 'latin1').toString('utf8') : bytes
}

/** Text to octets in UTF-8. */
export function encodeText(text: string): string {
  return beyond_ascii.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text
}

/** First value of a header, as octets. `name` is lower case and long. */
export function firstField(message: { readonly fields: readonly HeaderField[] }, name: string): string | undefined {
  for (const field of message.fields) if (field[0] === name) return field[1]
  return undefined
}

/** Every line of a header, as octets, in order. */
export function allFields(message: { readonly fields: readonly HeaderField[] }, name: string): string[] {
  const found: string[] = []
  for (const field of message.fields) if (field[0] === name) found.push(field[1])
  return found
}

export function headersOf(message: { readonly fields: readonly HeaderField[] }): SipHeaders {
  return {
    get(name) {
      const value = firstField(message, name.toLowerCase())
      return value === undefined ? undefined : decodeText(value)
    },
    all: name => allFields(message, name.toLowerCase()).map(decodeText),
    names: () => [...new Set(message.fields.map(([name]) => name))],
  }
}
