/**
 * Answers without a language model: the lines that speak about the question, word for word, with the page they are from.
 * It says what it is, and that it found nothing where it did not.
 */
import { offlineWords } from '#core/offline-words.ts'
import type { NamedPassage } from '#core/passage.ts'

export type OfflineQuestion = {
  readonly question: string
  /** The best first. */
  readonly passages: readonly NamedPassage[]
  /** What states a fact in them may be answered with; what commands the agent is never shown. */
  readonly instructions: string
  /** BCP 47. */
  readonly language: string
  /** Of the conversation: it says what is answering. */
  readonly is_first: boolean
}

const ANSWER_LENGTH = 500
/** What is longer is no line of a page and no question; patterns are tried on nothing longer. */
const LINE_LENGTH = 2000
const QUESTION_LENGTH = 1000
const TERMS_LIMIT = 40

const STOP_WORDS = new Set(
  `a about and any are as at be by can could de der die das do does el en est for from get give ha have hello hi how i in
  is it la le les ist me much my of on or please so tell thank thanks that the there this to und une un was we what when
  where which who will with would you your yours`.split(/\s+/),
)

const wordsOf = (text: string): readonly string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []

const termsOf = (text: string): readonly string[] =>
  [...new Set(wordsOf(text).filter(word => word.length > 2 && !STOP_WORDS.has(word)))].slice(0, TERMS_LIMIT)

/** `open` and `opening`, `price` and `prices`, not `the` and `then`. */
const isKin = (one: string, other: string): boolean => {
  if (one === other) return true
  const [short, long] = one.length < other.length ? [one, other] : [other, one]
  return (
    short.length >= 4 &&
    long.startsWith(short.slice(0, Math.max(4, short.length - 1))) &&
    long.length - short.length <= 4
  )
}

const kinCount = (terms: readonly string[], text: string): number => {
  const words = wordsOf(text)
  return terms.filter(term => words.some(word => isKin(term, word))).length
}

/** What is asked for, and what an answer to it looks like. */
const INTENTS: readonly (readonly [asked: RegExp, looks: RegExp])[] = [
  [
    /\b(open|opens|close|closes|closing|opening|hours|when|wann|öffnungszeiten|geöffnet|horarios?|abren|ouvert|horaires)\b/iu,
    /\d{1,2}([:.h]\d{2})?\s*([ap]\.?m\.?|uhr|h)?\s*(–|—|-|to|until|till|bis|a|à)\s*\d{1,2}/iu,
  ],
  [
    /\b(how much|prices?|costs?|fees?|charge|kostet|kosten|preise?|precios?|cuesta|prix|coûte)\b/iu,
    /[$€£¥]\s?\d|\d\s?([$€£¥]|usd|eur|dollars?|euros?)/iu,
  ],
  [/\b(phone|call|telephone|telefon|teléfono|téléphone)\b/iu, /\+?\d[\d\s().-]{6,}\d/u],
  [
    /\b(where|address|located|location|wo|adresse|dónde|dirección|où)\b/iu,
    /\d+\s+\p{Lu}\p{L}+|\p{L}+(straße|strasse|weg|platz)\s+\d/u,
  ],
]

/** `level`: of a heading, from 1; null: a line under one. */
type Line = { readonly text: string; readonly level: number | null }
/** `is_about`: it stands under a heading that speaks about the question. */
type Unit = { readonly text: string; readonly score: number; readonly is_about: boolean }

