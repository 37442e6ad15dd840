/** Language models in the `/core` dialect. */
import { type Static, Type as T } from 'typebox'
import type { ModelUsage, OrganizationModel } from '#core/language-model.ts'
import { closed, nullable, time, word } from '#wire/schema.ts'

const price = (what: string) => ({
  description: `US dollars for a million tokens of ${what}; null: not known.`,
  examples: [0.4],
})

const Usage = closed(
  {
    model: T.String(),
    requests: T.Integer({ description: 'Answers that came to their end.' }),
    input_tokens: T.Integer(),
    output_tokens: T.Integer(),
    cost_usd: nullable(T.Number(), { description: 'null: of some of it the price is not known.' }),
  },
  { title: 'ModelUsage', description: 'As the model’s server counts.' },
)

export const LanguageModelAnswer = closed(
  {
    source: word(['organization', 'installation', 'offline'], {
      description:
        'Who writes: the organization’s own model, the one that the operator has set up for all, or, without either, rules.',
    }),
    base_url: nullable(T.String(), { description: 'Of the organization’s own model.' }),
    model: nullable(T.String(), { description: 'The name of the model that writes.' }),
    has_api_key: T.Boolean({ description: 'Whether a key is stored; it is never shown.' }),
    input_usd_per_mtok: nullable(T.Number(), price('input')),
    output_usd_per_mtok: nullable(T.Number(), price('output')),
    usage: T.Array(Usage, { description: 'Since the first of the month (UTC), by model.' }),
    updated_at: nullable(time()),
  },
  { title: 'LanguageModel', description: 'Which language model writes for the organization.' },
)

const ignored = () => T.Optional(T.Unknown({ readOnly: true, description: 'Ignored.' }))
const usd = () => T.Number({ minimum: 0, maximum: 1_000_000 })

export const LanguageModelEdit = closed(
  {
    base_url: T.String({
      description: 'An OpenAI-compatible endpoint: what `/chat/completions` is put behind.',
      minLength: 1,
      maxLength: 2048,
      examples: ['https://api.openai.com/v1'],
    }),
    model: T.String({ minLength: 1, maxLength: 200, examples: ['gpt-4.1-mini'] }),
    api_key: T.Optional(
      nullable(T.String({ minLength: 1, maxLength: 1000, pattern: '^[\\x21-\\x7e]+$' }), {
        description: 'Kept encrypted and never shown. null: it needs none; left out: the stored one stays.',
        examples: ['sk-…'],
      }),
    ),
    input_usd_per_mtok: T.Optional(nullable(usd(), price('input'))),
    output_usd_per_mtok: T.Optional(nullable(usd(), price('output'))),
    source: ignored(),
    has_api_key: ignored(),
    usage: ignored(),
    updated_at: ignored(),
  },
  {
    title: 'LanguageModelEdit',
    description: 'The two prices belong together. An answer’s other fields are ignored.',
    examples: [{ base_url: 'https://api.openai.com/v1', model: 'gpt-4.1-mini', api_key: 'sk-secret' }],
  },
)

type State = {
  readonly own: OrganizationModel | null
  readonly installed_model: string | null
  readonly usage: readonly ModelUsage[]
}

export const toLanguageModelAnswer = ({ own, installed_model, usage }: State): Static<typeof LanguageModelAnswer> => ({
  source: own ? 'organization' : installed_model === null ? 'offline' : 'installation',
  base_url: own?.base_url ?? null,
  model: own?.model ?? installed_model,
  has_api_key: own?.has_api_key ?? false,
  input_usd_per_mtok: own?.prices?.input_usd_per_mtok ?? null,
  output_usd_per_mtok: own?.prices?.output_usd_per_mtok ?? null,
  usage: usage.map(each => ({ ...each })),
  updated_at: own?.updated_at ?? null,
})
