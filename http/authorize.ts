/** Who is asking, and whether they may (contract: missing or unusable credential 401, usable but not for this 403). */
import { authenticate, wasAccepted } from '#app/authenticate.ts'
import type { App, Caller } from '#app/context.ts'
import { Refused, refuse } from '#app/refused.ts'
import { networkOf } from '#core/ip.ts'
import { holds, type Scope } from '#core/scopes.ts'
import type { RateLimits } from '#http/rate-limit.ts'

export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>
export type Asking = { readonly headers: Headers; readonly ip: string }

const ORGANIZATION_HEADERS = ['x-anyreach-org', 'x-patchcord-org'] as const
/** RFC 6750 b64token; the scheme's case does not matter (RFC 9110 11.1). */
const BEARER = /^bearer +([A-Za-z0-9\-._~+/]{1,512}=*) *$/i

const credentialOf = (headers: Headers): string => {
  const header = headers.authorization
  return (typeof header === 'string' ? BEARER.exec(header)?.[1] : undefined) ?? refuse('credential_invalid')
}

/** The organization that the request names; an empty header names none. Two different ones are a mistake worth stopping. */
const organizationOf = (headers: Headers): string | null => {
  const named = ORGANIZATION_HEADERS.map(name =>
    String(headers[name] ?? '')
      .trim()
      .toLowerCase(),
  )
  const [one, another] = new Set(named.filter(id => id !== ''))
  return another === undefined ? (one ?? null) : refuse('organization_mismatch')
}

/**
 * Who fails too often is not listened to for a while, the database not asked for them either. What this process has
 * accepted before is: somebody else behind the same address may be the one who fails.
 */
const identify = async (app: App, limits: RateLimits, { headers, ip }: Asking): Promise<Caller> => {
  const now_ms = app.clock.now_ms()
  const source = networkOf(ip)
  if (!headers.authorization) refuse('credential_missing')
  try {
    const credential = credentialOf(headers)
    const organization = organizationOf(headers)
    if (!limits.failures.allows(source, now_ms) && !wasAccepted(app, credential, organization)) refuse('rate_limited')
    return (await authenticate(app, credential, organization)) ?? refuse('credential_invalid')
  } catch (error) {
    if (error instanceof Refused && !limits.failures.take(source, now_ms)) refuse('rate_limited')
    throw error
  }
}

/** The caller, or a refusal. */
export const authorize = async (
  app: App,
  limits: RateLimits,
  asking: Asking,
  scope: Scope | 'any',
): Promise<Caller> => {
  const caller = await identify(app, limits, asking)
  if (!limits.requests.take(caller.key_id, app.clock.now_ms())) refuse('rate_limited')
  if (scope !== 'any' && !holds(caller.scopes, scope)) refuse('scope_missing', [scope])
  return caller
}
