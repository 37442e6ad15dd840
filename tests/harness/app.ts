/** Use cases on a fresh database, with a clock that the test moves. */

import { createDocumentReader } from '#adapters/document-reader.ts'
import { createWebRequests } from '#adapters/http-request.ts'
import { createSiteReader } from '#adapters/site-reader.ts'
import type { App, Caller } from '#app/context.ts'
import { createOrganization } from '#app/organizations.ts'
import type { InboundWebhook, Log, RoutingFollower } from '#app/ports.ts'
import type { WorkflowEngine } from '#app/workflow-engine.ts'
import { OFFLINE_WRITERS } from '#core/offline-writer.ts'
import type { AgentConfig } from '#core/version.ts'
import type { DatabaseAddress } from '#store/address.ts'
import { type Db, openDatabase } from '#store/database.ts'
import { createSecretBox } from '#store/secret-box.ts'
import { openTenants } from '#store/tenants.ts'
import { freshDatabase } from '#tests/harness/database.ts'
import { rangesOf, testWriters, type WritersSetting } from '#tests/harness/writers.ts'
import { fillDefaults } from '#wire/parse-agent-config.ts'
import { createEngine } from '#workflows/engine.ts'
import { createEnqueue } from '#workflows/queue.ts'
import { workflowRegistry } from '#workflows/registry.ts'
import type { WorkflowRegistry } from '#workflows/workflow.ts'

export const TEST_SECRET_KEY = Buffer.alloc(32, 'test')

export type TestClock = { readonly now_ms: () => number; advance(ms: number): void }

export const testClock = (start_ms = Date.parse('2026-11-22T12:00:00Z')): TestClock => {
  let now_ms = start_ms
  return {
    now_ms: () => now_ms,
    advance: ms => {
      now_ms += ms
    },
  }
}

export type LogLine = {
  readonly level: 'info' | 'warn' | 'error'
  readonly fields: Record<string, unknown>
  readonly message: string
}

export const testLog = (): Log & { readonly lines: readonly LogLine[] } => {
  const lines: LogLine[] = []
  const at = (level: LogLine['level']) => (fields: Record<string, unknown>, message: string) => {
    lines.push({ level, fields, message })
  }
  return { lines, info: at('info'), warn: at('warn'), error: at('error') }
}

/** Starts workflows; nobody does them but who starts a worker. */
export const testWorkflows = (db: Db, registry: WorkflowRegistry = workflowRegistry): WorkflowEngine =>
  createEngine(registry, createEnqueue(db))

export type TestApp = {
  readonly app: App
  readonly clock: TestClock
  readonly address: DatabaseAddress
  readonly log: ReturnType<typeof testLog>
  /** Everything may be done with it. */
  readonly caller: Caller
  readonly credential: string
  /** Another organization, with the same right over its own things. */
  organization(name: string): Promise<{ readonly caller: Caller; readonly credential: string }>
  close(): Promise<void>
}

export type TestAppOptions = WritersSetting & {
  readonly routing?: RoutingFollower
  readonly max_connections?: number
  readonly registry?: WorkflowRegistry
  readonly inbound_webhook?: InboundWebhook
}

/** Nobody outside is asked. */
export const NOBODY_OUTSIDE: Pick<
  App,
  'outbound_allow' | 'inbound_webhook' | 'webhook_timeout_ms' | 'writers' | 'web_requests' | 'documents' | 'sites'
> = {
  outbound_allow: [],
  inbound_webhook: {
    ask: async () => ({ kind: 'failed', failure: 'webhook_unreachable', took_ms: 1, attempts: 1 }),
  },
  webhook_timeout_ms: 2000,
  writers: OFFLINE_WRITERS,
  web_requests: { send: async () => ({ ok: false, reason: 'nothing is asked here' }) },
  documents: createDocumentReader({ allow: [] }),
  sites: createSiteReader({ allow: [] }),
}

export const startTestApp = async (options: TestAppOptions = {}): Promise<TestApp> => {
  const { address, drop } = await freshDatabase()
  const clock = testClock()
  const log = testLog()
  const db = openDatabase(address, { max_connections: options.max_connections ?? 8 })
  const tenants = openTenants(address, { max_connections: options.max_connections ?? 8 })
  const secrets = createSecretBox(TEST_SECRET_KEY)
  const writers = testWriters({ tenants, secrets, clock, log }, options)
  const app: App = {
    db,
    system: db,
    tenants,
    clock,
    log,
    routing: options.routing ?? { changed: async () => {} },
    ...NOBODY_OUTSIDE,
    ...(options.inbound_webhook ? { inbound_webhook: options.inbound_webhook } : {}),
    sip_public_host: 'sip.example.test:5060',
    sip_transports: ['udp', 'tcp'],
    default_config: fillDefaults({} as AgentConfig),
    outbound_allow: rangesOf(options),
    writers,
    web_requests: createWebRequests({ allow: rangesOf(options), log }),
    secrets,
    documents: createDocumentReader({ allow: rangesOf(options) }),
    sites: createSiteReader({ allow: rangesOf(options), limits: { pause_ms: 0 } }),
    workflows: testWorkflows(db, options.registry),
    callers: new Map(),
  }
  const organization = (name: string) =>
    createOrganization(app, { name, slug: name.toLowerCase(), allowed_addresses: ['127.0.0.0/8'] })
  const { caller, credential } = await organization('First')
  return {
    app,
    clock,
    address,
    log,
    caller,
    credential,
    organization,
    close: async () => {
      await writers.close()
      await db.destroy()
      await tenants.close()
      await drop()
    },
  }
}
