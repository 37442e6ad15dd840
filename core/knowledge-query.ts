/** What a question asks for in a collection: which words count, how much, and which misspelt ones were meant to be others. */

/** A word of the question, and what it is reduced to. */
export type AskedWord = { readonly word: string; readonly lexeme: string }

/** A word of the collection, and in how many of its passages it stands. */
export type KnownWord = AskedWord & { readonly chunk_count: number }

/** A word that is looked up, as its lexeme. `weight`: how much finding it says. */
export type Term = { readonly lexeme: string; readonly chunk_count: number; readonly weight: number }

export type Correction = { readonly asked: string; readonly meant: string }

const TERMS_LIMIT = 12

/** Okapi BM25's inverse document frequency: a word in one of a thousand passages says more than one in every second. */
const weightOf = (chunk_count: number, all: number): number =>
  Math.log(1 + (Math.max(all, chunk_count) - chunk_count + 0.5) / (chunk_count + 0.5))

/** The rarest first, the most common beyond a dozen left out. `known`: passages by lexeme. */
export const termsOf = (
  lexemes: readonly string[],
  known: ReadonlyMap<string, number>,
  all_chunks: number,
): readonly Term[] =>
  [...new Set(lexemes)]
    .map(lexeme => ({ lexeme, chunk_count: known.get(lexeme) ?? 0 }))
    .filter(({ chunk_count }) => chunk_count > 0)
    .map(term => ({ ...term, weight: weightOf(term.chunk_count, all_chunks) }))
    .sort((a, b) => a.chunk_count - b.chunk_count || (a.lexeme < b.lexeme ? -1 : 1))
    .slice(0, TERMS_LIMIT)

/** So many words of one question are read as others; each costs a walk through the collection's words. */
const CORRECTIONS_LIMIT = 8

/** Those that could be misspelt, the longest first: they say the most. */
export const correctable = (words: readonly string[]): readonly string[] =>
  words
    .filter(word => faultsAllowed(word) > 0)
    .toSorted((a, b) => b.length - a.length || (a < b ? -1 : 1))
    .slice(0, CORRECTIONS_LIMIT)

/** Insertions, deletions, substitutions and swaps of neighbours that make one word of the other; `limit + 1` when more. */
export const distance = (a: string, b: string, limit: number): number => {
  const from = [...a]
  const to = [...b]
  if (Math.abs(from.length - to.length) > limit) return limit + 1
  let before: number[] = []
  let last = to.map((_, nth) => nth + 1)
  last.unshift(0)
  for (const [i, letter] of from.entries()) {
    const row = [i + 1]
    for (const [j, other] of to.entries()) {
      const same = letter === other ? 0 : 1
      let least = Math.min((last[j] ?? 0) + same, (last[j + 1] ?? 0) + 1, (row[j] ?? 0) + 1)
      if (i > 0 && j > 0 && letter === to[j - 1] && other === from[i - 1])
        least = Math.min(least, (before[j - 1] ?? 0) + 1)
      row.push(least)
    }
    // No later row falls below both of two neighbours.
    if (Math.min(...row) > limit && Math.min(...last) > limit) return limit + 1
    before = last
    last = row
  }
  return Math.min(last.at(-1) ?? 0, limit + 1)
}

/** Short words and numbers mean what they say: `90` is no `95`, `cat` no `car`. */
const faultsAllowed = (word: string): number => {
  const { length } = [...word]
  if (length < 4 || /\p{N}/u.test(word)) return 0
  return length < 8 ? 1 : 2
}

/** The nearest of the candidates, among equals the most common; null: none is near enough. */
export const meantBy = (word: string, candidates: readonly KnownWord[]): KnownWord | null => {
  const limit = faultsAllowed(word)
  let best: { readonly known: KnownWord; readonly faults: number } | null = null
  for (const known of candidates) {
    const faults = distance(word, known.word, limit)
    if (faults === 0 || faults > limit) continue
    const is_better =
      best === null || faults < best.faults || (faults === best.faults && known.chunk_count > best.known.chunk_count)
    if (is_better) best = { known, faults }
  }
  return best?.known ?? null
}

/** Passages with this many of a common word are not all looked at while there are rarer words. */
const COMMON_SHARE = 0.2
const COMMON_LEAST = 2000

/**
 * What is asked of the index, the most telling first, each as the lexemes that must all be there: all terms, all but one of
 * them, and each alone. Of a common word alone only while there is no rarer one.
 */
export const lookupsOf = (terms: readonly Term[], all_chunks: number): readonly (readonly string[])[] => {
  const lexemes = terms.map(term => term.lexeme)
  const is_common = ({ chunk_count }: Term) => chunk_count > Math.max(COMMON_LEAST, all_chunks * COMMON_SHARE)
  const alone = terms.filter((term, nth) => nth === 0 || !is_common(term)).map(({ lexeme }) => [lexeme])
  if (lexemes.length < 2) return alone
  const all_but_one =
    lexemes.length < 3 ? [] : lexemes.map((_, left_out) => lexemes.filter((_, nth) => nth !== left_out))
  return [lexemes, ...all_but_one, ...alone]
}
