/** What a text is about, in its own words: RAKE (Rose et al., 2010), phrases between words that carry no meaning. */

const STOP_WORDS = new Set(
  `a about after again all also am an and any are as at be because been before being but by can could did do does doing
  don down for from get go good got had has have having he hello her here hers hi him his how i if in into is it its just
  know let like ll m me might more most much must my need no not now of off ok okay on one only or other our out over
  please re really right s same say see she should so some such sure t tell than thank thanks that the their them then
  there these they thing this those time to too up us ve very want was we well were what when where which while who whom
  why will with would yeah yes yet you your`.split(/\s+/),
)

const PHRASE_WORDS = 4

/** Runs of meaningful words; a sign between words ends a run. */
const candidates = (text: string): readonly (readonly string[])[] =>
  text
    .toLowerCase()
    .split(/[^\p{L}\p{N}' -]+|\s-\s/u)
    .flatMap(part => {
      const runs: string[][] = [[]]
      for (const word of part.split(/\s+/)) {
        const bare = word.replace(/^['-]+|['-]+$/g, '')
        if (bare === '' || STOP_WORDS.has(bare.replace(/'.*$/, ''))) runs.push([])
        else runs.at(-1)?.push(bare)
      }
      return runs.filter(run => run.length > 0 && run.length <= PHRASE_WORDS)
    })

/** At most `limit`, the weightiest first, none a part of another; of equal weight in the order of the text. */
export const keyPhrases = (text: string, limit: number): readonly string[] => {
  const runs = candidates(text)
  const times = new Map<string, number>()
  const degree = new Map<string, number>()
  for (const run of runs) {
    for (const word of run) {
      times.set(word, (times.get(word) ?? 0) + 1)
      degree.set(word, (degree.get(word) ?? 0) + run.length)
    }
  }
  const weight = new Map<string, number>()
  for (const run of runs) {
    const own = run.reduce((sum, word) => sum + (degree.get(word) ?? 0) / (times.get(word) ?? 1), 0)
    const phrase = run.join(' ')
    weight.set(phrase, (weight.get(phrase) ?? 0) + own)
  }
  const chosen: string[] = []
  for (const [phrase] of [...weight].sort(([, a], [, b]) => b - a))
    if (!chosen.some(other => other.includes(phrase) || phrase.includes(other))) chosen.push(phrase)
  return chosen.slice(0, limit)
}