/** From 1; null: it is none. */
const headingLevel = (line: string): number | null => /^(#{1,6})\s/.exec(line)?.[1]?.length ?? null

/** Not behind “Dr.” or “St.”. */
const SENTENCE_END = /(?<=(?<!\b\p{L}{1,3})[.!?])\s+(?=\p{Lu})/u

/** Lines, long ones in sentences, without the marks of Markdown. */
const unitsOf = (text: string): readonly Line[] =>
  text.split(/\n+/).flatMap((line): readonly Line[] => {
    const bare = line
      .slice(0, LINE_LENGTH)
      .replace(/^[\s#>*+|-]+|[\s|]+$/g, '')
      .replace(/\s*\|\s*/g, ' · ')
      .replace(/\*\*|__|`/g, '')
      .trim()
    if (!/[\p{L}\p{N}]/u.test(bare)) return []
    const level = headingLevel(line.trim())
    if (level !== null) return [{ text: bare, level }]
    const sentences = bare.length > 200 ? bare.split(SENTENCE_END) : [bare]
    return sentences.map(sentence => ({ text: sentence, level: null }))
  })

const scored = (passage: string, source: string, question: string, terms: readonly string[]): readonly Unit[] => {
  const wanted = INTENTS.filter(([asked]) => asked.test(question)).map(([, looks]) => looks)
  const about = (heading: string): number => 0.6 * kinCount(terms, heading)
  let above: readonly { readonly level: number; readonly about: number }[] = []
  let context = about(source.replace(/https?:\S+/g, ''))
  let is_about = false
  return unitsOf(passage).map(({ text, level }) => {
    if (level !== null) {
      above = [...above.filter(each => each.level < level), { level, about: about(text) }]
      context = above.findLast(each => each.about > 0)?.about ?? 0
      is_about = context > 0
      return { text, score: 0, is_about: false }
    }
    const own = kinCount(terms, text)
    const looks = wanted.filter(pattern => pattern.test(text)).length
    return { text, score: own + context + (own + context > 0 || terms.length === 0 ? 1.5 : 0.8) * looks, is_about }
  })
}

/** The best line with those around it that are nearly as good. */
const excerpt = (units: readonly Unit[], best: number): string => {
  const enough = (units[best]?.score ?? 0) * 0.7
  let [from, to] = [best, best + 1]
  let length = units[best]?.text.length ?? 0
  const grow = (index: number): boolean => {
    const unit = units[index]
    if (unit === undefined || unit.score < enough || length + unit.text.length > ANSWER_LENGTH) return false
    length += unit.text.length
    return true
  }
  while (grow(to)) to += 1
  while (grow(from - 1)) from -= 1
  const text = units
    .slice(from, to)
    .map(unit => unit.text)
    .join('\n')
  return text.length > ANSWER_LENGTH ? `${text.slice(0, ANSWER_LENGTH).toWellFormed()}…` : text
}

/** Who is spoken to in it, or what is to be done: meant for the agent, and no answer to anybody. */
const COMMANDS =
  /\b(you|your|yours|yourself|never|always|must|should|don't|don’t|do not|caller|callers|user|users|if|answer|ask|tell|greet|speak|say|avoid|offer|keep|use|du|sie|usted|vous|nie|niemals|immer|nicht|nunca|siempre|jamás|jamais|toujours)\b/iu

const facts = (instructions: string): string =>
  instructions
    .split('\n')
    .flatMap(line => line.split(SENTENCE_END))
    .filter(line => !COMMANDS.test(line) && headingLevel(line.trim()) === null)
    .join('\n')

/** Below, a line shares no more with the question than chance. */
const SCORE_MIN = 1

/** Under “Is there parking?”, “Yes, behind the house” answers without a word of the question. */
const speaksOfIt = ({ score, is_about }: Unit): boolean => score >= SCORE_MIN || is_about

const bestAnswer = ({ question: whole, passages, instructions }: OfflineQuestion): NamedPassage | null => {
  const question = whole.slice(0, QUESTION_LENGTH)
  const terms = termsOf(question)
  let found: (NamedPassage & { readonly score: number }) | null = null
  for (const { text, source } of [...passages, { text: facts(instructions), source: '' }]) {
    const units = scored(text, source, question, terms)
    const best = units.reduce((top, unit, index) => (unit.score > (units[top]?.score ?? 0) ? index : top), 0)
    const unit = units[best]
    if (unit === undefined || !speaksOfIt(unit) || unit.score <= (found?.score ?? 0)) continue
    found = { text: excerpt(units, best), source, score: unit.score }
  }
  return found
}

export const answerOffline = (question: OfflineQuestion): string => {
  const words = offlineWords(question.language)
  const found = bestAnswer(question)
  if (found === null) return `${words.nothing} ${words.what_i_am}`
  const said = found.source === '' ? found.text : `${found.text}\n${words.from(found.source)}`
  return question.is_first ? `${said}\n\n${words.what_i_am}` : said
}

export const greetOffline = (language: string): string => offlineWords(language).greeting

/** Where nothing else was said. */
export const speechlessOffline = (language: string): string => offlineWords(language).speechless
