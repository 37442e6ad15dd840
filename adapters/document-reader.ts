/** Fetches a document from an address that a customer named, and reads it. */
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate } from 'node:zlib'
import { type Dispatcher, request } from 'undici'
import { AddressDenied, guardedAgent, unlessAborted } from '#adapters/guarded-connect.ts'
import { PARSE_LIMITS, type ParseLimits, parseDocument } from '#adapters/parse-worker.ts'
import type { ResolveName } from '#adapters/resolve-name.ts'
import { DocumentFault, type DocumentReader } from '#app/document-reader.ts'
import type { AddressRange } from '#core/ip.ts'
import { mediaTypeOf } from '#core/media-type.ts'
import { refuseUrl, URL_REFUSALS } from '#core/outbound-url.ts'

export type DocumentReaderOptions = {
  /** Reached besides public addresses: OUTBOUND_ALLOW. */
  readonly allow: readonly AddressRange[]
  readonly fetch_timeout_ms?: number
  readonly limits?: ParseLimits
  /** For tests; else DNS. */
  readonly resolve?: ResolveName
}

const FETCH_TIMEOUT_MS = 20_000
const BYTES_LIMIT = 10 * 1024 * 1024
const REDIRECTS_LIMIT = 5
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308]

const HEADERS = {
  accept: 'text/html, application/xhtml+xml, application/pdf, text/markdown, text/plain;q=0.9, */*;q=0.1',
  'accept-encoding': 'gzip',
  'user-agent': 'Patchcord',
} as const

const unpack = { gzip: promisify(gunzip), br: promisify(brotliDecompress), deflate: promisify(inflate) }

const textOf = (header: string | string[] | undefined): string => [header].flat()[0] ?? ''

const readBytes = async ({ headers, body }: Dispatcher.ResponseData): Promise<Buffer> => {
  if (Number(headers['content-length'] ?? 0) > BYTES_LIMIT) throw new DocumentFault('source_too_large')
  const chunks: Buffer[] = []
  let left_bytes = BYTES_LIMIT
  for await (const chunk of body) {
    left_bytes -= chunk.length
    if (left_bytes < 0) throw new DocumentFault('source_too_large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** A kilobyte may be a gigabyte packed: no more than the limit is unpacked. */
const unpacked = async (bytes: Buffer, encoding: string): Promise<Buffer> => {
  if (encoding === '' || encoding === 'identity') return bytes
  if (!(encoding === 'gzip' || encoding === 'br' || encoding === 'deflate'))
    throw new DocumentFault('source_unreadable')
  try {
    return await unpack[encoding](bytes, { maxOutputLength: BYTES_LIMIT })
  } catch (error) {
    const too_large = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
    throw new DocumentFault(too_large ? 'source_too_large' : 'source_unreadable')
  }
}

type Fetched = { readonly bytes: Buffer; readonly media_type: string; readonly charset: string | null }

const receive = async (response: Dispatcher.ResponseData): Promise<Fetched> => {
  const { statusCode: status, headers } = response
  if (status < 200 || status > 299) throw new DocumentFault('source_status', status === 429 || status >= 500)
  const type = textOf(headers['content-type'])
  const media_type = mediaTypeOf(type) ?? (type === '' ? 'text/html' : null)
  if (media_type === null) throw new DocumentFault('source_type')
  const encoding = textOf(headers['content-encoding']).trim().toLowerCase()
  const bytes = await unpacked(await readBytes(response), encoding)
  return { bytes, media_type, charset: /charset\s*=\s*"?([\w-]{1,40})/i.exec(type)?.[1] ?? null }
}

/** Each address on the way is judged like the first. */
const follow = async (url: string, allow: readonly AddressRange[], agent: Dispatcher): Promise<Fetched> => {
  let next = url
  for (let hops = 0; hops <= REDIRECTS_LIMIT; hops++) {
    if (refuseUrl(next, allow) !== null) throw new DocumentFault('source_denied')
    const response = await request(next, { dispatcher: agent, method: 'GET', headers: HEADERS })
    if (!REDIRECTS.includes(response.statusCode)) return receive(response)
    const target = URL.parse(textOf(response.headers.location), next)
    // Undici says of a body that is given up that it was; unheard, that would end the process.
    response.body.on('error', () => undefined).destroy()
    if (target === null) throw new DocumentFault('source_redirects')
    next = target.href
  }
  throw new DocumentFault('source_redirects')
}

const toFault = (error: unknown): DocumentFault => {
  if (error instanceof DocumentFault) return error
  return error instanceof AddressDenied
    ? new DocumentFault('source_denied')
    : new DocumentFault('source_unreachable', true)
}

export const createDocumentReader = (options: DocumentReaderOptions): DocumentReader => {
  const { allow, resolve, limits = PARSE_LIMITS, fetch_timeout_ms = FETCH_TIMEOUT_MS } = options
  const get = async (url: string, signal: AbortSignal): Promise<Fetched> => {
    const late = AbortSignal.timeout(fetch_timeout_ms)
    const over = AbortSignal.any([signal, late])
    const agent = guardedAgent({ allow, signal: over, ...(resolve ? { resolve } : {}) })
    try {
      return await unlessAborted(over, follow(url, allow, agent))
    } catch (error) {
      signal.throwIfAborted()
      throw late.aborted ? new DocumentFault('source_too_slow', true) : toFault(error)
    } finally {
      agent.destroy().catch(() => undefined)
    }
  }
  return {
    fetch: async (url, signal) => {
      const task = await get(url, signal)
      return { ...(await parseDocument(task, limits, signal)), media_type: task.media_type }
    },
    parse: (bytes, media_type, signal) => parseDocument({ bytes, media_type, charset: null }, limits, signal),
    refuse_url: url => {
      const refusal = refuseUrl(url, allow)
      return refusal === null ? null : URL_REFUSALS[refusal]
    },
  }
}
