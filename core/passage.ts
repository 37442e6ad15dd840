/** A piece of knowledge that was found, and where it stands, as a person would name it. */
export type Passage = { readonly text: string; readonly source: string }

/** `url`, `title`, `file`, `page`, `heading`: what is known of the place. */
export type PassagePlace = {
  readonly url?: string | null
  readonly title?: string | null
  readonly file?: string | null
  readonly page?: number | null
  readonly heading?: string | null
}

/** “Opening hours, https://example.com/hours, page 2” */
export const sourceName = ({ url, title, file, page, heading }: PassagePlace): string => {
  const parts = [title ?? heading, url ?? file, page === null || page === undefined ? null : `page ${page}`]
  const named = parts.filter(part => typeof part === 'string' && part.trim() !== '')
  return named.length === 0 ? 'the knowledge base' : [...new Set(named)].join(', ')
}
