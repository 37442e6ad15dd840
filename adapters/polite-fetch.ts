/** GET, as a guest: by our name, at public addresses only, within time and bytes, with redirects followed by hand. */
import { type Dispatcher, request } from 'undici'
import { ACCEPT_ENCODING, discard, readBytes, unpacked } from '#adapters/bounded-body.ts'
import { guardedAgent, unlessAborted } from '#adapters/guarded-connect.ts'
import { ReadFault, toReadFault } from '#adapters/read-fault.ts'
import type { ResolveName } from '#adapters/resolve-name.ts'
import { USER_AGENT_HEADER } from '#adapters/user-agent.ts'
import type { AddressRange } from '#core/ip.ts'
import { refuseUrl } from '#core/outbound-url.ts'

const REDIRECTS = new Set([301, 302, 303, 307, 308])
const REDIRECTS_LIMIT = 5
/** No answer is worth waiting longer for. */
const RETRY_AFTER_LIMIT_MS = 10_000

export type GuestOptions = {
  /** Reached besides public addresses: OUTBOUND_ALLOW. */
  readonly allow: readonly AddressRange[]
  /** For one page with its redirects. */
  readonly timeout_ms: number
  /** For tests; else DNS. */
  readonly resolve?: ResolveName
}

export type FetchWanted = {
  readonly accept: string
  readonly limit_bytes: number
  /** Whether a redirect to there is followed. */
  readonly may_follow: (url: URL) => boolean
  /** Whether a body of this type is worth reading; else `not_text`, unread. Absent: whatever it is. */
  readonly takes?: (content_type: string) => boolean
  readonly signal: AbortSignal
}

export type Fetched = {
  /** Where redirects ended. */
  readonly url: URL
  /** `text/html; charset=utf-8`, lower case. */
  readonly content_type: string
  readonly bytes: Buffer
}

type Answer = { readonly url: URL; readonly response: Dispatcher.ResponseData }

const retryAfterOf = (value: unknown): number => Math.min(RETRY_AFTER_LIMIT_MS, (Number(value) || 1) * 1000)

const follow = async (
  start: URL,
  { accept, may_follow }: FetchWanted,
  dispatcher: Dispatcher,
  allow: readonly AddressRange[],
): Promise<Answer> => {
  let url = start
  for (let redirects = 0; redirects <= REDIRECTS_LIMIT; redirects++) {
    const refusal = refuseUrl(url.href, allow)
    if (refusal !== null) throw new ReadFault(refusal === 'url_host_denied' ? 'address_denied' : 'unreadable')
    const headers = { accept, 'accept-encoding': ACCEPT_ENCODING, 'user-agent': USER_AGENT_HEADER }
    const response = await request(url, { dispatcher, method: 'GET', headers })
    const { statusCode: status, headers: answered, body } = response
    if (!REDIRECTS.has(status)) {
      if (status >= 200 && status <= 299) return { url, response }
      discard(body)
      const later = status === 429 || status === 503 ? { retry_after_ms: retryAfterOf(answered['retry-after']) } : {}
      throw new ReadFault('status', { status, ...later })
    }
    discard(body)
    const next = URL.parse(String(answered.location ?? ''), url.href)
    if (next === null) throw new ReadFault('unreadable', { status })
    if (!may_follow(next)) throw new ReadFault('leaves_site', { status })
    url = next
  }
  throw new ReadFault('redirect_loop')
}

export type Guest = {
  /** Throws a `ReadFault`, or the signal's reason. */
  get(url: URL, wanted: FetchWanted): Promise<Fetched>
  /** The same for what need not be had whole: `take` returns as soon as it has enough. */
  stream<T>(url: URL, wanted: FetchWanted, take: (chunks: AsyncIterable<Buffer>) => Promise<T>): Promise<T>
}

export const createGuest = ({ allow, timeout_ms, resolve }: GuestOptions): Guest => {
  /** A connection of its own for each address: it was judged just now, and nothing of it stays behind. */
  const ask = async <T>(url: URL, wanted: FetchWanted, use: (answer: Answer) => Promise<T>): Promise<T> => {
    const limit = AbortSignal.timeout(timeout_ms)
    const signal = AbortSignal.any([wanted.signal, limit])
    const dispatcher = guardedAgent({ allow, signal, ...(resolve ? { resolve } : {}) })
    try {
      return await unlessAborted(signal, follow(url, wanted, dispatcher, allow).then(use))
    } catch (error) {
      if (wanted.signal.aborted) throw wanted.signal.reason
      throw limit.aborted ? new ReadFault('timed_out') : toReadFault(error)
    } finally {
      dispatcher.destroy().catch(() => undefined)
    }
  }
  return {
    get: (start, wanted) =>
      ask(start, wanted, async ({ url, response }) => {
        const content_type = String(response.headers['content-type'] ?? '').toLowerCase()
        if (wanted.takes?.(content_type) === false) {
          discard(response.body)
          throw new ReadFault('not_text')
        }
        return { url, content_type, bytes: await readBytes(response, wanted.limit_bytes) }
      }),
    stream: (start, wanted, take) =>
      ask(start, wanted, ({ response: { headers, body } }) =>
        take(unpacked(body, String(headers['content-encoding'] ?? ''), wanted.limit_bytes)),
      ),
  }
}
