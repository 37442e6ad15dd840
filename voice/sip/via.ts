/** Via (RFC 3261 20.42) with response-port (RFC 3581). */
import { type Param, paramOf, parseParams } from '#voice/sip/params.ts'

export type Via = {
  /** Upper case: UDP, TCP, TLS, … */
  readonly transport: string
  readonly host: string
  /** Null: the transport's default. */
  readonly port: number | null
  readonly branch: string | null
  /** `;rport` without a value: answers go to the source port. */
  readonly wants_rport: boolean
  readonly params: readonly Param[]
  /** Where this value ends in the header line: a comma or the line's end. */
  readonly end: number
}

const sent =
  /[ \t]*SIP[ \t]*\/[ \t]*2\.0[ \t]*\/[ \t]*([A-Za-z0-9\-.!%*_+`'~]+)[ \t]+(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.\-_]+)(?:[ \t]*:[ \t]*(\d{1,5}))?/iy

/** The first value of a Via line, or null. */
export function parseVia(line: string): Via | null {
  sent.lastIndex = 0
  const match = sent.exec(line)
  if (match === null) return null
  const parsed = parseParams(line, sent.lastIndex)
  if (parsed === null) return null
  const port = match[3] === undefined ? null : Number(match[3])
  if (port !== null && (port < 1 || port > 65_535)) return null
  return {
    transport: (match[1] ?? '').toUpperCase(),
    host: match[2] ?? '',
    port,
    branch: paramOf(parsed.params, 'branch') ?? null,
    wants_rport: paramOf(parsed.params, 'rport') === null,
    params: parsed.params,
    end: parsed.end,
  }
}

/** The line with `received` and `rport` filled in, as a server owes it to the hop before (18.2.1, RFC 3581 section 4). */
export function stampVia(line: string, via: Via, source: { readonly address: string; readonly port: number }): string {
  if (via.wants_rport) {
    const own = line.slice(0, via.end).replace(/;[ \t]*rport(?=[ \t]*(?:;|$))/i, `;rport=${source.port}`)
    return `${own};received=${source.address}${line.slice(via.end)}`
  }
  if (via.host === source.address) return line
  return `${line.slice(0, via.end)};received=${source.address}${line.slice(via.end)}`
}
