/** AgentConfig, the web services asked before and told after a conversation. */
import { Type as T } from 'typebox'
import { headers, URL_PATTERN } from '#wire/agent-config-actions.ts'
import { closed, nullable } from '#wire/schema.ts'

const url = (description: string) =>
  T.Optional(
    nullable(T.String({ pattern: URL_PATTERN, maxLength: 2000 }), {
      title: 'Address',
      description,
      default: null,
      examples: ['https://example.com/hooks/patchcord'],
    }),
  )

const timeout = (default_ms: number) =>
  T.Optional(
    T.Integer({
      title: 'Time limit',
      description: 'Milliseconds an answer may take.',
      minimum: 100,
      maximum: 30_000,
      default: default_ms,
      examples: [default_ms],
    }),
  )

export const PreConversation = closed(
  {
    url: url('Asked before the first word; its answer may set dynamic variables. null: nobody is asked.'),
    timeout_ms: timeout(2000),
    headers: T.Optional(headers('HTTP headers of the request.')),
  },
  {
    title: 'Before the conversation',
    description:
      'A web service that knows who is calling. When it fails, the call goes on with the variables’ defaults.',
    default: {},
    examples: [{ url: 'https://example.com/hooks/patchcord' }],
  },
)

export const PostConversation = closed(
  {
    url: url('Told when the conversation has ended. null: nobody is told.'),
    timeout_ms: timeout(10_000),
    headers: T.Optional(headers('HTTP headers of the request.')),
    include_items: T.Optional(
      T.Boolean({
        title: 'With the words',
        description: 'Whether what was said goes along.',
        default: false,
        examples: [true],
      }),
    ),
    max_attempts: T.Optional(
      T.Integer({
        title: 'Attempts',
        description: 'How often it is tried until an answer of the 2xx class.',
        minimum: 1,
        maximum: 20,
        default: 5,
        examples: [3],
      }),
    ),
  },
  {
    title: 'After the conversation',
    description: 'A web service that is told what happened.',
    default: {},
    examples: [{ url: 'https://example.com/hooks/patchcord', include_items: true }],
  },
)
