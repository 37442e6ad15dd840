/**
 * Reads a website as a guest who behaves: robots.txt and its crawl delay are kept to, one page at a time with a pause
 * between, the same site only, and no more pages, bytes and time than an agent needs.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ThreadLimits } from '#adapters/bounded-thread.ts'
import { createPageThread, PAGE_LIMITS, type PageThread } from '#adapters/page-thread.ts'
import { createGuest, type Fetched, type Guest, type GuestOptions } from '#adapters/polite-fetch.ts'
import { ReadFault, toReadFault } from '#adapters/read-fault.ts'
import { type Robots, readRobots } from '#adapters/robots.ts'
import { readSitemaps } from '#adapters/sitemap.ts'
import type { SiteProgress, SiteReader } from '#app/site-reader.ts'
import type { PageFault, ParsedPage, ReadSite, SitePage } from '#core/site.ts'
import { isSameSite, normalizePage } from '#core/site-address.ts'
import { type SiteQueue, siteQueue } from '#core/site-queue.ts'

export type SiteLimits = {
  readonly pages: number
  /** Addresses asked for, whatever came of them. */
  readonly requests: number
  readonly page_bytes: number
  readonly pdf_bytes: number
  /** Of text, over all pages. */
  readonly characters: number
  readonly time_ms: number
  /** Between two requests, unless robots.txt asks for more. */
  readonly pause_ms: number
}

export const SITE_LIMITS: SiteLimits = {
  pages: 60,
  requests: 120,
  page_bytes: 3 * 1024 * 1024,
  pdf_bytes: 10 * 1024 * 1024,
  characters: 1_000_000,
  time_ms: 180_000,
  pause_ms: 100,
}

export type SiteReaderOptions = Omit<GuestOptions, 'timeout_ms'> & {
  readonly limits?: Partial<SiteLimits>
  readonly parse_limits?: ThreadLimits
  readonly timeout_ms?: number
}

const PAGE_TIMEOUT_MS = 15_000
const ACCEPT = 'text/html, application/xhtml+xml, text/plain;q=0.8, application/pdf;q=0.7'

/** One site being read. */
type Visit = {
  readonly guest: Guest
  readonly thread: PageThread
  readonly limits: SiteLimits
  readonly signal: AbortSignal
  readonly pause: () => Promise<void>
  readonly skipped: Partial<Record<PageFault, number>>
}

const kindOf = ({ content_type, bytes, url }: Fetched): 'html' | 'pdf' => {
  if (/^(text\/html|application\/xhtml\+xml|text\/plain|text\/markdown)/.test(content_type)) return 'html'
  const is_pdf = bytes.subarray(0, 5).toString('latin1') === '%PDF-'
  if (is_pdf) return 'pdf'
  if (content_type === '' && /\.html?$|\/$/.test(url.pathname)) return 'html'
  throw new ReadFault('not_text')
}

const escapeHtml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

/** Plain text is a page without marks. */
const asHtml = ({ content_type, bytes }: Fetched): Buffer =>
  /^text\/(plain|markdown)/.test(content_type) ? Buffer.from(`<pre>${escapeHtml(bytes.toString())}</pre>`) : bytes

const fetchPage = async ({ guest, limits, signal }: Visit, url: URL): Promise<Fetched> => {
  const limit_bytes = /\.pdf$/i.test(url.pathname) ? limits.pdf_bytes : limits.page_bytes
  const wanted = { accept: ACCEPT, limit_bytes, may_follow: (next: URL) => isSameSite(next, url), signal }
  try {
    return await guest.get(url, wanted)
  } catch (error) {
    // One that is busy is left alone for as long as it says, and asked once more.
    if (!(error instanceof ReadFault) || error.retry_after_ms === undefined) throw error
    await sleep(error.retry_after_ms, undefined, { signal })
    return guest.get(url, wanted)
  }
}

const readPage = async (visit: Visit, url: URL): Promise<{ readonly url: URL; readonly page: ParsedPage }> => {
  const fetched = await fetchPage(visit, url)
  const { href } = fetched.url
  const question =
    kindOf(fetched) === 'pdf'
      ? ({ kind: 'pdf', bytes: fetched.bytes, url: href } as const)
      : ({ kind: 'html', bytes: asHtml(fetched), content_type: fetched.content_type, url: href } as const)
  const answer = await visit.thread.ask(question, visit.signal)
  if (answer.kind !== 'page') throw new ReadFault('unreadable')
  return { url: fetched.url, page: answer.page }
}

const toSitePage = (url: URL, { title, language, markdown, facts }: ParsedPage): SitePage => ({
  url: url.href,
  title,
  language,
  markdown,
  facts,
})

const isAllowed = async (robots: Robots, url: URL): Promise<boolean> =>
  (await robots.verdictOn([url])).allowed[0] ?? true

/** The home page, which decides: what cannot be read here is not read at all. */
const enter = async (visit: Visit, start: URL) => {
  const robots = await readRobots(visit.guest, visit.thread, start, visit.signal)
  if (!(await isAllowed(robots, start))) throw new ReadFault('forbidden_by_robots')
  await visit.pause()
  const home = await readPage(visit, start)
  // From http to https or www: another robots.txt.
  const robots_there =
    home.url.origin === start.origin ? robots : await readRobots(visit.guest, visit.thread, home.url, visit.signal)
  if (!(await isAllowed(robots_there, home.url))) throw new ReadFault('forbidden_by_robots')
  return { robots: robots_there, home }
}

