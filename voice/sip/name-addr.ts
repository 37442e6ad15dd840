/** From, To, Contact, Route: `"display" <uri>;params` or `uri;params` (RFC 3261 20.10, 25.1 name-addr, addr-spec). */
import { endOfQuoted, type Param, paramOf, parseParams, skipBlanks } from '#voice/sip/params.ts'
import { parseUri, type Uri } from '#voice/sip/uri.ts'

export type NameAddr = {
  readonly uri: Uri
  /** The URI as written. */
  readonly uri_text: string
  readonly params: readonly Param[]
  /** Where this value ends in the line: a comma or the line's end. */
  readonly end: number
}

/** The first value of the line, or null when it is none. */
export function parseNameAddr(line: string): NameAddr | null {
  let at = skipBlanks(line, 0)
  if (line.charCodeAt(at) === 34) {
    at = endOfQuoted(line, at)
    if (at < 0) return null
    at = skipBlanks(line, at)
    return line.charCodeAt(at) === 60 ? bracketed(line, at) : null
  }
  const open = line.indexOf('<', at)
  if (open >= 0 && isDisplayName(line, at, open)) return bracketed(line, open)
  return bare(line, at)
}

/** Unquoted: no separator of the grammar may stand in it (RFC 4475 3.1.2.15). */
function isDisplayName(line: string, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) {
    const code = line.charCodeAt(at)
    if (code === 34 || code === 44 || code === 58 || code === 59 || code === 62 || code === 92) return false
  }
  return true
}

function bracketed(line: string, open: number): NameAddr | null {
  const close = line.indexOf('>', open)
  if (close < 0) return null
  return withParams(line, line.slice(open + 1, close), close + 1)
}

/** Without brackets everything after `;` belongs to the header, and `?` and `,` may not stand in the URI. */
function bare(line: string, from: number): NameAddr | null {
  let at = from
  for (; at < line.length; at += 1) {
    const code = line.charCodeAt(at)
    if (code === 59 || code === 44 || code === 32 || code === 9) break
    if (code === 63) return null
  }
  return withParams(line, line.slice(from, at), at)
}

function withParams(line: string, uri_text: string, at: number): NameAddr | null {
  const uri = parseUri(uri_text)
  if (uri === null) return null
  const parsed = parseParams(line, at)
  return parsed === null ? null : { uri, uri_text, params: parsed.params, end: parsed.end }
}

/** The tag, `''` without one (RFC 2543). */
export function tagOf(address: NameAddr): string {
  return paramOf(address.params, 'tag') ?? ''
}
