/** `instruction_builder_inputs`: what instructions are generated from. The same object validates, documents and is served as JSON Schema. */
import { Type as T } from 'typebox'
import { BUILDER_FIELDS, type BuilderField } from '#core/builder-inputs.ts'

const TEXT_LENGTH = 20_000
const POINTS = 200

const FIELDS: Readonly<Record<BuilderField, readonly [title: string, description: string, example: unknown]>> = {
  industry: [
    'Business',
    'The business that the agent speaks for, and its trade.',
    'Riverside Dental, a dental practice',
  ],
  purpose: [
    'Purpose',
    'What callers come for, and what the agent is to achieve.',
    'Book, move and cancel appointments.',
  ],
  personality: ['Personality', 'How it comes across.', 'Warm, calm and brief.'],
  language: ['Language', 'What it speaks: a BCP 47 tag or a name.', 'en-US'],
  opening_line: ['Opening line', 'What it says first, word for word.', 'Riverside Dental, how can I help you?'],
  conversation_flow: [
    'Conversation',
    'The steps of a conversation, in order.',
    ['Ask for the name.', 'Ask which day suits.', 'Say both back and confirm.'],
  ],
  closing: ['Closing', 'How it ends a conversation.', 'Thank the caller and wish a good day.'],
  guardrails: ['Guardrails', 'What it must always or never do.', ['Give no medical advice.', 'Quote no prices.']],
  knowledge: [
    'Knowledge',
    'Facts that it should know by heart, and where to look up others.',
    ['Open Monday to Friday, 8 to 17.'],
  ],
}

const text = { type: 'string', maxLength: TEXT_LENGTH } as const

/** A text, the points of a list, or null: it is not said. */
const said = (field: BuilderField) => {
  const [title, description, example] = FIELDS[field]
  return T.Optional(
    T.Unsafe<string | readonly string[] | null>({
      ...{ title, description, examples: [example] },
      anyOf: [text, { type: 'array', items: text, maxItems: POINTS }, { type: 'null' }],
    }),
  )
}

const KNOWN = Object.fromEntries(BUILDER_FIELDS.map(field => [field, said(field)] as const))

/** Other keys are kept, and given to whoever writes as further notes: scripts may have made their own. */
export const BuilderInputsSchema = T.Unsafe<Readonly<Record<string, unknown>>>({
  type: 'object',
  title: 'InstructionBuilderInputs',
  description:
    'What the instructions are generated from. Each of these is a text or a list of texts; other keys are kept, and read as further notes. `{}` is nothing to generate from.',
  properties: KNOWN,
  additionalProperties: true,
  maxProperties: 1000,
  examples: [Object.fromEntries(BUILDER_FIELDS.map(field => [field, FIELDS[field][2]]))],
})

/** The document that `GET /core/instruction-builder-schema` serves. */
export const builderInputsDocument = (): Readonly<Record<string, unknown>> => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  ...(BuilderInputsSchema as object),
})
