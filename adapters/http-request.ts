/** What tools ask web services: guarded, bounded, once, without following redirects. Every failure is a sentence. */
import { errors, request } from 'undici'
import { AddressDenied, guardedAgent, unlessAborted } from '#adapters/guarded-connect.ts'
import type { ResolveName } from '#adapters/resolve-name.ts'
import type { Log, WebAnswer, WebRequest, WebRequests } from '#app/ports.ts'
import type { AddressRange } from '#core/ip.ts'
import { refuseUrl } from '#core/outbound-url.ts'

export type WebRequestsOptions = {
  /** Reached besides public addresses: OUTBOUND_ALLOW. */
  readonly allow: readonly AddressRange[]
  readonly log: Log
  /** For tests; else DNS. */
  readonly resolve?: ResolveName
}

const BODY_LIMIT_BYTES = 64 * 1024

/** What ends a request, in words for a language model and for the transcript. */
class Failed extends Error {}

/** Of the connection, never of the tool: a header that a config may not set, since we do. */
const OURS = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'upgrade',
  'te',
  'trailer',
  'expect',
])

const allowedHeaders = (headers: WebRequest['headers']): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !OURS.has(name.toLowerCase())))

const readText = async (body: AsyncIterable<Buffer>): Promise<string> => {
  const chunks: Buffer[] = []
  let left_bytes = BODY_LIMIT_BYTES
  for await (const chunk of body) {
    left_bytes -= chunk.length
    if (left_bytes < 0) throw new Failed(`the answer is larger than ${BODY_LIMIT_BYTES / 1024} KiB`)
    chunks.push(chunk)
  }
  // What PostgreSQL cannot keep is not worth keeping.
  return Buffer.concat(chunks).toString('utf8').replaceAll('\u0000', '\ufffd')
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'there is no such host',
  ECONNRESET: 'the connection was closed',
}

const reasonOf = (error: unknown): string => {
  if (error instanceof Failed) return error.message
  if (error instanceof AddressDenied) return 'this address may not be reached'
  if (error instanceof errors.InvalidArgumentError) return 'the request is malformed'
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return REASONS[code] ?? 'the connection failed'
}

const ask = async (web: WebRequest, options: WebRequestsOptions, signal: AbortSignal): Promise<WebAnswer> => {
  const { allow, resolve } = options
  if (refuseUrl(web.url, allow) !== null) throw new Failed('this address may not be reached')
  const agent = guardedAgent({ allow, signal, ...(resolve ? { resolve } : {}) })
  try {
    const work = async (): Promise<WebAnswer> => {
      const response = await request(web.url, {
        dispatcher: agent,
        method: web.method as 'POST',
        headers: { 'user-agent': 'Patchcord', 'accept-encoding': 'identity', ...allowedHeaders(web.headers) },
        body: web.body,
      })
      const { statusCode: status, headers, body } = response
      if ((headers['content-encoding'] ?? 'identity') !== 'identity') throw new Failed('the answer is compressed')
      const text = await readText(body)
      if (status >= 300 && status < 400) throw new Failed(`it answered ${status}; redirects are not followed`)
      return status < 300 ? { ok: true, status, text } : { ok: false, reason: `it answered ${status}` }
    }
    return await unlessAborted(signal, work())
  } finally {
    agent.destroy().catch(() => undefined)
  }
}

export const createWebRequests = (options: WebRequestsOptions): WebRequests => ({
  async send(web, outer) {
    const late = AbortSignal.timeout(web.timeout_ms)
    try {
      return await ask(web, options, AbortSignal.any([outer, late]))
    } catch (error) {
      outer.throwIfAborted()
      const reason = late.aborted ? `it did not answer within ${web.timeout_ms} ms` : reasonOf(error)
      // The host alone: paths and queries often hold a key, or what somebody said.
      options.log.info({ host: URL.parse(web.url)?.host ?? null, reason }, 'a tool asked in vain')
      return { ok: false, reason }
    }
  },
})
