/** What a website says about its business: typed, without doubles, each with the page it comes from. */
import type { OpeningHours, PageFacts, Price, Service, SitePage } from '#core/site.ts'

export type Sourced<T> = T & { readonly page: string }
export type SourcedText = Sourced<{ readonly text: string }>

export type SiteFacts = {
  readonly name: SourcedText | null
  readonly description: SourcedText | null
  /** As the site claims; null: it does not say. */
  readonly language: string | null
  readonly opening_hours: readonly Sourced<OpeningHours>[]
  readonly services: readonly Sourced<Service>[]
  readonly prices: readonly Sourced<Price>[]
  readonly phone_numbers: readonly SourcedText[]
  readonly addresses: readonly SourcedText[]
  readonly emails: readonly SourcedText[]
  readonly colors: readonly SourcedText[]
  readonly logo: SourcedText | null
}

const LIMITS = { opening_hours: 14, services: 60, prices: 100, texts: 10 } as const

/** `Mon.–Fri. ` and `mon-fri` are one. */
const keyOf = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '')

/** The first of each key, in the order of the pages: what the home page says goes before. */
const gather = <T extends object>(
  pages: readonly SitePage[],
  of: (facts: PageFacts) => readonly T[],
  key: (item: T) => string,
  limit: number,
): Sourced<T>[] => {
  const found = new Map<string, Sourced<T>>()
  for (const { url, facts } of pages)
    for (const item of of(facts)) {
      const name = keyOf(key(item))
      if (name !== '' && !found.has(name) && found.size < limit) found.set(name, { ...item, page: url })
    }
  return [...found.values()]
}

const texts = (pages: readonly SitePage[], of: (facts: PageFacts) => readonly string[]): SourcedText[] =>
  gather(
    pages,
    facts => of(facts).map(text => ({ text })),
    ({ text }) => text,
    LIMITS.texts,
  )

/** What most pages call it. */
const mostFrequent = (found: readonly string[]): string | null => {
  const counts = new Map<string, number>()
  for (const text of found) counts.set(text, (counts.get(text) ?? 0) + 1)
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? null
}

export const gatherFacts = (pages: readonly SitePage[]): SiteFacts => ({
  name: texts(pages, facts => facts.names)[0] ?? null,
  description: texts(pages, facts => facts.descriptions)[0] ?? null,
  language: mostFrequent(pages.flatMap(page => page.language ?? [])),
  opening_hours: gather(
    pages,
    facts => facts.opening_hours,
    item => item.days,
    LIMITS.opening_hours,
  ),
  services: gather(
    pages,
    facts => facts.services,
    item => item.name,
    LIMITS.services,
  ),
  prices: gather(
    pages,
    facts => facts.prices,
    item => item.what,
    LIMITS.prices,
  ),
  phone_numbers: texts(pages, facts => facts.phone_numbers),
  addresses: texts(pages, facts => facts.addresses),
  emails: texts(pages, facts => facts.emails),
  colors: texts(pages, facts => facts.colors),
  logo: texts(pages, facts => facts.logos)[0] ?? null,
})
