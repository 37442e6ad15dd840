/** From anything thrown to an answer that says nothing of the inside. */
import type { Log } from '#app/ports.ts'
import { Refused } from '#app/refused.ts'
import { isUnavailable } from '#app/unavailable.ts'
import type { Refusal, RefusalCode } from '#core/refusal.ts'
import { BadInput } from '#http/bad-input.ts'
import type { Reply } from '#http/call.ts'
import { faultsAnswer, refusalAnswer } from '#wire/core-errors.ts'
import type { Dialect } from '#wire/operation.ts'
import { uponaiFaultsAnswer, uponaiRefusalAnswer } from '#wire/uponai-errors.ts'

/** Fastify's own errors about a body. */
const OF_FASTIFY: Readonly<Record<string, RefusalCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'malformed_json',
  FST_ERR_CTP_INVALID_JSON_BODY: 'malformed_json',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'malformed_json',
  // A path that cannot be decoded (`%ZZ`) names nothing.
  FST_ERR_BAD_URL: 'not_found',
  FST_ERR_MAX_PARAM_LENGTH: 'not_found',
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

const refusalOf = (error: unknown): Refusal => {
  if (error instanceof Refused) return error.refusal
  if (isUnavailable(error)) return { code: 'database_unavailable' }
  const code = OF_FASTIFY[codeOf(error)]
  return { code: code ?? 'internal' }
}

/** Seconds; soon enough that a restarted database is found at once. */
const RETRY_AFTER = '1'

const HEADERS: Partial<Record<RefusalCode, Readonly<Record<string, string>>>> = {
  credential_missing: { 'www-authenticate': 'Bearer' },
  credential_invalid: { 'www-authenticate': 'Bearer error="invalid_token"' },
  organization_missing: { 'www-authenticate': 'Bearer' },
  rate_limited: { 'retry-after': RETRY_AFTER },
  too_many_streams: { 'retry-after': RETRY_AFTER },
  database_unavailable: { 'retry-after': RETRY_AFTER },
  idempotency_key_running: { 'retry-after': RETRY_AFTER },
  conversation_busy: { 'retry-after': RETRY_AFTER },
}

const reasonOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error))

/** What only the log may know. `operation` is the route's pattern: never a number, a name or a token. */
const note = (log: Log, error: unknown, refusal: Refusal, request_id: string, operation: string): void => {
  const fields = { request_id, operation, code: refusal.code }
  if (refusal.code === 'internal') log.error({ ...fields, reason: reasonOf(error) }, 'a request failed')
  else if (refusal.code === 'database_unavailable')
    log.warn({ ...fields, reason: codeOf(error) }, 'the database does not answer')
  else if (refusal.detail !== undefined) log.info({ ...fields, detail: refusal.detail }, 'a request was refused')
}

const refusalReply = (dialect: Dialect, refusal: Refusal, request_id: string): Reply =>
  dialect === 'core' ? refusalAnswer(refusal, request_id) : uponaiRefusalAnswer(refusal)

const faultsReply = (dialect: Dialect, { part, faults }: BadInput, request_id: string): Reply =>
  dialect === 'core' ? faultsAnswer(part, faults, request_id) : uponaiFaultsAnswer(part, faults)

/** `operation`: method and route, for the log. */
export const errorReply = (
  log: Log,
  error: unknown,
  { request_id, operation, dialect }: { request_id: string; operation: string; dialect: Dialect },
): Reply => {
  if (error instanceof BadInput) return faultsReply(dialect, error, request_id)
  const refusal = refusalOf(error)
  note(log, error, refusal, request_id, operation)
  const reply = refusalReply(dialect, refusal, request_id)
  return { ...reply, headers: { ...reply.headers, ...HEADERS[refusal.code] } }
}
