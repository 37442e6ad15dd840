/** AgentConfig, the part that hears, thinks and speaks: `stt_llm_tts`. */
import { Type as T } from 'typebox'
import { closed, map, nullable, word } from '#wire/schema.ts'

const PROVIDER = '^[a-z0-9][a-z0-9_.-]{0,63}$'
const MODEL = { minLength: 1, maxLength: 200 }

const providerOptions = (whose: string) =>
  map(
    '^[A-Za-z_][A-Za-z0-9_.-]{0,63}$',
    T.Unsafe<string | number | boolean>({ type: ['string', 'number', 'boolean'], maxLength: 2000 }),
    {
      title: 'Provider options',
      description: `Further settings of the ${whose}, passed on by name.`,
      maxProperties: 50,
      default: {},
      examples: [{}],
    },
  )

const Stt = closed(
  {
    provider: T.Optional(
      T.String({
        title: 'Provider',
        description:
          'Who turns speech into text. `auto` takes what this installation has configured, else the offline recognizer.',
        pattern: PROVIDER,
        default: 'auto',
        examples: ['auto', 'deepgram'],
      }),
    ),
    model: T.Optional(
      nullable(T.String(MODEL), {
        title: 'Model',
        description: 'The model by its provider’s name; null takes the provider’s default.',
        default: null,
        examples: ['nova-3'],
      }),
    ),
    keywords: T.Optional(
      T.Array(T.String({ minLength: 1, maxLength: 100 }), {
        title: 'Keywords',
        description: 'Names and terms that the recognizer should expect.',
        maxItems: 500,
        default: [],
        examples: [['Riverside', 'periodontist']],
      }),
    ),
    options: T.Optional(providerOptions('recognizer')),
  },
  { title: 'Speech to text', description: 'How the caller is heard.', default: {}, examples: [{ provider: 'auto' }] },
)

const Llm = closed(
  {
    provider: T.Optional(
      T.String({
        title: 'Provider',
        description:
          'Who thinks. `auto` takes the language model this installation has configured, else the offline responder.',
        pattern: PROVIDER,
        default: 'auto',
        examples: ['auto', 'openai'],
      }),
    ),
    model: T.Optional(
      nullable(T.String(MODEL), {
        title: 'Model',
        description: 'The model by its provider’s name; null takes the configured default.',
        default: null,
        examples: ['gpt-4.1-mini'],
      }),
    ),
    temperature: T.Optional(
      T.Number({
        title: 'Temperature',
        description: '0 answers the same way each time; higher values vary more.',
        minimum: 0,
        maximum: 2,
        default: 0.3,
        examples: [0, 0.7],
      }),
    ),
    max_output_tokens: T.Optional(
      T.Integer({
        title: 'Longest answer',
        description: 'Tokens that one answer may have.',
        minimum: 1,
        maximum: 32_000,
        default: 1000,
        examples: [400],
      }),
    ),
    options: T.Optional(providerOptions('language model')),
  },
  { title: 'Language model', description: 'Who decides what is said.', default: {}, examples: [{ temperature: 0.2 }] },
)

const Tts = closed(
  {
    provider: T.Optional(
      T.String({
        title: 'Provider',
        description: 'Who turns text into speech. `flite` needs no account and no network.',
        pattern: PROVIDER,
        default: 'flite',
        examples: ['flite', 'cartesia'],
      }),
    ),
    voice: T.Optional(
      T.String({
        title: 'Voice',
        description: 'The voice by its provider’s name. flite has `slt`, `rms`, `awb`, `kal16` and `kal`.',
        pattern: '^[A-Za-z0-9][A-Za-z0-9_.:/ -]{0,199}$',
        default: 'slt',
        examples: ['slt', 'rms'],
      }),
    ),
    model: T.Optional(
      nullable(T.String(MODEL), {
        title: 'Model',
        description: 'The model by its provider’s name; null takes the provider’s default.',
        default: null,
        examples: ['sonic-2'],
      }),
    ),
    speed: T.Optional(
      T.Number({
        title: 'Speed',
        description: '1 is the voice’s own speed, 2 twice as fast.',
        minimum: 0.5,
        maximum: 2,
        default: 1,
        examples: [1.1],
      }),
    ),
    options: T.Optional(providerOptions('synthesizer')),
  },
  {
    title: 'Text to speech',
    description: 'The voice of the agent.',
    default: {},
    examples: [{ provider: 'flite', voice: 'slt' }],
  },
)

const TurnDetection = closed(
  {
    mode: T.Optional(
      word(['auto', 'vad', 'stt', 'semantic'], {
        title: 'Mode',
        description:
          'What tells that the caller has finished: silence (`vad`), the recognizer (`stt`), the words (`semantic`), or the best at hand (`auto`).',
        default: 'auto',
        examples: ['semantic'],
      }),
    ),
    silence_seconds: T.Optional(
      T.Number({
        title: 'Silence',
        description: 'Seconds of silence that end an utterance for `vad`.',
        minimum: 0.1,
        maximum: 5,
        default: 0.4,
        examples: [0.5],
      }),
    ),
  },
  {
    title: 'Turn detection',
    description: 'When the caller has finished speaking.',
    default: {},
    examples: [{ mode: 'vad' }],
  },
)

const Interruption = closed(
  {
    enabled: T.Optional(
      T.Boolean({
        title: 'Enabled',
        description: 'Whether the caller may interrupt the agent.',
        default: true,
        examples: [true],
      }),
    ),
    min_duration_seconds: T.Optional(
      T.Number({
        title: 'Shortest interruption',
        description: 'Seconds of speech below which the agent goes on speaking.',
        minimum: 0,
        maximum: 10,
        default: 0.5,
        examples: [0.3],
      }),
    ),
    min_words: T.Optional(
      T.Integer({
        title: 'Fewest words',
        description: 'Words below which the agent goes on speaking; 0 lets any sound count.',
        minimum: 0,
        maximum: 20,
        default: 0,
        examples: [2],
      }),
    ),
    resume_after_false_interruption: T.Optional(
      T.Boolean({
        title: 'Resume',
        description: 'Go on with the sentence when the interruption turns out to have no words.',
        default: true,
        examples: [false],
      }),
    ),
  },
  {
    title: 'Interruption',
    description: 'What happens when the caller speaks while the agent does.',
    default: {},
    examples: [{ enabled: false }],
  },
)

const Endpointing = closed(
  {
    min_delay_seconds: T.Optional(
      T.Number({
        title: 'Shortest wait',
        description: 'Seconds the agent waits after the caller’s last word before it answers.',
        minimum: 0,
        maximum: 10,
        default: 0.3,
        examples: [0.5],
      }),
    ),
    max_delay_seconds: T.Optional(
      T.Number({
        title: 'Longest wait',
        description: 'Seconds after which the agent answers even if the caller seems not to have finished.',
        minimum: 0,
        maximum: 30,
        default: 3,
        examples: [6],
      }),
    ),
  },
  {
    title: 'Endpointing',
    description: 'How long the agent waits before it takes its turn.',
    default: {},
    examples: [{ min_delay_seconds: 0.5 }],
  },
)

export const SttLlmTts = closed(
  {
    stt: T.Optional(Stt),
    llm: T.Optional(Llm),
    tts: T.Optional(Tts),
    turn_detection: T.Optional(TurnDetection),
    interruption: T.Optional(Interruption),
    endpointing: T.Optional(Endpointing),
  },
  {
    title: 'Hearing, thinking, speaking',
    description: 'The three engines of a call and how they take turns.',
    default: {},
    examples: [{ tts: { provider: 'flite', voice: 'slt' } }],
  },
)
