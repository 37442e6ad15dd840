/** A document as the passages that it is kept as. */
import { chunkText } from '#core/chunk-text.ts'
import type { ReadDocument } from '#core/knowledge.ts'

export type DocumentChunk = {
  readonly body: string
  /** What stands above it, a line each: the document's title, then its headings. */
  readonly heading: string
  readonly page: number | null
  readonly start_offset: number
}

export const CHUNKS_LIMIT = 5000
export const CHARACTERS_LIMIT = 2_000_000

/** A heading that repeats the title or the one above says nothing more. */
const headingOf = (title: string, headings: readonly string[]): string =>
  [title, ...headings].filter((each, nth, all) => each !== '' && each !== all[nth - 1]).join('\n')

/** `null`: too large. No chunks: there is nothing in it. Only letters and digits are worth a look-up. */
export const chunkDocument = (title: string, { markdown, pages }: ReadDocument): readonly DocumentChunk[] | null => {
  if (markdown.length > CHARACTERS_LIMIT) return null
  const texts = pages ?? [markdown]
  const chunks: DocumentChunk[] = []
  for (const [nth, text] of texts.entries()) {
    for (const { start, end, headings } of chunkText(text)) {
      const body = text.slice(start, end)
      if (!/[\p{L}\p{N}]/u.test(body)) continue
      const heading = headingOf(title, headings)
      chunks.push({ body, heading, page: pages ? nth + 1 : null, start_offset: start })
      if (chunks.length > CHUNKS_LIMIT) return null
    }
  }
  return chunks
}
