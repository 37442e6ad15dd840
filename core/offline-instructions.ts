/** Instructions put together from the builder inputs by rule: the same inputs, the same text. */
import type { BuilderInputs } from '#core/builder-inputs.ts'
import type { WrittenInstructions } from '#core/writer.ts'

/** What the config's schema lets them be. */
const INSTRUCTIONS_LENGTH = 100_000
const MESSAGE_LENGTH = 5000

/** `- point`, `2. point`, `* point`: how people begin the lines of a list. */
const BULLET = /^\s*(?:[-*•–]|\d{1,3}[.)])\s+/

/** One text of several lines is a list of several points. */
const pointsOf = (texts: readonly string[]): readonly string[] =>
  texts
    .flatMap(text => text.split('\n'))
    .map(line => line.replace(BULLET, '').trim())
    .filter(line => line !== '')

const ended = (text: string): string => (/[.!?…:)"”]$/.test(text) ? text : `${text}.`)

const paragraph = (texts: readonly string[]): string => pointsOf(texts).map(ended).join(' ')
const bullets = (texts: readonly string[]): string =>
  pointsOf(texts)
    .map(point => `- ${ended(point)}`)
    .join('\n')
const numbered = (texts: readonly string[]): string =>
  pointsOf(texts)
    .map((point, index) => `${index + 1}. ${ended(point)}`)
    .join('\n')

const section = (title: string, ...parts: readonly string[]): string => {
  const filled = parts.filter(part => part !== '')
  return filled.length === 0 ? '' : `# ${title}\n${filled.join('\n')}`
}

const when = (texts: readonly string[], write: (texts: readonly string[]) => string): string =>
  texts.length === 0 ? '' : write(texts)

/** Of an agent that is heard and not read. */
const MANNERS = [
  'You are heard, not read: answer in one or two short sentences, without lists, links or symbols.',
  'Ask one question at a time, and wait for the answer.',
  'Say back names, numbers, dates and times before you rely on them.',
]
const HONESTY = 'What is not written here, and what you cannot look up, you do not know: say so, and make nothing up.'

const toStored = (text: string, length: number): string =>
  text.replaceAll('\0', '').slice(0, length).toWellFormed().trim()

/** By the first part of a BCP 47 tag, or by the language's English name. */
const GREETINGS: readonly (readonly [language: RegExp, greeting: string])[] = [
  [/^(de\b|german|deutsch)/i, 'Guten Tag! Wie kann ich Ihnen helfen?'],
  [/^(es\b|spanish|español)/i, '¡Hola! ¿En qué puedo ayudarle?'],
  [/^(fr\b|french|français)/i, 'Bonjour ! Comment puis-je vous aider ?'],
  [/^(it\b|italian)/i, 'Buongiorno! Come posso aiutarla?'],
  [/^(pt\b|portuguese|português)/i, 'Olá! Como posso ajudar?'],
  [/^(nl\b|dutch|nederlands)/i, 'Goedendag! Waarmee kan ik u helpen?'],
]

const greetingIn = (language: string): string =>
  GREETINGS.find(([pattern]) => pattern.test(language))?.[1] ?? 'Hello! How can I help you?'

/** What somebody decided to be said first is said so, whoever writes the rest. */
export const startingMessageFrom = (inputs: BuilderInputs, otherwise?: string): string => {
  const given = paragraph(inputs.opening_line)
  const text = given !== '' ? given : (otherwise?.trim() ?? '')
  return toStored(text !== '' ? text : greetingIn(inputs.language[0] ?? ''), MESSAGE_LENGTH)
}

export const toInstructions = (text: string): string => toStored(text, INSTRUCTIONS_LENGTH)

const noted = (key: string, texts: readonly string[]): string => `${key.replaceAll('_', ' ')}: ${texts.join('; ')}`

export const composeInstructions = (inputs: BuilderInputs): WrittenInstructions => {
  const { industry, purpose, personality, language, conversation_flow, closing, guardrails, knowledge, notes } = inputs
  const text = [
    section(
      'Who you are',
      when(industry, texts => `You are a voice agent. The business you speak for: ${paragraph(texts)}`),
      when(purpose, texts => `Your purpose: ${paragraph(texts)}`),
      bullets(Object.entries(notes).map(([key, texts]) => noted(key, texts))),
    ),
    section(
      'How you speak',
      when(language, texts => `You speak this language: ${paragraph(texts)}`),
      when(personality, texts => `Your manner: ${paragraph(texts)}`),
      bullets(MANNERS),
    ),
    section('How the conversation goes', numbered(conversation_flow)),
    section('How you end', paragraph(closing)),
    section('What you know', bullets(knowledge)),
    section('What you always keep to', bullets([...guardrails, HONESTY])),
  ]
  return {
    instructions: toInstructions(text.filter(part => part !== '').join('\n\n')),
    starting_message: startingMessageFrom(inputs),
  }
}
