/** Whom the process asks outside: webhooks, language models, web services of tools, documents, websites; one guard for all of them. */
import { v7 } from 'uuid'
import { createDocumentReader } from '#adapters/document-reader.ts'
import { createWebRequests } from '#adapters/http-request.ts'
import { createInboundWebhook } from '#adapters/inbound-webhook.ts'
import { createSiteReader } from '#adapters/site-reader.ts'
import { createWriters } from '#adapters/writers.ts'
import type { App } from '#app/context.ts'
import { countUsage, modelSettingsOf } from '#app/language-model.ts'
import { parseRange } from '#core/ip.ts'
import { type Config, modelFrom } from '#server/config.ts'

type Ports = Pick<
  App,
  'outbound_allow' | 'inbound_webhook' | 'webhook_timeout_ms' | 'writers' | 'web_requests' | 'documents' | 'sites'
>

export type Outside = { readonly ports: Ports; close(): Promise<void> }

export const openOutside = (
  config: Config,
  { tenants, secrets, clock, log }: Pick<App, 'tenants' | 'secrets' | 'clock' | 'log'>,
): Outside => {
  const allow = config.outbound_allow.flatMap(range => parseRange(range) ?? [])
  // For dry runs; the voice thread has its own.
  const inbound_webhook = createInboundWebhook({ allow, clock, log, new_id: v7 })
  const writers = createWriters({
    settings_of: id => modelSettingsOf(tenants.of(id), secrets, id),
    environment: modelFrom(config),
    allow,
    used: (id, usage) => countUsage(tenants.of(id), clock, id, usage),
    log,
  })
  return {
    ports: {
      outbound_allow: allow,
      inbound_webhook,
      webhook_timeout_ms: config.webhook_timeout_ms,
      writers,
      web_requests: createWebRequests({ allow, log }),
      documents: createDocumentReader({ allow }),
      sites: createSiteReader({ allow }),
    },
    close: async () => {
      await Promise.all([inbound_webhook.close(), writers.close()])
    },
  }
}
