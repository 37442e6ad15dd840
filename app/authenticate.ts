/** Who a credential speaks for. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { App, Caller } from '#app/context.ts'
import { findApiKey, markApiKeyUsed } from '#store/api-keys.ts'

/** A deleted or expired key is refused within a second in every process: nothing is believed for longer than this. */
const BELIEVED_MS = 900
const BELIEVED_LIMIT = 10_000
/** `last_used_at` is kept to the minute: a busy key must not become a busy row. */
const LAST_USE_STEP_MS = 60_000

export const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()

const CREDENTIAL = /^ak_([A-Za-z0-9-]{4,64})\.[A-Za-z0-9_-]{16,256}$/

/** `credential` is what follows `Bearer`. null: unknown, malformed, expired or deleted; which of them is nobody's business. */
export const authenticate = async (app: App, credential: string): Promise<Caller | null> => {
  const id = CREDENTIAL.exec(credential)?.[1]
  if (id === undefined) return null
  const hash = sha256(credential)
  const now_ms = app.clock.now_ms()
  const cache_key = hash.toString('base64')
  const known = app.callers.get(cache_key)
  if (known && now_ms - known.found_at_ms < BELIEVED_MS) {
    return known.expires_at_ms !== null && known.expires_at_ms <= now_ms ? null : known.caller
  }
  const key = await findApiKey(app.db, id)
  if (!key || !timingSafeEqual(key.secret_sha256, hash)) return null
  const expires_at_ms = key.expires_at === null ? null : Date.parse(key.expires_at)
  if (expires_at_ms !== null && expires_at_ms <= now_ms) return null
  const caller: Caller = { organization_id: key.organization_id, key_id: key.key_id, user_id: null, scopes: key.scopes }
  if (app.callers.size >= BELIEVED_LIMIT) app.callers.clear()
  app.callers.set(cache_key, { caller, expires_at_ms, found_at_ms: now_ms })
  if (key.last_used_at === null || now_ms - Date.parse(key.last_used_at) > LAST_USE_STEP_MS) {
    markApiKeyUsed(app.db, id).catch(error => app.log.warn({ err: String(error) }, 'last use of a key not noted'))
  }
  return caller
}
