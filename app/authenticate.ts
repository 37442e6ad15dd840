/** Who a credential speaks for, and in which organization. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { App, CachedCaller, Caller } from '#app/context.ts'
import { Refused, refuse } from '#app/refused.ts'
import { scopesThere } from '#core/member.ts'
import { findApiKey, markApiKeyUsed } from '#store/api-keys.ts'
import { findPersonalToken, markPersonalTokenUsed } from '#store/personal-tokens.ts'

/** A deleted or expired credential is refused within a second in every process: nothing is believed for longer than this. */
const BELIEVED_MS = 900
const BELIEVED_LIMIT = 10_000
/** `last_used_at` is kept to the minute: a busy credential must not become a busy row. */
const LAST_USE_STEP_MS = 60_000

export const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()

const CREDENTIAL = /^(ak|pat)_([A-Za-z0-9-]{4,64})\.[A-Za-z0-9_-]{16,256}$/
const ORGANIZATION = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The organization that the request names; null: none. Lower case. */
type Named = string | null
type Found = { readonly caller: Caller; readonly expires_at: string | null; readonly last_used_at: string | null }

/** An organization's key carries its organization. */
const untilOf = (expires_at: string | null) => (expires_at === null ? {} : { expires_at })

const findKey = async (app: App, id: string, hash: Buffer): Promise<Found | null> => {
  const key = await findApiKey(app.system, id)
  if (!key || !timingSafeEqual(key.secret_sha256, hash)) return null
  const { organization_id, key_id, scopes } = key
  return { caller: { organization_id, key_id, user_id: null, scopes, ...untilOf(key.expires_at) }, ...key }
}

/** A person's token is nothing without the organization; whether one that the person is not in exists is not said. */
const findToken = async (app: App, id: string, hash: Buffer, organization: Named): Promise<Found | null> => {
  const is_id = organization !== null && ORGANIZATION.test(organization)
  const token = await findPersonalToken(app.system, id, is_id ? organization : null)
  if (!token || !timingSafeEqual(token.secret_sha256, hash) || hasExpired(app, token.expires_at)) return null
  if (organization === null) return refuse('organization_missing')
  if (token.role === null) return refuse('not_a_member')
  const { key_id, user_id } = token
  return {
    caller: {
      ...{ organization_id: organization, key_id, user_id },
      scopes: scopesThere(token.role, token.scopes),
      ...untilOf(token.expires_at),
    },
    ...token,
  }
}

const hasExpired = (app: App, expires_at: string | null): boolean =>
  expires_at !== null && Date.parse(expires_at) <= app.clock.now_ms()

const noteUse = (app: App, { caller, last_used_at }: Found): void => {
  if (last_used_at !== null && app.clock.now_ms() - Date.parse(last_used_at) <= LAST_USE_STEP_MS) return
  const mark = caller.user_id === null ? markApiKeyUsed : markPersonalTokenUsed
  mark(app.system, caller.key_id).catch(error =>
    app.log.warn({ err: String(error) }, 'last use of a credential not noted'),
  )
}

const cacheKey = (hash: Buffer, organization: Named): string => `${hash.toString('base64')} ${organization ?? ''}`

/** Whether this process has accepted it before; undefined: in any organization. It may have been deleted since. */
export const wasAccepted = (app: App, credential: string, organization: Named | undefined): boolean => {
  if (organization !== undefined) return app.callers.has(cacheKey(sha256(credential), organization))
  const start = cacheKey(sha256(credential), null)
  return [...app.callers.keys()].some(key => key.startsWith(start))
}

/**
 * `credential` is what follows `Bearer`. null: unknown, malformed, expired or deleted; which of them is nobody's business.
 * Refuses with organization_missing, organization_mismatch or not_a_member what is valid and not for here.
 */
export const authenticate = async (
  app: App,
  credential: string,
  organization: Named = null,
): Promise<Caller | null> => {
  const [, kind, id] = CREDENTIAL.exec(credential) ?? []
  if (id === undefined) return null
  const hash = sha256(credential)
  const now_ms = app.clock.now_ms()
  const cache_key = cacheKey(hash, organization)
  const known = app.callers.get(cache_key)
  // Found later than now: the clock was set back, and when it was found cannot be told.
  const age_ms = known ? now_ms - known.found_at_ms : -1
  if (known && age_ms >= 0 && age_ms < BELIEVED_MS) return hasExpired(app, known.expires_at) ? null : known.caller
  const found = kind === 'ak' ? await findKey(app, id, hash) : await findToken(app, id, hash, organization)
  if (!found || hasExpired(app, found.expires_at)) return null
  const { caller, expires_at } = found
  if (organization !== null && organization !== caller.organization_id) refuse('organization_mismatch')
  if (app.callers.size >= BELIEVED_LIMIT) app.callers.clear()
  app.callers.set(cache_key, { caller, expires_at, found_at_ms: now_ms } satisfies CachedCaller)
  noteUse(app, found)
  return caller
}

export type Recognized = {
  readonly key_id: string
  /** null: a person's token, which is anybody only in an organization. */
  readonly caller: Caller | null
}

/** A credential that is one, before it is known for which organization it will be used. null: as `authenticate` has it. */
export const recognizeCredential = async (app: App, credential: string): Promise<Recognized | null> => {
  try {
    const caller = await authenticate(app, credential)
    return caller && { key_id: caller.key_id, caller }
  } catch (error) {
    const key_id = CREDENTIAL.exec(credential)?.[2]
    const is_token = error instanceof Refused && error.refusal.code === 'organization_missing'
    if (!is_token || key_id === undefined) throw error
    return { key_id, caller: null }
  }
}

/** This process believes them no longer; others find out within a second. */
export const forgetCallers = (app: App, whom: (caller: Caller) => boolean): void => {
  for (const [key, { caller }] of app.callers) if (whom(caller)) app.callers.delete(key)
}
