/** The pages of a site that are still to be read, the most worthwhile first. */
import { normalizePage, pageKey, worthOf } from '#core/site-address.ts'

export type FoundLink = { readonly href: string; readonly text: string }

type Candidate = { readonly url: URL; readonly worth: number; readonly depth: number }

/** Pages that differ in their query alone are often one page that is sorted or filtered in many ways. */
const QUERIES_PER_PATH = 5
/** More than are ever read; a site that makes up links fills no memory. */
const WAITING_LIMIT = 2000

export type SiteQueue = {
  /** `depth`: clicks from the home page. */
  add(links: readonly FoundLink[], depth: number, base: URL): void
  /** Where a redirect ended is not read again. false: it was read or is waiting already. */
  mark(url: URL): boolean
  take(): { readonly url: URL; readonly depth: number } | null
  readonly waiting: number
}

export const siteQueue = (): SiteQueue => {
  const seen = new Set<string>()
  const queries = new Map<string, number>()
  const candidates: Candidate[] = []
  const mark = (url: URL): boolean => {
    const key = pageKey(url)
    if (seen.has(key)) return false
    seen.add(key)
    return true
  }
  const hasTooManyQueries = (url: URL): boolean => {
    if (url.search === '') return false
    const count = (queries.get(url.pathname) ?? 0) + 1
    queries.set(url.pathname, count)
    return count > QUERIES_PER_PATH
  }
  return {
    mark,
    add: (links, depth, base) => {
      for (const { href, text } of links) {
        if (candidates.length >= WAITING_LIMIT) return
        const url = normalizePage(href, base)
        if (url === null || !mark(url) || hasTooManyQueries(url)) continue
        candidates.push({ url, worth: worthOf(url, text, depth), depth })
      }
    },
    take: () => {
      let best = -1
      for (const [index, { worth }] of candidates.entries())
        if (best < 0 || worth > (candidates[best]?.worth ?? Number.NEGATIVE_INFINITY)) best = index
      const [taken] = best < 0 ? [] : candidates.splice(best, 1)
      return taken ?? null
    },
    get waiting() {
      return candidates.length
    },
  }
}
