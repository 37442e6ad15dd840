/** Addresses out of sitemaps (sitemaps.org 0.9), read as they stream by: a million entries fill no memory. */
import { Readable, type Transform } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { Guest } from '#adapters/polite-fetch.ts'
import { ReadFault } from '#adapters/read-fault.ts'

/** What one sitemap may be, unpacked (sitemaps.org). */
const SITEMAP_BYTES = 50 * 1024 * 1024
const SITEMAPS_LIMIT = 10
/** More than are ever read; the first ones are as good as any. */
const ENTRIES_LIMIT = 1000
/** What has no end within so much is no entry. */
const ENTRY_LENGTH = 4096

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

const decodeEntities = (text: string): string =>
  text.replace(/&(?:(amp|lt|gt|quot|apos)|#(\d{1,7}));/g, (whole, name?: string, code?: string) => {
    if (name !== undefined) return ENTITIES[name] ?? whole
    const point = Number(code)
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole
  })

/** No two parts of it match the same characters: nothing to try again and again. */
const LOCATION = /<loc(?:\s[^>]{0,100})?>([^<]{1,2200}|\s{0,100}<!\[CDATA\[[^\]]{1,2200}\]\]>\s{0,100})<\/loc>/g

const locationOf = (found: string): string => decodeEntities(found.replace(/<!\[CDATA\[|\]\]>/g, '').trim())

export type SitemapEntries = {
  /** Of further sitemaps, when this is an index of them. */
  readonly is_index: boolean
  readonly locations: readonly string[]
}

/** Ends the stream as soon as it has `limit` entries. */
export const readSitemap = async (chunks: AsyncIterable<Buffer>, limit: number): Promise<SitemapEntries> => {
  const decoder = new TextDecoder()
  const locations: string[] = []
  let is_index = false
  let rest = ''
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true })
    is_index ||= rest.includes('<sitemapindex')
    let end = 0
    for (const match of rest.matchAll(LOCATION)) {
      locations.push(locationOf(match[1] ?? ''))
      end = match.index + match[0].length
      if (locations.length >= limit) return { is_index, locations }
    }
    rest = rest.slice(Math.max(end, rest.length - ENTRY_LENGTH))
  }
  return { is_index, locations }
}

/** `.xml.gz` is sent as it is, packed, whatever the headers say. */
async function* gunzippedIfPacked(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const iterator = chunks[Symbol.asyncIterator]()
  const first = await iterator.next()
  if (first.done) return
  async function* all(head: Buffer): AsyncGenerator<Buffer> {
    try {
      yield head
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value
    } finally {
      await iterator.return?.()
    }
  }
  const whole = all(first.value)
  if (first.value[0] !== 0x1f || first.value[1] !== 0x8b) return yield* whole
  const unpacker: Transform = createGunzip()
  const source = Readable.from(whole)
  source.on('error', error => unpacker.destroy(error))
  let left_bytes = SITEMAP_BYTES
  try {
    for await (const chunk of source.pipe(unpacker)) {
      left_bytes -= chunk.length
      if (left_bytes < 0) throw new ReadFault('too_large')
      yield chunk
    }
  } finally {
    source.destroy()
    unpacker.destroy()
  }
}

type SitemapOptions = {
  readonly signal: AbortSignal
  /** Of the same site, and allowed. */
  readonly may_read: (url: URL) => boolean
  /** Between two questions. */
  readonly pause: () => Promise<void>
}

/** What the sitemaps name, at most 1000 addresses. One that cannot be read is left out. */
export const readSitemaps = async (
  guest: Guest,
  starts: readonly URL[],
  options: SitemapOptions,
): Promise<string[]> => {
  const { signal, may_read, pause } = options
  const waiting = [...starts]
  const seen = new Set<string>()
  const found: string[] = []
  while (waiting.length > 0 && seen.size < SITEMAPS_LIMIT && found.length < ENTRIES_LIMIT) {
    const url = waiting.shift()
    if (url === undefined || seen.has(url.href) || !may_read(url)) continue
    seen.add(url.href)
    await pause()
    const wanted = { accept: 'application/xml, text/xml', limit_bytes: SITEMAP_BYTES, may_follow: may_read, signal }
    const take = (chunks: AsyncIterable<Buffer>) => readSitemap(gunzippedIfPacked(chunks), ENTRIES_LIMIT - found.length)
    const entries = await guest.stream(url, wanted, take).catch((error: unknown) => {
      if (signal.aborted) throw error
      return null
    })
    if (entries === null) continue
    if (!entries.is_index) found.push(...entries.locations)
    else waiting.push(...entries.locations.flatMap(text => URL.parse(text, url.href) ?? []))
  }
  return found
}
