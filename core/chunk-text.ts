/** Cuts a text into the passages that are searched and quoted: at headings, paragraphs, sentences, and words, in this order. */

/** A stretch of the text, `text.slice(start, end)`, without white space at its ends. */
export type Chunk = {
  readonly start: number
  readonly end: number
  /** The headings it stands under, the highest first. */
  readonly headings: readonly string[]
}

/** In UTF-16 units. A chunk is closed where the next piece would bring it beyond `AIM`; none is longer than `LONGEST`. */
const AIM = 1000
export const LONGEST_CHUNK = 1200
/** So much of a chunk is said again at the beginning of the next one of the same section, if its sentences are that short. */
export const OVERLAP_LIMIT = 160
const HEADING_LENGTH_LIMIT = 200
/** Longer ones are cut between words. */
const PIECE_LIMIT = LONGEST_CHUNK - OVERLAP_LIMIT

/** `bare`: a heading, or nothing but white space. */
type Piece = Chunk & { readonly bare: boolean; readonly section: number }

const HEADING = /^(#{1,6})[ \t]+(.*?)[ \t]*#*$/
const FENCE = /^[ \t]{0,3}(```|~~~)/

/** What a heading says, without Markdown's marks. */
const toHeading = (text: string): string =>
  text
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[*_`]+/g, '')
    .trim()
    .slice(0, HEADING_LENGTH_LIMIT)
    .toWellFormed()

/** Where a sentence may end; the languages of East Asia put no space there. */
const SENTENCE_END = /[.!?…]["'”’)\]]*(?=\s)|[。！？]["'”’」』）]*/g

/** The beginning of the next piece: not more than the limit away, between two words if there are any, never within a character. */
const cutBefore = (text: string, start: number, end: number): number => {
  if (end - start <= PIECE_LIMIT) return end
  const last = start + PIECE_LIMIT
  for (let at = last; at > last - 100; at--) if (/\s/.test(text[at - 1] ?? '')) return at
  const code = text.charCodeAt(last)
  return code >= 0xdc00 && code <= 0xdfff ? last - 1 : last
}

type Range = { readonly start: number; readonly end: number }

/** A paragraph's sentences, those too long for a chunk cut. */
const sentencesOf = (text: string, start: number, end: number): readonly Range[] => {
  const ends = [...text.slice(start, end).matchAll(SENTENCE_END)].map(found => start + found.index + found[0].length)
  const pieces: Range[] = []
  let from = start
  for (const until of [...ends, end]) {
    while (from < until) {
      const cut = cutBefore(text, from, until)
      pieces.push({ start: from, end: cut })
      from = cut
    }
  }
  return pieces
}

type Line = Range & {
  readonly heading: { readonly depth: number; readonly text: string } | null
  readonly blank: boolean
}

const linesOf = (text: string): readonly Line[] => {
  const lines: Line[] = []
  let in_code = false
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf('\n', start)
    const end = found < 0 ? text.length : found + 1
    const line = text.slice(start, end).trimEnd()
    if (FENCE.test(line)) in_code = !in_code
    const mark = in_code || line.length > HEADING_LENGTH_LIMIT + 10 ? null : HEADING.exec(line)
    const heading = mark ? { depth: mark[1]?.length ?? 1, text: toHeading(mark[2] ?? '') } : null
    lines.push({ start, end, heading, blank: line.trim() === '' })
    start = end
  }
  return lines
}

/** Paragraphs that fit are one piece; the pieces lie side by side and are the whole text. */
const piecesOf = (text: string): readonly Piece[] => {
  const pieces: Piece[] = []
  const path: { depth: number; text: string }[] = []
  let section = 0
  let headings: readonly string[] = []
  let open = null as Range | null
  const close = (): void => {
    if (open === null) return
    const { start, end } = open
    const parts = end - start <= AIM ? [open] : sentencesOf(text, start, end)
    for (const part of parts)
      pieces.push({ ...part, headings, section, bare: text.slice(part.start, part.end).trim() === '' })
    open = null
  }
  for (const { start, end, heading, blank } of linesOf(text)) {
    if (heading) {
      close()
      section += 1
      while ((path.at(-1)?.depth ?? 0) >= heading.depth) path.pop()
      path.push(heading)
      headings = path.map(each => each.text).filter(each => each !== '')
      pieces.push({ start, end, headings, section, bare: true })
    } else {
      open = { start: open?.start ?? start, end }
      if (blank) close()
    }
  }
  close()
  return pieces
}

const trimmed = (text: string, { start, end }: Range): Range => {
  const whole = text.slice(start, end)
  const before = whole.length - whole.trimStart().length
  return { start: start + before, end: start + whole.trimEnd().length }
}

/** The last sentences of a chunk, as many as are said again. */
const overlapOf = (pieces: readonly Piece[]): Piece[] => {
  const again: Piece[] = []
  let length = 0
  const first = pieces.findIndex(piece => !piece.bare)
  for (const piece of pieces.slice(first + 1).toReversed()) {
    length += piece.end - piece.start
    if (piece.bare || length > OVERLAP_LIMIT) break
    again.unshift(piece)
  }
  return again
}

/**
 * Every character that is no white space is in at least one chunk, and chunks come in the order of the text. Markdown's
 * headings (`#`) begin a chunk; a heading with nothing under it stays with what follows.
 */
export const chunkText = (text: string): readonly Chunk[] => {
  const chunks: Chunk[] = []
  let held: Piece[] = []
  const emit = (): void => {
    const [first] = held
    const last = held.at(-1)
    if (!first || !last) return
    const { start, end } = trimmed(text, { start: first.start, end: last.end })
    if (start < end && end > (chunks.at(-1)?.end ?? 0)) chunks.push({ start, end, headings: last.headings })
  }
  for (const piece of piecesOf(text)) {
    const [first] = held
    const last = held.at(-1)
    const is_new_section = last !== undefined && last.section !== piece.section && !held.every(each => each.bare)
    const is_full = first !== undefined && piece.end - first.start > AIM
    if (is_new_section || is_full) {
      emit()
      held = is_new_section ? [] : overlapOf(held)
    }
    held.push(piece)
  }
  emit()
  return chunks
}
