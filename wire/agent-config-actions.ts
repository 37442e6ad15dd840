/** AgentConfig, what a tool can do: one closed object an action type. */
import { Type as T, type TProperties, type TSchemaOptions } from 'typebox'
import { closed, map, nullable, UUID_PATTERN, word } from '#wire/schema.ts'

/** http(s) only, no blanks; whether it may be reached is asked at publish. */
export const URL_PATTERN = '^https?://[^\\s/?#]+[^\\s]*$'
const DESTINATION_PATTERN = '^(\\+[1-9][0-9]{6,14}|sips?:[^\\s@]+@[^\\s@]+|sips?:[^\\s@]+)$'

export const headers = (description: string) =>
  map(
    "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$",
    T.String({ maxLength: 2000, pattern: '^[^\\u0000-\\u0008\\u000A-\\u001F\\u007F]*$' }),
    {
      title: 'Headers',
      description,
      maxProperties: 50,
      default: {},
      examples: [{ 'X-Department': 'front-desk' }],
    },
  )

const value = (title: string, description: string) =>
  T.Optional(nullable(T.String({ maxLength: 1000 }), { title, description, default: null, examples: ['Sunday'] }))

const condition = T.Optional(
  nullable(
    closed({
      value: T.String({
        title: 'Value',
        description:
          'What is looked at; `{{name}}` stands for a variable, a parameter, or `result`, the action’s before.',
        maxLength: 1000,
        examples: ['{{day}}'],
      }),
      is: value('Is', 'What it must be; null: anything but nothing.'),
      is_not: value('Is not', 'What it must not be; null: no such thing.'),
    }),
    {
      title: 'Condition',
      description: 'When the action happens; otherwise it is passed over. null: always.',
      default: null,
      examples: [{ value: '{{day}}', is: 'Sunday' }],
    },
  ),
)

const action = <Properties extends TProperties>(
  type: string,
  title: string,
  description: string,
  properties: Properties,
  example: object,
) =>
  closed(
    {
      type: T.Unsafe<string>({ type: 'string', const: type, title: 'Type', description, examples: [type] }),
      ...properties,
      condition,
    },
    { title, description, examples: [{ type, ...example }] },
  )

const text = (title: string, description: string, example: string, options: TSchemaOptions = {}) =>
  T.String({ title, description, maxLength: 5000, examples: [example], ...options })

const interruptible = T.Optional(
  T.Boolean({
    title: 'Interruptible',
    description: 'Whether the caller may speak over it.',
    default: true,
    examples: [false],
  }),
)

const destination = T.String({
  title: 'To',
  description: 'An E.164 number or a SIP address.',
  pattern: DESTINATION_PATTERN,
  maxLength: 300,
  examples: ['+15551230000', 'sip:desk@pbx.example.com'],
})

const ringing = T.Optional(
  T.Integer({
    title: 'Ringing time',
    description: 'Seconds the other side may ring before the action has failed.',
    minimum: 5,
    maximum: 180,
    default: 30,
    examples: [20],
  }),
)

const wait_seconds = (title: string, description: string, maximum: number, default_seconds: number) =>
  T.Optional(
    T.Number({ title, description, minimum: 0, maximum, default: default_seconds, examples: [default_seconds] }),
  )

const speaking = [
  action(
    'play_message',
    'Say a message',
    'Says a text.',
    {
      text: text('Text', 'What is said; `{{name}}` stands for a variable.', 'One moment, please.', { minLength: 1 }),
      interruptible,
    },
    { text: 'One moment, please.' },
  ),
  action(
    'play_audio',
    'Play audio',
    'Plays a sound file to the caller.',
    {
      url: T.String({
        title: 'Address',
        description: 'Where the file is.',
        pattern: URL_PATTERN,
        maxLength: 2000,
        examples: ['https://example.com/hold.wav'],
      }),
      loop: T.Optional(
        T.Boolean({
          title: 'Loop',
          description: 'Start again at the end until stop_audio.',
          default: false,
          examples: [true],
        }),
      ),
      interruptible,
    },
    { url: 'https://example.com/hold.wav' },
  ),
  action('stop_audio', 'Stop audio', 'Ends what play_audio began.', {}, {}),
  action(
    'wait',
    'Wait',
    'Does nothing for a while.',
    {
      seconds: wait_seconds('Seconds', 'How long.', 60, 1),
    },
    { seconds: 2 },
  ),
  action(
    'dtmf',
    'Send digits',
    'Sends telephone key presses (RFC 4733).',
    {
      digits: T.String({
        title: 'Digits',
        description: 'Keys in order; `,` pauses half a second.',
        pattern: '^[0-9A-D*#,]{1,64}$',
        examples: ['12#'],
      }),
    },
    { digits: '12#' },
  ),
  action(
    'update_endpointing',
    'Change endpointing',
    'Changes how long the agent waits before it answers, for the rest of the call.',
    {
      min_delay_seconds: wait_seconds('Shortest wait', 'Seconds after the caller’s last word.', 10, 0.3),
      max_delay_seconds: wait_seconds('Longest wait', 'Seconds after which the agent answers anyway.', 30, 3),
    },
    { min_delay_seconds: 1 },
  ),
] as const

