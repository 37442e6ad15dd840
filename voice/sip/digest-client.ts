/** Answers a 401 or 407 (RFC 3261 22.2, 22.3). */

import { digestAlgorithm, digestHash, digestResponse, parseDigest, quoted } from '#voice/sip/digest.ts'
import type { SipHeaders } from '#voice/sip/message.ts'
import { randomToken } from '#voice/sip/random-token.ts'

export type Credentials = { readonly username: string; readonly password: string }

/**
 * The header for the request sent again: an answer to the first challenge that we can answer, which is the one that the
 * server likes best (RFC 8760 2.4). null: none of them can be.
 */
export function answerChallenge(
  refusal: { readonly status: number; readonly headers: SipHeaders },
  request: { readonly method: string; readonly uri: string },
  credentials: Credentials,
): readonly [name: string, value: string] | null {
  const is_proxy = refusal.status === 407
  const challenges = refusal.headers.all(is_proxy ? 'proxy-authenticate' : 'www-authenticate')
  for (const challenge of challenges) {
    const value = answer(challenge, request, credentials)
    if (value !== null) return [is_proxy ? 'proxy-authorization' : 'authorization', value]
  }
  return null
}

/** Whether the refused answer failed for the age of its nonce alone: then it is worth another. */
export function isStale(headers: SipHeaders): boolean {
  const challenges = [...headers.all('www-authenticate'), ...headers.all('proxy-authenticate')]
  return challenges.some(challenge => parseDigest(challenge)?.get('stale')?.toLowerCase() === 'true')
}

function answer(
  challenge: string,
  { method, uri }: { readonly method: string; readonly uri: string },
  { username, password }: Credentials,
): string | null {
  const values = parseDigest(challenge)
  const algorithm = digestAlgorithm(values?.get('algorithm') ?? null)
  const [realm, nonce] = [values?.get('realm'), values?.get('nonce')]
  if (values === null || algorithm === null || realm === undefined || nonce === undefined) return null
  const qop = values.get('qop')
  if (qop !== undefined && !/(^|[\s,])auth($|[\s,])/i.test(qop)) return null
  const auth = qop === undefined ? null : { nc: '00000001', cnonce: randomToken() }
  const ha1 = digestHash(algorithm, `${username}:${realm}:${password}`)
  const response = digestResponse({ algorithm, method, uri, nonce, auth }, ha1)
  const opaque = values.get('opaque')
  return [
    `Digest username=${quoted(username)}, realm=${quoted(realm)}, nonce=${quoted(nonce)}, uri=${quoted(uri)}`,
    `response="${response}", algorithm=${algorithm}`,
    ...(auth === null ? [] : [`qop=auth, nc=${auth.nc}, cnonce="${auth.cnonce}"`]),
    ...(opaque === undefined ? [] : [`opaque=${quoted(opaque)}`]),
  ].join(', ')
}
