/** What can be said of a conversation without understanding it: how long it was, its words, how it began and ended. */
import { keyPhrases } from '#core/key-phrases.ts'
import type { SuccessCriterion, TranscriptLine, WrittenSummary } from '#core/writer.ts'

const QUOTE_LENGTH = 200
const PHRASES = 5

const quote = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').trim()
  return `“${line.length > QUOTE_LENGTH ? `${line.slice(0, QUOTE_LENGTH).toWellFormed()}…` : line}”`
}

const times = (count: number): string => (count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`)

const describe = (transcript: readonly TranscriptLine[]): string => {
  const said = transcript.filter(({ who, text }) => who === 'user' && text.trim() !== '')
  const [first] = said
  const last = said.at(-1)
  if (!first || !last) return 'The user said nothing.'
  const phrases = keyPhrases(said.map(({ text }) => text).join('. '), PHRASES)
  return [
    `The user spoke ${times(said.length)}, the agent ${times(transcript.length - said.length)}.`,
    ...(phrases.length > 0 ? [`Mentioned: ${phrases.join(', ')}.`] : []),
    `It began with ${quote(first.text)}${last === first ? '.' : ` and ended with ${quote(last.text)}.`}`,
  ].join(' ')
}

export const summarizeOffline = (
  transcript: readonly TranscriptLine[],
  success_criteria: readonly SuccessCriterion[],
): WrittenSummary => ({
  summary: describe(transcript),
  criteria: success_criteria.map(({ name }) => ({
    name,
    met: null,
    why: 'Whether a criterion was met is judged by a language model, and none is configured.',
  })),
})
