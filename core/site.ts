/** A website as it was read: its pages as text, what they say about the business, and why it could not be read. */
import type { FoundLink } from '#core/site-queue.ts'

/** Found on one page, as it is written there. */
export type PageFacts = {
  readonly names: readonly string[]
  readonly descriptions: readonly string[]
  readonly opening_hours: readonly OpeningHours[]
  readonly services: readonly Service[]
  readonly prices: readonly Price[]
  readonly phone_numbers: readonly string[]
  readonly addresses: readonly string[]
  readonly emails: readonly string[]
  /** `#1a2b3c` */
  readonly colors: readonly string[]
  /** URLs. */
  readonly logos: readonly string[]
}

/** `days: 'Monday–Friday'`, `hours: '08:00–18:00'` or `closed`, as the page has them. */
export type OpeningHours = { readonly days: string; readonly hours: string }
export type Service = { readonly name: string; readonly description: string | null }
/** `what: 'Cleaning'`, `price: '$120'`. */
export type Price = { readonly what: string; readonly price: string }

/** What the parser makes of one page, before anybody decides whether to follow its links. */
export type ParsedPage = {
  readonly title: string
  /** BCP 47, as the page claims. */
  readonly language: string | null
  /** The page's own words, without what every page of the site repeats. */
  readonly markdown: string
  readonly links: readonly FoundLink[]
  readonly facts: PageFacts
  /** There are scripts, and next to no words: the page is made in the browser. */
  readonly is_script_only: boolean
}

export type SitePage = {
  readonly url: string
  readonly title: string
  readonly language: string | null
  readonly markdown: string
  readonly facts: PageFacts
}

export type ReadSite = {
  /** The home page, where redirects ended. */
  readonly url: string
  readonly pages: readonly SitePage[]
  /** Addresses that were tried and gave nothing: a number of them, by reason. */
  readonly skipped: Readonly<Partial<Record<PageFault, number>>>
}

/** Why a page gives nothing: a closed list. */
export const PAGE_FAULTS = [
  'address_denied',
  'unreachable',
  'timed_out',
  'too_large',
  'redirect_loop',
  'leaves_site',
  'status',
  'not_text',
  'unreadable',
  'too_hard',
  'forbidden_by_robots',
  'robots_unreachable',
  'needs_scripts',
  'no_text',
] as const
export type PageFault = (typeof PAGE_FAULTS)[number]

/** What is said of a website that cannot be read, to whoever wants an agent made from it. */
export const SITE_FAULTS: Readonly<Record<`site_${PageFault}`, string>> = {
  site_address_denied:
    'The website’s address is not a public one, so it is not read. Whoever runs this server can allow it with OUTBOUND_ALLOW.',
  site_unreachable: 'The website cannot be reached. Check its address, and that it is online.',
  site_timed_out: 'The website takes too long to answer. Try again later.',
  site_too_large: 'The website’s home page is too large to be read.',
  site_redirect_loop: 'The website’s home page redirects in circles. Give the address at which it ends.',
  site_leaves_site: 'The website’s home page leads to another website. Give that one’s address.',
  site_status: 'The website answers its home page with an error.',
  site_not_text: 'The website’s address leads to something that is no web page and no PDF.',
  site_unreadable: 'The website’s home page is damaged and cannot be read.',
  site_too_hard: 'The website’s home page takes too much time or memory to be read.',
  site_forbidden_by_robots:
    'The website’s robots.txt forbids reading it. Its owner can allow the agent “Patchcord” there.',
  site_robots_unreachable:
    'The website’s robots.txt answers with an error, so it is not known whether it may be read. Try again later.',
  site_needs_scripts:
    'The website is made by scripts in the browser, and has no text of its own to be read. Give a page that has, or write the knowledge yourself.',
  site_no_text: 'There is no text on the website that an agent could be made from.',
}
