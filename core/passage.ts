/** A passage as it is answered with: what it says, and where that stands, as a person would name the place. */
import type { Passage, Place } from '#core/knowledge.ts'

export type NamedPassage = {
  readonly text: string
  /** “Opening hours, https://example.com/hours” */
  readonly source: string
}

const placeName = ({ title, url, file, page }: Place): string => {
  const parts = [title.trim(), url ?? file ?? '', page === null ? '' : `page ${page}`]
  return [...new Set(parts.filter(part => part !== ''))].join(', ')
}

/** The headings above it belong to what it says: “Saturday” alone says little. */
export const named = ({ text, place }: Passage): NamedPassage => ({
  text:
    place.heading === null || text.replace(/^[#\s]+/, '').startsWith(place.heading)
      ? text
      : `# ${place.heading}\n${text}`,
  source: placeName(place),
})
