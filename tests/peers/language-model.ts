/** A bigram language model in ARPA's text form, of a few sentences: what a recognizer may expect to hear. */

const START = '<s>'
const END = '</s>'
/** Taken from each pair that was seen and given to those that were not (absolute discounting). */
const DISCOUNT = 0.5

type Counts = ReadonlyMap<string, number>

const add = (counts: Map<string, number>, key: string): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

/** How often each word was seen, and after each word the next one. */
const count = (sentences: readonly (readonly string[])[]) => {
  const words = new Map<string, number>()
  const pairs = new Map<string, Map<string, number>>()
  for (const sentence of sentences) {
    let previous = START
    for (const word of [...sentence, END]) {
      add(words, word)
      const following = pairs.get(previous) ?? new Map<string, number>()
      add(following, word)
      pairs.set(previous, following)
      previous = word
    }
  }
  return { words, pairs }
}

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0)
const log10 = (value: number): string => Math.log10(value).toFixed(4)

/** The text of an ARPA file. Sentences are lists of lower-case words. */
export const bigramModel = (sentences: readonly (readonly string[])[]): string => {
  const { words, pairs } = count(sentences)
  const total = sum(words.values())
  const unigram = (word: string): number => ((words.get(word) ?? 0) + 1) / (total + words.size)
  /** What the unigrams of words never seen after this one are multiplied by. */
  const backoff = (following: Counts): number => {
    const freed = (DISCOUNT * following.size) / sum(following.values())
    return freed / Math.max(1e-4, 1 - sum([...following.keys()].map(unigram)))
  }
  const none: Counts = new Map()
  // PocketSphinx searches the pairs by halves: they must come in the order of the words.
  const vocabulary = [START, ...words.keys()].sort()
  const unigrams = vocabulary.map(word => {
    const probability = word === START ? '-99' : log10(unigram(word))
    const following = pairs.get(word)
    return following === undefined ? `${probability} ${word}` : `${probability} ${word} ${log10(backoff(following))}`
  })
  const bigrams = vocabulary.flatMap(word => {
    const following = pairs.get(word) ?? none
    const seen = sum(following.values())
    return vocabulary.flatMap(next => {
      const times = following.get(next)
      return times === undefined ? [] : [`${log10((times - DISCOUNT) / seen)} ${word} ${next}`]
    })
  })
  const counts = `\\data\\\nngram 1=${unigrams.length}\nngram 2=${bigrams.length}\n`
  return `${counts}\n\\1-grams:\n${unigrams.join('\n')}\n\n\\2-grams:\n${bigrams.join('\n')}\n\n\\end\\\n`
}