const fillQueue = async (visit: Visit, robots: Robots, home: { url: URL; page: ParsedPage }): Promise<SiteQueue> => {
  const { guest, signal, pause } = visit
  const queue = siteQueue()
  const first = normalizePage(home.url.href, home.url)
  if (first !== null) queue.mark(first)
  queue.add(home.page.links, 1, home.url)
  const { sitemaps } = await robots.verdictOn([])
  const named = sitemaps.length > 0 ? sitemaps : [new URL('/sitemap.xml', home.url).href]
  const starts = named.flatMap(text => URL.parse(text, home.url.href) ?? [])
  const may_read = (url: URL) => isSameSite(url, home.url)
  const found = await readSitemaps(guest, starts, { signal, may_read, pause })
  queue.add(
    found.map(href => ({ href, text: '' })),
    2,
    home.url,
  )
  return queue
}

/** Reads on until a limit is reached or nothing is left. What one page fails with is counted, and the next one is read. */
const readOn = async (visit: Visit, robots: Robots, queue: SiteQueue, pages: SitePage[], progress: SiteProgress) => {
  const { limits, skipped, signal, pause } = visit
  const seen_texts = new Set(pages.map(({ markdown }) => markdown))
  let characters = pages.reduce((sum, { markdown }) => sum + markdown.length, 0)
  const skip = (fault: PageFault): void => {
    skipped[fault] = (skipped[fault] ?? 0) + 1
  }
  for (let requests = 1; requests < limits.requests && pages.length < limits.pages; requests++) {
    const next = queue.take()
    if (next === null || characters >= limits.characters) break
    const expected = Math.min(limits.pages, pages.length + queue.waiting + 1)
    progress(pages.length / expected, `${pages.length} pages read, ${queue.waiting + 1} waiting`)
    if (!(await isAllowed(robots, next.url))) {
      skip('forbidden_by_robots')
      continue
    }
    await pause()
    try {
      const { url, page } = await readPage(visit, next.url)
      const ended = normalizePage(url.href, url)
      if (url.href !== next.url.href && ended !== null && !queue.mark(ended)) continue
      queue.add(page.links, next.depth + 1, url)
      if (page.is_script_only || page.markdown === '') skip(page.is_script_only ? 'needs_scripts' : 'no_text')
      else if (!seen_texts.has(page.markdown)) {
        seen_texts.add(page.markdown)
        characters += page.markdown.length
        pages.push(toSitePage(url, page))
      }
    } catch (error) {
      if (signal.aborted) throw error
      skip(toReadFault(error).fault)
    }
  }
}

/** As slowly as robots.txt asks. */
const atItsPace = async (visit: Visit, robots: Robots): Promise<Visit> => {
  const { crawl_delay_ms } = await robots.verdictOn([])
  const pause_ms = Math.max(visit.limits.pause_ms, crawl_delay_ms ?? 0)
  return { ...visit, pause: () => sleep(pause_ms, undefined, { signal: visit.signal }) }
}

const readSite = async (entering: Visit, start: URL, progress: SiteProgress, outer: AbortSignal): Promise<ReadSite> => {
  const { robots, home } = await enter(entering, start)
  const visit = await atItsPace(entering, robots)
  const pages = home.page.markdown === '' || home.page.is_script_only ? [] : [toSitePage(home.url, home.page)]
  try {
    const queue = await fillQueue(visit, robots, home)
    await readOn(visit, robots, queue, pages, progress)
  } catch (error) {
    // Time that ran out ends the visit, and leaves what was read.
    if (outer.aborted || !visit.signal.aborted || pages.length === 0) throw error
  }
  if (pages.length === 0) throw new ReadFault(home.page.is_script_only ? 'needs_scripts' : 'no_text')
  progress(1, `${pages.length} pages read`)
  return { url: home.url.href, pages, skipped: visit.skipped }
}

export const createSiteReader = (options: SiteReaderOptions): SiteReader => ({
  read: async (start, outer, progress) => {
    const limits = { ...SITE_LIMITS, ...options.limits }
    const over = AbortSignal.timeout(limits.time_ms)
    const signal = AbortSignal.any([outer, over])
    const guest = createGuest({ ...options, timeout_ms: options.timeout_ms ?? PAGE_TIMEOUT_MS })
    const thread = createPageThread(options.parse_limits ?? PAGE_LIMITS)
    const pause = (): Promise<void> => sleep(limits.pause_ms, undefined, { signal })
    try {
      const visit = { guest, thread, limits, signal, pause, skipped: {} }
      return { kind: 'read', site: await readSite(visit, start, progress, outer) }
    } catch (error) {
      outer.throwIfAborted()
      if (over.aborted) return { kind: 'failed', fault: 'timed_out', status: null }
      const { fault, status = null } = toReadFault(error)
      return { kind: 'failed', fault, status }
    } finally {
      await thread.close()
    }
  },
})
