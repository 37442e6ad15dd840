/** One fixture: a message after a description of RFC 4475, and what this endpoint owes its sender. */
export type TortureMessage = {
  /** The RFC's short name. */
  readonly name: string
  readonly section: string
  readonly raw: string
  /** Status of the answer; 'call': it reaches the handler; 'silence': no answer at all. */
  readonly expected: number | 'call' | 'silence'
  /** Why this and not another, where the RFC leaves a choice. */
  readonly why?: string
}

/** Joins lines by CRLF. The empty line ends the header; `{length}` is replaced by the octets after it. */
export function raw(...lines: string[]): string {
  const text = lines.join('\r\n')
  const body_at = text.indexOf('\r\n\r\n') + 4
  return text.replace('{length}', String(text.length - body_at))
}

/** UTF-8, one char an octet. */
export function octets(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

export const sdp = [
  'v=0',
  'o=tester 77 77 IN IP4 203.0.113.5',
  's=-',
  'c=IN IP4 203.0.113.5',
  't=0 0',
  'm=audio 40000 RTP/AVP 0',
  '',
] as const
