/** Fetches a document from an address that a customer named, and reads it. */
import type { ThreadLimits } from '#adapters/bounded-thread.ts'
import { PARSE_LIMITS, parseDocument } from '#adapters/parse-document.ts'
import { createGuest, type FetchWanted } from '#adapters/polite-fetch.ts'
import { ReadFault } from '#adapters/read-fault.ts'
import type { ResolveName } from '#adapters/resolve-name.ts'
import { DocumentFault, type DocumentReader } from '#app/document-reader.ts'
import type { AddressRange } from '#core/ip.ts'
import { mediaTypeOf } from '#core/media-type.ts'
import { refuseUrl, URL_REFUSALS } from '#core/outbound-url.ts'

export type DocumentReaderOptions = {
  /** Reached besides public addresses: OUTBOUND_ALLOW. */
  readonly allow: readonly AddressRange[]
  readonly fetch_timeout_ms?: number
  readonly limits?: ThreadLimits
  /** For tests; else DNS. */
  readonly resolve?: ResolveName
}

const FETCH_TIMEOUT_MS = 20_000
const BYTES_LIMIT = 10 * 1024 * 1024

const ACCEPT = 'text/html, application/xhtml+xml, application/pdf, text/markdown, text/plain;q=0.9, */*;q=0.1'

/** What says nothing of its type is taken for a page. */
const mediaTypeFrom = (content_type: string): ReturnType<typeof mediaTypeOf> =>
  mediaTypeOf(content_type) ?? (content_type === '' ? 'text/html' : null)

const isRedirect = (status: number | undefined): boolean => status !== undefined && status >= 300 && status <= 399
const isPassing = (status: number | undefined): boolean => status === 429 || (status ?? 0) >= 500

/** A document's failures, where a website's are many more. */
const toFault = ({ fault, status }: ReadFault): DocumentFault => {
  switch (fault) {
    case 'address_denied':
    case 'leaves_site':
      return new DocumentFault('source_denied')
    case 'status':
      return new DocumentFault('source_status', isPassing(status))
    case 'redirect_loop':
      return new DocumentFault('source_redirects')
    case 'not_text':
      return new DocumentFault('source_type')
    case 'too_large':
      return new DocumentFault('source_too_large')
    case 'timed_out':
      return new DocumentFault('source_too_slow', true)
    case 'unreadable':
      return new DocumentFault(isRedirect(status) ? 'source_redirects' : 'source_unreadable')
    default:
      return new DocumentFault('source_unreachable', true)
  }
}

export const createDocumentReader = (options: DocumentReaderOptions): DocumentReader => {
  const { allow, resolve, limits = PARSE_LIMITS, fetch_timeout_ms = FETCH_TIMEOUT_MS } = options
  const guest = createGuest({ allow, timeout_ms: fetch_timeout_ms, ...(resolve ? { resolve } : {}) })
  const wanted = (signal: AbortSignal): FetchWanted => ({
    accept: ACCEPT,
    limit_bytes: BYTES_LIMIT,
    // Each address on the way is judged like the first.
    may_follow: url => refuseUrl(url.href, allow) === null,
    takes: content_type => mediaTypeFrom(content_type) !== null,
    signal,
  })
  const get = async (url: string, signal: AbortSignal) => {
    if (refuseUrl(url, allow) !== null) throw new DocumentFault('source_denied')
    try {
      return await guest.get(new URL(url), wanted(signal))
    } catch (error) {
      throw error instanceof ReadFault ? toFault(error) : error
    }
  }
  return {
    fetch: async (url, signal) => {
      const { bytes, content_type } = await get(url, signal)
      const media_type = mediaTypeFrom(content_type) ?? 'text/html'
      const charset = /charset\s*=\s*"?([\w-]{1,40})/.exec(content_type)?.[1] ?? null
      return { ...(await parseDocument({ bytes, media_type, charset }, limits, signal)), media_type }
    },
    parse: (bytes, media_type, signal) => parseDocument({ bytes, media_type, charset: null }, limits, signal),
    refuse_url: url => {
      const refusal = refuseUrl(url, allow)
      return refusal === null ? null : URL_REFUSALS[refusal]
    },
  }
}