const leaving = [
  action(
    'cold_transfer',
    'Transfer',
    'Hands the call over and leaves it.',
    {
      to: destination,
      headers: T.Optional(headers('SIP headers that go along.')),
    },
    { to: '+15551230000' },
  ),
  action(
    'warm_transfer',
    'Transfer with a briefing',
    'Calls somebody, briefs them, then connects the caller.',
    {
      to: destination,
      briefing: T.Optional(
        text('Briefing', 'What the agent tells them first.', 'A caller about tomorrow’s appointment.', { default: '' }),
      ),
      ringing_seconds: ringing,
    },
    { to: '+15551230000', briefing: 'A caller about tomorrow’s appointment.' },
  ),
  action(
    'conference',
    'Conference',
    'Calls somebody into the conversation; the agent stays.',
    {
      to: destination,
      ringing_seconds: ringing,
    },
    { to: 'sip:desk@pbx.example.com' },
  ),
  action(
    'hangup',
    'Hang up',
    'Ends the call.',
    {
      message: T.Optional(text('Last words', 'What is said before; empty: nothing.', 'Goodbye.', { default: '' })),
    },
    { message: 'Goodbye.' },
  ),
  action('leave_room', 'Leave', 'The agent leaves; the others go on talking.', {}, {}),
] as const

const asking = [
  action(
    'workflow',
    'Start a workflow',
    'Starts background work by its name.',
    {
      name: T.String({
        title: 'Name',
        description: 'The workflow’s name.',
        pattern: '^[a-z][a-z0-9_-]{0,63}$',
        examples: ['send-summary'],
      }),
      input: T.Optional(
        map('^[A-Za-z_][A-Za-z0-9_]{0,63}$', T.String({ maxLength: 5000 }), {
          title: 'Input',
          description: 'What it is given; `{{name}}` stands for a variable.',
          maxProperties: 50,
          default: {},
          examples: [{ caller: '{{caller}}' }],
        }),
      ),
    },
    { name: 'send-summary' },
  ),
  action(
    'knowledge_base',
    'Look up',
    'Looks something up in the version’s knowledge bases.',
    {
      knowledge_base_id: T.Optional(
        nullable(T.String({ pattern: UUID_PATTERN }), {
          title: 'Knowledge base',
          description: 'One of them; null asks all.',
          default: null,
          examples: ['0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d'],
        }),
      ),
      query: text('Query', 'What is looked up; `{{name}}` stands for a variable.', 'opening hours', { minLength: 1 }),
      top_n: T.Optional(
        T.Integer({
          title: 'Passages',
          description: 'How many passages come back.',
          minimum: 1,
          maximum: 50,
          default: 5,
          examples: [3],
        }),
      ),
    },
    { query: 'opening hours' },
  ),
  action(
    'http_request',
    'HTTP request',
    'Asks a web service; its answer is the action’s result.',
    {
      method: T.Optional(
        word(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'], {
          title: 'Method',
          description: 'The HTTP method.',
          default: 'POST',
          examples: ['GET'],
        }),
      ),
      url: T.String({
        title: 'Address',
        description: 'Where to ask; `{{name}}` stands for a variable.',
        pattern: URL_PATTERN,
        maxLength: 2000,
        examples: ['https://example.com/slots'],
      }),
      headers: T.Optional(headers('HTTP headers of the request.')),
      body: T.Optional(
        nullable(T.String({ maxLength: 20_000 }), {
          title: 'Body',
          description: 'The request’s body; null sends the tool’s parameters as JSON.',
          default: null,
          examples: ['{"day":"{{day}}"}'],
        }),
      ),
      timeout_ms: T.Optional(
        T.Integer({
          title: 'Time limit',
          description: 'Milliseconds until the action has failed.',
          minimum: 100,
          maximum: 30_000,
          default: 5000,
          examples: [2000],
        }),
      ),
    },
    { url: 'https://example.com/slots' },
  ),
] as const

export const Action = T.Unsafe<Readonly<Record<string, unknown>> & { readonly type: string }>({
  title: 'Action',
  description: 'One thing that happens when the tool is called.',
  examples: [{ type: 'hangup', message: 'Goodbye.' }],
  anyOf: [...speaking, ...leaving, ...asking],
})
