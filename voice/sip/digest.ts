/** Digest access authentication as SIP uses it (RFC 3261 22.4, RFC 7616, RFC 8760): what both ends compute and read. */
import { hash } from 'node:crypto'
import { type Param, paramOf, parseParams, splitList } from '#voice/sip/params.ts'

export type DigestAlgorithm = 'MD5' | 'SHA-256'

const hash_names = { MD5: 'md5', 'SHA-256': 'sha256' } as const

/** null: one that we do not speak. Absent means MD5 (RFC 7616 3.3). */
export function digestAlgorithm(name: string | null): DigestAlgorithm | null {
  if (name === null) return 'MD5'
  const upper = name.toUpperCase()
  return upper === 'MD5' || upper === 'SHA-256' ? upper : null
}

/** H(data), hex. Texts are UTF-8 (RFC 7616 4). */
export function digestHash(algorithm: DigestAlgorithm, text: string): string {
  return hash(hash_names[algorithm], text, 'hex')
}

export type DigestQuestion = {
  readonly algorithm: DigestAlgorithm
  readonly method: string
  /** `uri` of the answer, as it stands there. */
  readonly uri: string
  readonly nonce: string
  /** null: the older form, without a client's nonce (RFC 2069). */
  readonly auth: { readonly nc: string; readonly cnonce: string } | null
}

/** What an answer to the question must say. `ha1`: H(username:realm:password), hex. */
export function digestResponse(question: DigestQuestion, ha1: string): string {
  const { algorithm, method, uri, nonce, auth } = question
  const ha2 = digestHash(algorithm, `${method}:${uri}`)
  const middle = auth === null ? nonce : `${nonce}:${auth.nc}:${auth.cnonce}:auth`
  return digestHash(algorithm, `${ha1}:${middle}:${ha2}`)
}

/** The parameters of `Digest name=value, …` by lower-case name, without their quotes; null for another scheme or nonsense. */
export function parseDigest(header: string): ReadonlyMap<string, string> | null {
  const scheme = /^\s*Digest\s+/i.exec(header)?.[0]
  if (scheme === undefined) return null
  const values = new Map<string, string>()
  for (const element of splitList(header.slice(scheme.length))) {
    const parsed = parseParams(`;${element}`, 0)
    const param: Param | undefined = parsed?.params[0]
    if (parsed === null || param === undefined || parsed.end !== element.length + 1) return null
    const [name] = param
    const value = paramOf(parsed.params, name)
    // Twice the same name: which one was meant cannot be known.
    if (value === undefined || value === null || parsed.params.length > 1 || values.has(name)) return null
    values.set(name, unquote(value))
  }
  return values
}

function unquote(text: string): string {
  return text.startsWith('"') ? text.slice(1, -1).replace(/\\(.)/gs, '$1') : text
}

/** A quoted-string (RFC 3261 25.1). */
export function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`
}
