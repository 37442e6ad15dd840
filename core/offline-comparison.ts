/** A diff in sentences: the list that every comparison has, whoever writes the rest, and what is written without a model. */
import type { ConfigChange, ConfigDiff } from '#core/config-diff.ts'
import type { JsonObject } from '#core/version.ts'
import type { TextPiece } from '#core/word-diff.ts'

const SHOWN_LENGTH = 240
/** Passages of a text that are shown; how many words changed is said of all. */
const SHOWN_PASSAGES = 8

const clip = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > SHOWN_LENGTH ? `${line.slice(0, SHOWN_LENGTH).toWellFormed()}…` : line
}

const shown = (value: unknown): string => (typeof value === 'string' ? `“${clip(value)}”` : clip(JSON.stringify(value)))

const count = (pieces: readonly TextPiece[], kind: TextPiece['kind']): number =>
  pieces.filter(piece => piece.kind === kind).reduce((sum, { text }) => sum + (text.match(/\S+/g)?.length ?? 0), 0)

const counted = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`

const passages = (pieces: readonly TextPiece[]): readonly string[] => {
  const changed = pieces.filter(({ kind, text }) => kind !== 'same' && text.trim() !== '')
  const lines = changed
    .slice(0, SHOWN_PASSAGES)
    .map(({ kind, text }) => `    ${kind === 'added' ? '+' : '-'} “${clip(text)}”`)
  return changed.length > SHOWN_PASSAGES
    ? [...lines, `    … and ${counted(changed.length - SHOWN_PASSAGES, 'more passage')}`]
    : lines
}

/** With a full stop, unless the quotation ends with one. */
const ended = (text: string): string => (/[.!?…]”$/.test(text) ? text : `${text}.`)

const about = (value: unknown): string => {
  const description = (value as JsonObject | null)?.description
  return typeof description === 'string' && description.trim() !== '' ? `“${clip(description)}”` : shown(value)
}

const sentence = (change: ConfigChange): string => {
  const { op, field, old, value, words } = change
  const name = field === '' ? 'the whole config' : field
  if (op === 'add') return `- ${name} was added: ${ended(about(value))}`
  if (op === 'remove') return `- ${name} was removed; it was ${ended(about(old))}`
  if (!words) return `- ${name} was ${shown(old)} and is ${shown(value)} now.`
  const [gone, come] = [count(words, 'removed'), count(words, 'added')]
  const lead =
    gone + come === 0
      ? `- ${name}: only the space between words changed.`
      : `- ${name}: ${counted(gone, 'word')} removed, ${counted(come, 'word')} added.`
  return [lead, ...passages(words)].join('\n')
}

/** One line for each change, which names its field; more for a text. No line end at the last. */
export const listChanges = ({ changes }: ConfigDiff): string => changes.map(sentence).join('\n')

const PARTS: Readonly<Record<string, string>> = {
  instructions: 'what it is told to do',
  starting_message: 'how it greets',
  tools: 'what it can do',
  knowledge_bases: 'what it can look up',
  stt_llm_tts: 'how it hears, thinks and speaks',
  language: 'the language it speaks',
  limits: 'how long it stays on the line',
  success_criteria: 'what counts as a good conversation',
}

/** What the list amounts to, in a sentence or two. */
export const summarizeChanges = ({ changes }: ConfigDiff): string => {
  if (changes.length === 0) return 'The two versions behave the same: their configs do not differ.'
  const parts = [...new Set(changes.map(({ path }) => path.split('/')[1] ?? ''))]
  const said = parts.map(part => PARTS[part] ?? part.replaceAll('_', ' '))
  const last = said.pop() ?? ''
  const list = said.length === 0 ? last : `${said.join(', ')} and ${last}`
  return `${counted(changes.length, 'change')}, in ${list}. Everything else is the same in both versions.`
}
