/** AgentConfig, what differs by channel: `starting_message`, `channel_overrides`, `channel_properties`. */
import { Type as T, type TProperties, type TSchemaOptions } from 'typebox'
import { closed, nullable } from '#wire/schema.ts'

export const LANGUAGE_PATTERN = '^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$'

const words = T.String({ maxLength: 5000 })

const TEXT = {
  title: 'Text',
  description: 'What is said, or what the greeting is made from; `{{name}}` stands for a variable.',
  maxLength: 5000,
  examples: ['Thank you for calling Riverside Dental.'],
} as const

const spoken = <Properties extends TProperties>(title: string, properties: Properties) =>
  closed(
    {
      ...properties,
      interruptible: T.Optional(
        T.Boolean({
          title: 'Interruptible',
          description: 'Whether the caller may speak over it.',
          default: true,
          examples: [false],
        }),
      ),
    },
    { title },
  )

const kind = <const Word extends string>(name: Word, description: string, options: TSchemaOptions = {}) =>
  T.Literal(name, { title: 'Type', description, examples: [name], ...options })

/**
 * A branch each, and no `if`: forms and generators made from the schema understand it. A static message without words is
 * refused, since nothing would be said.
 */
const messages = [
  spoken('No message', {
    type: T.Optional(kind('none', 'Waits for the caller.', { default: 'none' })),
    text: T.Optional(T.String({ ...TEXT, default: '' })),
  }),
  spoken('Static message', { type: kind('static', 'Says the text.'), text: T.String({ ...TEXT, minLength: 1 }) }),
  spoken('Generated message', {
    type: kind('generated', 'Lets the language model greet by the text.'),
    text: T.Optional(T.String({ ...TEXT, default: '' })),
  }),
] as const

export const startingMessage = (options: TSchemaOptions) =>
  T.Union([T.String({ title: 'Text', maxLength: 5000 }), ...messages], {
    title: 'Starting message',
    description: 'What the agent says first: a text (empty: nothing), or how it greets.',
    default: {},
    examples: ['Thank you for calling Riverside Dental.', { type: 'generated', text: 'Greet the caller by name.' }],
    ...options,
  })

const override = (title: string) =>
  closed(
    {
      language: T.Optional(
        nullable(T.String({ pattern: LANGUAGE_PATTERN }), {
          title: 'Language',
          description: 'In place of the version’s language; null keeps it.',
          default: null,
          examples: ['es-US'],
        }),
      ),
      instructions: T.Optional(
        nullable(T.String({ maxLength: 100_000 }), {
          title: 'Instructions',
          description: 'In place of the version’s instructions; null keeps them.',
          default: null,
          examples: ['Answer in short sentences.'],
        }),
      ),
      starting_message: T.Optional(
        nullable(words, {
          title: 'Starting message',
          description: 'In place of the version’s starting message; empty: nothing is said; null keeps it.',
          default: null,
          examples: ['Hello!'],
        }),
      ),
      max_tool_steps: T.Optional(
        nullable(T.Integer({ minimum: 0, maximum: 50 }), {
          title: 'Tool steps',
          description: 'In place of the version’s limit; null keeps it.',
          default: null,
          examples: [3],
        }),
      ),
    },
    {
      title,
      description: 'What is different on this channel.',
      default: {},
      examples: [{ starting_message: 'Hello!' }],
    },
  )

export const ChannelOverrides = closed(
  {
    telephone: T.Optional(override('Telephone')),
    webrtc: T.Optional(override('WebRTC')),
    text: T.Optional(override('Text')),
  },
  {
    title: 'Channel overrides',
    description: 'Settings that one channel takes in place of the version’s.',
    default: {},
    examples: [{ text: { starting_message: 'Hello!' } }],
  },
)

export const ChannelProperties = closed(
  {
    telephone: T.Optional(
      closed(
        {
          dtmf_enabled: T.Optional(
            T.Boolean({
              title: 'Keys',
              description: 'Whether key presses are heard.',
              default: true,
              examples: [false],
            }),
          ),
          dtmf_pause_seconds: T.Optional(
            T.Number({
              title: 'Pause between keys',
              description: 'Seconds without a key that end a run of digits; `#` ends it at once.',
              minimum: 0.5,
              maximum: 30,
              default: 3,
              examples: [5],
            }),
          ),
        },
        {
          title: 'Telephone',
          description: 'Properties of telephone calls.',
          default: {},
          examples: [{ dtmf_enabled: false }],
        },
      ),
    ),
    webrtc: T.Optional(
      closed(
        {
          show_transcript: T.Optional(
            T.Boolean({
              title: 'Transcript',
              description: 'Whether the words are shown as they are spoken.',
              default: true,
              examples: [false],
            }),
          ),
        },
        {
          title: 'WebRTC',
          description: 'Properties of calls from a browser.',
          default: {},
          examples: [{ show_transcript: true }],
        },
      ),
    ),
    text: T.Optional(
      closed(
        {
          max_reply_characters: T.Optional(
            T.Integer({
              title: 'Longest reply',
              description: 'Characters that one reply may have.',
              minimum: 100,
              maximum: 20_000,
              default: 4000,
              examples: [1000],
            }),
          ),
        },
        {
          title: 'Text',
          description: 'Properties of written conversations.',
          default: {},
          examples: [{ max_reply_characters: 1000 }],
        },
      ),
    ),
  },
  {
    title: 'Channel properties',
    description: 'What only exists on one channel.',
    default: {},
    examples: [{ telephone: { dtmf_pause_seconds: 5 } }],
  },
)
