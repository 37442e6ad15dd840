/** Whether a site lets itself be read: its robots.txt, fetched and kept while the site is read. */
import { decodeText } from '#adapters/decode-text.ts'
import type { RobotsVerdict } from '#adapters/page-messages.ts'
import type { PageThread } from '#adapters/page-thread.ts'
import type { Guest } from '#adapters/polite-fetch.ts'
import { ReadFault } from '#adapters/read-fault.ts'

/** What RFC 9309 2.5 asks for at least. */
const ROBOTS_BYTES = 512 * 1024

export type Robots = {
  verdictOn(urls: readonly URL[]): Promise<RobotsVerdict>
}

const NO_ROBOTS: Robots = {
  verdictOn: async urls => ({ allowed: urls.map(() => true), sitemaps: [], crawl_delay_ms: null }),
}

/** RFC 9309 2.3.1: refused or missing, everything is allowed; an error of the server's, nothing is. */
const withoutRobots = (error: unknown): Robots => {
  if (!(error instanceof ReadFault)) throw error
  const { fault, status = 0 } = error
  if (fault === 'status' && status >= 400 && status <= 499 && status !== 429) return NO_ROBOTS
  if (fault === 'leaves_site' || fault === 'redirect_loop' || fault === 'unreadable' || fault === 'too_large')
    return NO_ROBOTS
  // Nobody there is another thing than a file that is not given.
  throw fault === 'status' ? new ReadFault('robots_unreachable', { status }) : error
}

export const readRobots = async (guest: Guest, thread: PageThread, site: URL, signal: AbortSignal): Promise<Robots> => {
  const url = new URL('/robots.txt', site)
  try {
    // A redirect may lead to any host (2.3.1.2); the guard judges it as it judges all.
    const wanted = { accept: 'text/plain', limit_bytes: ROBOTS_BYTES, may_follow: () => true, signal }
    const { bytes, content_type } = await guest.get(url, wanted)
    const text = decodeText(bytes, content_type)
    return {
      verdictOn: async urls => {
        const asked = urls.map(({ href }) => href)
        const answer = await thread.ask({ kind: 'robots', text, url: url.href, asked }, signal)
        return answer.kind === 'robots' ? answer.verdict : NO_ROBOTS.verdictOn(urls)
      },
    }
  } catch (error) {
    return withoutRobots(error)
  }
}
