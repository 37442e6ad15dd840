/** Who is asking, and whether they may (contract: missing or unusable credential 401, usable but not for this 403). */
import { authenticate, recognizeCredential, wasAccepted } from '#app/authenticate.ts'
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

/**
 * The organization that the request names, in a header or as its account; an empty header names none. Two different ones
 * are a mistake worth stopping.
 */
const organizationOf = (headers: Headers, account: string | null): string | null => {
  const named = ORGANIZATION_HEADERS.map(name =>
    String(headers[name] ?? '')
      .trim()
      .toLowerCase(),
  ).filter(id => id !== '')
  const [one, another] = new Set([...named, ...(account === null ? [] : [account.toLowerCase()])])
  return another === undefined ? (one ?? null) : refuse('organization_mismatch')
}

/**
 * Who fails too often is not listened to for a while, the database not asked for them either. What this process has
 * accepted before is: somebody else behind the same address may be the one who fails.
 */
const limited = async <T, Named extends string | null | undefined>(
  app: App,
  limits: RateLimits,
  { headers, ip }: Asking,
  organization: () => Named,
  find: (credential: string, organization: Named) => Promise<T | null>,
): Promise<T> => {
  const now_ms = app.clock.now_ms()
  const source = networkOf(ip)
  if (!headers.authorization) refuse('credential_missing')
  try {
    const credential = credentialOf(headers)
    const named = organization()
    if (!limits.failures.allows(source, now_ms) && !wasAccepted(app, credential, named)) refuse('rate_limited')
    return (await find(credential, named)) ?? refuse('credential_invalid')
  } catch (error) {
    if (error instanceof Refused && !limits.failures.take(source, now_ms)) refuse('rate_limited')
    throw error
  }
}

/** One of them is enough; null: none is needed. */
export type Scopes = readonly Scope[] | null

const requireScope = (caller: Caller, scopes: Scopes): void => {
  if (scopes?.some(scope => holds(caller.scopes, scope)) === false) refuse('scope_missing', [scopes.join(' or ')])
}

const identify = (app: App, limits: RateLimits, asking: Asking, account: string | null): Promise<Caller> =>
  limited(
    app,
    limits,
    asking,
    () => organizationOf(asking.headers, account),
    (credential, organization) => authenticate(app, credential, organization),
  )

/** The caller, or a refusal. `account`: the organization as the request itself names it; null: only headers can. */
export const authorize = async (
  app: App,
  limits: RateLimits,
  asking: Asking,
  scopes: Scopes,
  account: string | null = null,
): Promise<Caller> => {
  const caller = await identify(app, limits, asking, account)
  if (!limits.requests.take(caller.key_id, app.clock.now_ms())) refuse('rate_limited')
  requireScope(caller, scopes)
  return caller
}

/**
 * Before a body is read that will name the organization: who has no credential, or a key without the scope, need not be
 * listened to.
 */
export const recognize = async (app: App, limits: RateLimits, asking: Asking, scopes: Scopes): Promise<void> => {
  const { key_id, caller } = await limited(
    app,
    limits,
    asking,
    () => undefined,
    credential => recognizeCredential(app, credential),
  )
  if (!limits.requests.take(key_id, app.clock.now_ms())) refuse('rate_limited')
  if (caller !== null) requireScope(caller, scopes)
}

/** Has the last word on a request that was recognized, and counted, before its body named the account. */
export const authorizeAccount = async (
  app: App,
  limits: RateLimits,
  asking: Asking,
  scopes: Scopes,
  account: string,
): Promise<Caller> => {
  const caller = await identify(app, limits, asking, account)
  requireScope(caller, scopes)
  return caller
}
