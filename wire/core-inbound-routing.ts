/** What an organization does with calls to numbers whose slot is empty, in the `/core` dialect. */

import { type Static, Type as T } from 'typebox'
import type { InboundRoutingRecord, InboundRoutingSettings } from '#core/inbound-routing.ts'
import { webhookUrl } from '#wire/core-number-routing.ts'
import { closed, ignored, nullable, time, UUID_PATTERN, uuid } from '#wire/schema.ts'

const ENABLED = 'Whether it answers calls to numbers whose inbound slot is empty.'
const WEBHOOK = 'Asked who shall answer.'
const FALLBACK = 'Who answers when the webhook names nobody who can.'

export const InboundRoutingAnswer = closed(
  {
    organization_id: uuid(),
    enabled: T.Boolean({ description: ENABLED }),
    webhook_url: nullable(T.String(), { description: WEBHOOK }),
    has_webhook_secret: T.Boolean({ description: 'Whether requests to the webhook are signed.' }),
    fallback_agent_id: nullable(uuid(), { description: FALLBACK }),
    updated_at: nullable(time(), { description: 'null: it was never set.' }),
  },
  { title: 'InboundRouting', description: 'What the organization does with calls that no number’s slot takes.' },
)

export const toInboundRoutingAnswer = (record: InboundRoutingRecord): Static<typeof InboundRoutingAnswer> => ({
  organization_id: record.organization_id,
  enabled: record.enabled,
  webhook_url: record.webhook_url,
  has_webhook_secret: record.has_webhook_secret,
  fallback_agent_id: record.fallback_agent_id,
  updated_at: record.updated_at,
})

export const InboundRoutingEdit = closed(
  {
    enabled: T.Optional(nullable(T.Boolean(), { description: `${ENABLED} null changes nothing.`, examples: [true] })),
    webhook_url: webhookUrl(WEBHOOK),
    fallback_agent_id: T.Optional(
      nullable(T.String({ pattern: UUID_PATTERN }), { description: `${FALLBACK} null: nobody.` }),
    ),
    organization_id: ignored(),
    has_webhook_secret: ignored(),
    updated_at: ignored(),
  },
  { title: 'InboundRoutingEdit', description: 'What is given is changed.' },
)

export const toInboundRoutingChange = ({
  enabled,
  webhook_url,
  fallback_agent_id,
}: Static<typeof InboundRoutingEdit>): Partial<InboundRoutingSettings> => ({
  ...(typeof enabled === 'boolean' ? { enabled } : {}),
  ...(webhook_url === undefined ? {} : { webhook_url }),
  ...(fallback_agent_id === undefined ? {} : { fallback_agent_id: fallback_agent_id?.toLowerCase() ?? null }),
})
