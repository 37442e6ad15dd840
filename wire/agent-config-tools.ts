/** AgentConfig, `tools`: what the agent may do besides speaking. */
import { Type as T } from 'typebox'
import { Action } from '#wire/agent-config-actions.ts'
import { closed, map, nullable, word } from '#wire/schema.ts'

const PARAMETER_NAME = '^[A-Za-z_][A-Za-z0-9_]{0,63}$'
const PLAIN_TYPES = ['string', 'number', 'integer', 'boolean'] as const

const ToolProperty = closed(
  {
    type: T.Optional(
      word([...PLAIN_TYPES, 'array'], {
        title: 'Type',
        description: 'The JSON type of the value.',
        default: 'string',
        examples: ['integer'],
      }),
    ),
    description: T.Optional(
      T.String({
        title: 'Description',
        description: 'What the language model reads to fill it in.',
        maxLength: 2000,
        default: '',
        examples: ['The day the caller wants, as YYYY-MM-DD.'],
      }),
    ),
    enum: T.Optional(
      T.Array(T.String({ maxLength: 200 }), {
        title: 'Allowed values',
        description: 'The only values it may have; empty: any.',
        maxItems: 200,
        default: [],
        examples: [['cleaning', 'check-up']],
      }),
    ),
    items: T.Optional(
      word(PLAIN_TYPES, {
        title: 'Items',
        description: 'The JSON type of an array’s items.',
        default: 'string',
        examples: ['string'],
      }),
    ),
  },
  {
    title: 'Parameter',
    description: 'One parameter of the tool.',
    examples: [{ type: 'string', description: 'The caller’s name.' }],
  },
)

const ToolCall = closed(
  {
    name: T.String({
      title: 'Name',
      description: 'What the language model calls it by.',
      pattern: '^[A-Za-z_][A-Za-z0-9_-]{0,63}$',
      examples: ['book_appointment'],
    }),
    description: T.Optional(
      T.String({
        title: 'Description',
        description: 'When to use it, in words for the language model.',
        maxLength: 5000,
        default: '',
        examples: ['Books an appointment once the caller has agreed to a day and an hour.'],
      }),
    ),
    properties: T.Optional(
      map(PARAMETER_NAME, ToolProperty, {
        title: 'Parameters',
        description: 'What the language model has to give, by name.',
        maxProperties: 50,
        default: {},
        examples: [{ day: { type: 'string', description: 'YYYY-MM-DD' } }],
      }),
    ),
    required: T.Optional(
      T.Array(T.String({ pattern: PARAMETER_NAME }), {
        title: 'Required parameters',
        description: 'Those that must be given.',
        maxItems: 50,
        default: [],
        examples: [['day']],
      }),
    ),
    actions: T.Optional(
      T.Array(Action, {
        title: 'Actions',
        description: 'What happens, in order; each waits for the one before.',
        maxItems: 32,
        default: [],
        examples: [[{ type: 'play_message', text: 'One moment, please.' }]],
      }),
    ),
    actions_on_error: T.Optional(
      T.Array(Action, {
        title: 'Actions on error',
        description: 'What happens when one of the actions fails.',
        maxItems: 32,
        default: [],
        examples: [[{ type: 'play_message', text: 'That did not work.' }]],
      }),
    ),
    output: T.Optional(
      nullable(T.String({ maxLength: 5000 }), {
        title: 'Output',
        description: 'What the language model is told afterwards; null: the results of the actions.',
        default: null,
        examples: ['The appointment is booked.'],
      }),
    ),
  },
  {
    title: 'Tool',
    description: 'Something the language model can call.',
    examples: [{ name: 'hang_up', description: 'Ends the call.', actions: [{ type: 'hangup', message: 'Goodbye.' }] }],
  },
)

export const Tools = T.Array(ToolCall, {
  title: 'Tools',
  description: 'What the agent may do besides speaking.',
  maxItems: 64,
  default: [],
  examples: [[{ name: 'hang_up', description: 'Ends the call.', actions: [{ type: 'hangup', message: 'Goodbye.' }] }]],
})
