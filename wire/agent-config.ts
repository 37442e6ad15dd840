/** AgentConfig: the whole shape of a version's `config`. The same object validates, documents and is served as JSON Schema. */
import { Type as T } from 'typebox'
import { ChannelOverrides, ChannelProperties, LANGUAGE_PATTERN, startingMessage } from '#wire/agent-config-channels.ts'
import { Limits, Recording, SuccessCriteria } from '#wire/agent-config-limits.ts'
import { SttLlmTts } from '#wire/agent-config-speech.ts'
import { Tools } from '#wire/agent-config-tools.ts'
import { PostConversation, PreConversation } from '#wire/agent-config-webhooks.ts'
import { closed, map, UUID_PATTERN, word } from '#wire/schema.ts'

const KnowledgeBase = closed(
  {
    id: T.String({
      title: 'Id',
      description: 'The knowledge base’s id.',
      pattern: UUID_PATTERN,
      examples: ['0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d'],
    }),
    top_n: T.Optional(
      T.Integer({
        title: 'Passages',
        description: 'How many passages a look-up brings.',
        minimum: 1,
        maximum: 50,
        default: 5,
        examples: [3],
      }),
    ),
  },
  {
    title: 'Knowledge base',
    description: 'Something the agent can look up in.',
    examples: [{ id: '0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d', top_n: 5 }],
  },
)

export const AgentConfigSchema = closed(
  {
    type: T.Optional(
      word(['static_prompt'], {
        title: 'Type',
        description: 'How the agent is built: one prompt for the whole conversation.',
        default: 'static_prompt',
        examples: ['static_prompt'],
      }),
    ),
    language: T.Optional(
      T.String({
        title: 'Language',
        description: 'What is spoken, as a BCP 47 tag.',
        pattern: LANGUAGE_PATTERN,
        default: 'en-US',
        examples: ['en-US', 'de-DE'],
      }),
    ),
    instructions: T.Optional(
      T.String({
        title: 'Instructions',
        description: 'Who the agent is and what it does; `{{name}}` stands for a variable.',
        maxLength: 100_000,
        default: '',
        examples: ['You schedule appointments for Riverside Dental.'],
      }),
    ),
    starting_message: T.Optional(startingMessage({})),
    max_tool_steps: T.Optional(
      T.Integer({
        title: 'Tool steps',
        description: 'Tool calls in a row before the agent has to speak.',
        minimum: 0,
        maximum: 50,
        default: 5,
        examples: [3],
      }),
    ),
    stt_llm_tts: T.Optional(SttLlmTts),
    tools: T.Optional(Tools),
    knowledge_bases: T.Optional(
      T.Array(KnowledgeBase, {
        title: 'Knowledge bases',
        description: 'What the agent can look up in.',
        maxItems: 20,
        default: [],
        examples: [[{ id: '0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d', top_n: 5 }]],
      }),
    ),
    channel_overrides: T.Optional(ChannelOverrides),
    channel_properties: T.Optional(ChannelProperties),
    pre_conversation: T.Optional(PreConversation),
    post_conversation: T.Optional(PostConversation),
    dynamic_variables: T.Optional(
      map('^[A-Za-z_][A-Za-z0-9_]{0,63}$', T.String({ maxLength: 10_000 }), {
        title: 'Dynamic variables',
        description: 'Names used as `{{name}}`, with what they stand for when nobody says otherwise.',
        maxProperties: 200,
        default: {},
        examples: [{ practice: 'Riverside Dental' }],
      }),
    ),
    limits: T.Optional(Limits),
    recording: T.Optional(Recording),
    success_criteria: T.Optional(SuccessCriteria),
  },
  {
    title: 'AgentConfig',
    description:
      'How an agent version behaves. `{}` is valid: every field has a default. No text may contain U+0000 or half a surrogate pair.',
    default: {},
    examples: [
      {},
      {
        instructions: 'You schedule appointments for Riverside Dental.',
        starting_message: 'Thank you for calling Riverside Dental.',
        limits: { silence_timeout_seconds: 15 },
      },
    ],
  },
)

/** The document that `GET /core/agent-config-schema` serves. */
export const agentConfigDocument = (): Readonly<Record<string, unknown>> => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  ...AgentConfigSchema,
})
