/** The Idempotency-Key of a write: the same request again is answered as it was, and does nothing. */
import type { App, Caller } from '#app/context.ts'
import { type StoredAnswer, serveOnce } from '#app/idempotency.ts'
import { refuse } from '#app/refused.ts'
import { canonicalJson } from '#core/canonical-json.ts'
import type { Headers } from '#http/authorize.ts'
import type { Reply } from '#http/call.ts'
import { errorReply } from '#http/error-answer.ts'
import { dialectOf } from '#wire/operation.ts'

const KEY_LENGTH = 255

/** null: there is none. */
export const keyOf = (headers: Headers): string | null => {
  const key = headers['idempotency-key']
  if (key === undefined) return null
  if (typeof key !== 'string' || key === '' || key.length > KEY_LENGTH) return refuse('idempotency_key_malformed')
  return key
}

export type KeyedRequest = {
  readonly key: string
  readonly method: string
  /** Path and query as they arrived. */
  readonly url: string
  /** The route's pattern, for the log. */
  readonly path: string
  readonly body: unknown
  /** Without a transaction around it (wire/operation.ts). */
  readonly apart: boolean
}

/** With a key: all but the password of a trunk's body can be read in the trunk, and a plain hash would let it be guessed. */
const macOf = (app: App, { method, url, body }: KeyedRequest): Buffer =>
  app.secrets.mac(`${method} ${url}\n${canonicalJson(body)}`)

const toStored = (reply: Reply, request_id: string): StoredAnswer => ({
  request_id,
  status: reply.status,
  headers: reply.headers ?? {},
  body: reply.body === undefined ? null : JSON.stringify(reply.body),
  secret_of: reply.secret_of ?? null,
})

const toReply = ({ status, headers, body }: StoredAnswer): Reply => ({
  status,
  headers,
  ...(body === null ? {} : { text: body }),
})

/** A replay is the first answer to the letter, its X-Request-Id too: that one finds in the log what was done. */
export const serveOncePerKey = async (
  app: App,
  caller: Caller,
  request: KeyedRequest,
  serve: (app: App) => Promise<Reply>,
): Promise<Reply> => {
  const request_id = caller.request?.request_id ?? ''
  const operation = `${request.method} ${request.path}`
  // Shown now, and kept by nobody.
  let shown: Reply | null = null
  const { answer, replayed } = await serveOnce(app, caller, {
    key: request.key,
    apart: request.apart,
    request_sha256: macOf(app, request),
    serve: async joined => {
      const reply = await serve(joined)
      const stored = toStored(reply, request_id)
      if (stored.secret_of === null) return stored
      shown = reply
      return { ...stored, body: null }
    },
    answerOf: refused =>
      toStored(errorReply(app.log, refused, { request_id, operation, dialect: dialectOf(request.path) }), request_id),
  })
  if (shown) return shown
  if (!replayed) return toReply(answer)
  const headers = { ...answer.headers, 'idempotent-replayed': 'true', 'x-request-id': answer.request_id }
  return { ...toReply(answer), headers }
}
