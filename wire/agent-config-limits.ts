/** AgentConfig, the bounds of a conversation and what is kept and judged of it. */
import { Type as T } from 'typebox'
import { closed, word } from '#wire/schema.ts'

export const Limits = closed(
  {
    max_duration_seconds: T.Optional(
      T.Integer({
        title: 'Longest conversation',
        description: 'Seconds after which the agent hangs up.',
        minimum: 10,
        maximum: 86_400,
        default: 3600,
        examples: [900],
      }),
    ),
    silence_timeout_seconds: T.Optional(
      T.Integer({
        title: 'Silence',
        description:
          'Seconds without a word or a key from the caller after which the agent hangs up; its own speaking does not count.',
        minimum: 1,
        maximum: 3600,
        default: 30,
        examples: [15],
      }),
    ),
  },
  {
    title: 'Limits',
    description: 'When a conversation is ended.',
    default: {},
    examples: [{ max_duration_seconds: 900 }],
  },
)

export const Recording = closed(
  {
    enabled: T.Optional(
      T.Boolean({
        title: 'Enabled',
        description: 'Whether conversations are recorded.',
        default: false,
        examples: [true],
      }),
    ),
    channels: T.Optional(
      word(['mixed', 'separate'], {
        title: 'Channels',
        description: 'Both sides in one track, or each in its own.',
        default: 'mixed',
        examples: ['separate'],
      }),
    ),
    keep_days: T.Optional(
      T.Integer({
        title: 'Kept for',
        description: 'Days after which a recording is deleted.',
        minimum: 1,
        maximum: 3650,
        default: 30,
        examples: [90],
      }),
    ),
  },
  { title: 'Recording', description: 'Whether and how the sound is kept.', default: {}, examples: [{ enabled: true }] },
)

const SuccessCriterion = closed(
  {
    name: T.String({
      title: 'Name',
      description: 'What the criterion is called in comparisons.',
      minLength: 1,
      maxLength: 100,
      examples: ['Booked'],
    }),
    description: T.Optional(
      T.String({
        title: 'Description',
        description: 'What has to have happened, in words that one can say yes or no to.',
        maxLength: 2000,
        default: '',
        examples: ['The caller left with an appointment.'],
      }),
    ),
  },
  {
    title: 'Criterion',
    description: 'One thing that counts as good.',
    examples: [{ name: 'Booked', description: 'The caller left with an appointment.' }],
  },
)

export const SuccessCriteria = T.Array(SuccessCriterion, {
  title: 'Success criteria',
  description: 'What counts as a good conversation; versions are compared by it.',
  maxItems: 20,
  default: [],
  examples: [[{ name: 'Booked', description: 'The caller left with an appointment.' }]],
})
