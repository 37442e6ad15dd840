/** How a number's calls are routed besides its slots, in the `/core` dialect. */

import { type Static, Type as T } from 'typebox'
import type { NumberSettings, SettingsPatch } from '#core/number-routing.ts'
import { forwardTarget } from '#wire/forward-target.ts'
import { closed, ignored, nullable, UUID_PATTERN, uuid, word } from '#wire/schema.ts'
import { spokenMessage } from '#wire/spoken-message.ts'

const STICKINESS =
  '`caller`: whoever calls again keeps their arm. `call`: each call draws anew. Anonymous callers have no arm to keep.'
const SCHEDULE = 'The schedule; it stays while time routing is off.'
const TIMEOUT =
  'How long the webhook may take in all, milliseconds, while somebody listens to it ring; null: as the server is set.'
const DEFAULT_AGENT = 'Who answers when nobody of the slot can; the first step of the fallback ladder.'
const FORWARD = 'Where calls go when no agent can answer: a `sip:` or `sips:` URI, or a number in E.164.'
const MESSAGE = 'What is spoken, before the call ends, when there is nowhere to forward it to.'
const WEBHOOK = 'Asked who shall answer before a call is answered.'

export const NumberRoutingAnswer = closed(
  {
    stickiness: word(['caller', 'call'], { description: STICKINESS }),
    time_routing: closed({
      enabled: T.Boolean(),
      schedule_id: nullable(uuid(), { description: SCHEDULE }),
    }),
    webhook_url: nullable(T.String(), { description: WEBHOOK }),
    webhook_timeout_ms: nullable(T.Integer(), { description: TIMEOUT }),
    has_webhook_secret: T.Boolean({
      description: 'Whether requests to the webhook are signed; the secret is never shown again.',
    }),
    default_agent_id: nullable(uuid(), { description: DEFAULT_AGENT }),
    forward: nullable(T.String(), { description: FORWARD }),
    message: nullable(T.String(), { description: MESSAGE }),
  },
  { title: 'NumberRouting', description: 'How a number’s calls are routed besides its slots.' },
)

export const toNumberRoutingAnswer = (
  number: NumberSettings & { readonly has_webhook_secret: boolean },
): Static<typeof NumberRoutingAnswer> => ({
  stickiness: number.stickiness,
  time_routing: { enabled: number.time_routing_enabled, schedule_id: number.schedule_id },
  webhook_url: number.webhook_url,
  webhook_timeout_ms: number.webhook_timeout_ms,
  has_webhook_secret: number.has_webhook_secret,
  default_agent_id: number.default_agent_id,
  forward: number.forward,
  message: number.message,
})

const id = (description: string) => T.Optional(nullable(T.String({ pattern: UUID_PATTERN }), { description }))

export const webhookUrl = (description: string) =>
  T.Optional(
    nullable(T.String({ minLength: 1, maxLength: 2048 }), {
      description: `${description} http or https, of a public host; null: none.`,
      examples: ['https://example.com/inbound'],
    }),
  )

export const NumberRoutingEdit = closed(
  {
    stickiness: T.Optional(nullable(word(['caller', 'call']), { description: `${STICKINESS} null: \`caller\`.` })),
    time_routing: T.Optional(
      nullable(
        closed({
          enabled: T.Optional(nullable(T.Boolean(), { description: 'true needs a schedule; null changes nothing.' })),
          schedule_id: id(SCHEDULE),
        }),
        { description: 'Its two parts are changed when they are given; null: off, and no schedule.' },
      ),
    ),
    webhook_url: webhookUrl(WEBHOOK),
    webhook_timeout_ms: T.Optional(
      nullable(T.Integer({ minimum: 250, maximum: 10_000 }), { description: TIMEOUT, examples: [1500] }),
    ),
    has_webhook_secret: ignored(),
    default_agent_id: id(DEFAULT_AGENT),
    forward: T.Optional(nullable(forwardTarget(), { description: FORWARD })),
    message: T.Optional(
      nullable(spokenMessage(), {
        description: MESSAGE,
        examples: ['We cannot take your call right now. Please call again later.'],
      }),
    ),
  },
  { title: 'NumberRoutingEdit', description: 'What is given is changed; null clears it.' },
)

const lower = (value: string | null): string | null => value?.toLowerCase() ?? null

type Edit = Static<typeof NumberRoutingEdit>

const timeRoutingPatch = ({ time_routing }: Edit): SettingsPatch => {
  if (time_routing === undefined) return {}
  if (time_routing === null) return { time_routing_enabled: false, schedule_id: null }
  const { enabled, schedule_id } = time_routing
  return {
    ...(typeof enabled === 'boolean' ? { time_routing_enabled: enabled } : {}),
    ...(schedule_id === undefined ? {} : { schedule_id: lower(schedule_id) }),
  }
}

export const toSettingsPatch = (edit: Edit): SettingsPatch => {
  const { stickiness, webhook_url, webhook_timeout_ms, default_agent_id, forward, message } = edit
  return {
    ...timeRoutingPatch(edit),
    ...(stickiness === undefined ? {} : { stickiness: stickiness ?? 'caller' }),
    ...(webhook_url === undefined ? {} : { webhook_url }),
    ...(webhook_timeout_ms === undefined ? {} : { webhook_timeout_ms }),
    ...(default_agent_id === undefined ? {} : { default_agent_id: lower(default_agent_id) }),
    ...(forward === undefined ? {} : { forward }),
    ...(message === undefined ? {} : { message }),
  }
}

export const WebhookSecretAnswer = closed(
  {
    webhook_secret: T.String({
      description: 'Signs requests to the webhook (Standard Webhooks). Shown this once.',
      examples: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
    }),
  },
  { title: 'WebhookSecret' },
)
