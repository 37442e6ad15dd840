/** Everything that serves, started and stopped in order. */
import { isIPv6 } from 'node:net'
import { availableParallelism } from 'node:os'
import { v7 } from 'uuid'
import { createDocumentReader } from '#adapters/document-reader.ts'
import { createWebRequests } from '#adapters/http-request.ts'
import { createWriters } from '#adapters/writers.ts'
import type { App } from '#app/context.ts'
import { countUsage, modelSettingsOf } from '#app/language-model.ts'
import type { Log, RoutingFollower } from '#app/ports.ts'
import { parseRange } from '#core/ip.ts'
import { createHttpServer } from '#http/server.ts'
import { type Bootstrapped, bootstrap } from '#server/bootstrap.ts'
import { type Config, modelFrom } from '#server/config.ts'
import { readinessOf } from '#server/readiness.ts'
import { loadSecretKey, openSecrets } from '#server/secret-key.ts'
import { startUpkeep } from '#server/upkeep.ts'
import { startVoice, type Voice } from '#server/voice.ts'
import type { DatabaseAddress } from '#store/address.ts'
import { closeAbandonedConversations } from '#store/conversations.ts'
import { closeDatabase, openDatabase } from '#store/database.ts'
import { migrate } from '#store/migrate.ts'
import { openProbe } from '#store/probe.ts'
import { openTenants } from '#store/tenants.ts'
import { fillDefaults } from '#wire/parse-agent-config.ts'
import { createEngine } from '#workflows/engine.ts'
import { createEnqueue, prepareQueue } from '#workflows/queue.ts'
import { workflowRegistry } from '#workflows/registry.ts'
import { startWorker, type Worker } from '#workflows/worker.ts'

export type Services = {
  /** Where HTTP is served, `http://host:port`. */
  readonly http: string
  /** Where SIP is served, `host:port`; null in a process without the voice role. */
  readonly sip: string | null
  /** Resolves when a part has died that the process cannot be without. */
  readonly died: Promise<Error>
  /** Not ready any more, no new calls; resolves when those in flight have ended. */
  drain(): Promise<void>
  stop(): Promise<void>
}

export type ServicesInput = { readonly config: Config; readonly address: DatabaseAddress; readonly log: Log }

/** For requests, and for what the program does by itself. */
const TENANT_CONNECTIONS = 12
const SYSTEM_CONNECTIONS = 4
const PROBE_TIMEOUT_MS = 1000
const MEDIA_THREADS_MAX = 8
/** A step of background work has this long to end when the process is to end; then another worker does it again. */
const STEP_DRAIN_MS = 8000
/** Most of a workflow is waiting for others: websites, language models. */
const WORKFLOWS_AT_ONCE = 4

const sipPublicHost = (config: Config, voice: Voice | null): string =>
  config.sip_public_host ?? (voice ? `${voice.sip.host}:${voice.sip.port}` : `${config.sip_host}:${config.sip_port}`)

const openVoice = (input: ServicesInput, secret_key: Uint8Array, on_death: (error: Error) => void): Promise<Voice> => {
  const { config, address } = input
  const { sip_host, sip_port, sip_public_host, sip_rate_limit_pps, media_public_host, rtp_ports, log_level } = config
  const { sip_digest_algorithms } = config
  const settings = {
    sip_digest_algorithms,
    sip_host,
    sip_port,
    sip_public_host,
    sip_rate_limit_pps,
    media_public_host,
    log_level,
    address,
  }
  return startVoice(
    {
      ...settings,
      edge_id: v7(),
      secret_key,
      rtp_ports: { from: rtp_ports.first, to: rtp_ports.last },
      media_threads: Math.min(MEDIA_THREADS_MAX, availableParallelism()),
    },
    on_death,
  )
}

/** The key is for the person at the terminal, once; the log never has it. */
const announceKey = ({ credential, key_file, organization_id }: Bootstrapped): void => {
  process.stdout.write(
    `\nThe first organization (${organization_id}) was made. Its key, shown this once and kept in ${key_file}:\n\n  ${credential}\n\n`,
  )
}

/** Whom organizations name to be asked: language models, and the web services of their tools. */
const openOutside = (
  { config, log }: ServicesInput,
  { tenants, secrets, clock }: Pick<App, 'tenants' | 'secrets' | 'clock'>,
  starting: AsyncDisposableStack,
): Pick<App, 'writers' | 'outbound_allow' | 'web_requests' | 'documents'> => {
  const outbound_allow = config.outbound_allow.flatMap(range => parseRange(range) ?? [])
  const writers = createWriters({
    settings_of: id => modelSettingsOf(tenants.of(id), secrets, id),
    environment: modelFrom(config),
    allow: outbound_allow,
    used: (id, usage) => countUsage(tenants.of(id), clock, id, usage),
    log,
  })
  starting.defer(() => writers.close())
  return {
    writers,
    outbound_allow,
    web_requests: createWebRequests({ allow: outbound_allow, log }),
    documents: createDocumentReader({ allow: outbound_allow }),
  }
}

export const startServices = async (input: ServicesInput): Promise<Services> => {
  const { config, address, log } = input
  await using starting = new AsyncDisposableStack()
  await migrate(address)
  await prepareQueue(address)
  const db = openDatabase(address, { max_connections: SYSTEM_CONNECTIONS })
  starting.defer(() => closeDatabase(db))
  const tenants = openTenants(address, { max_connections: TENANT_CONNECTIONS })
  starting.defer(() => tenants.close())
  const probe = openProbe(address, PROBE_TIMEOUT_MS)
  starting.defer(() => probe.close())
  const secret_key = loadSecretKey(config)
  const secrets = await openSecrets(db, secret_key)
  // The embedded database has this process alone: whoever was answering calls is dead.
  if (config.database_url === null) await closeAbandonedConversations(db, 0)

  let voice: Voice | null = null
  const routing: RoutingFollower = { changed: async change => voice?.changed(change) }
  const clock = { now_ms: Date.now }
  const outside = openOutside(input, { tenants, secrets, clock }, starting)
  const appFor = (sip_public_host: string): App => ({
    db,
    system: db,
    tenants,
    clock,
    log,
    routing,
    sip_public_host,
    sip_transports: ['udp', 'tcp'],
    default_config: fillDefaults({}),
    ...outside,
    secrets,
    workflows: createEngine(workflowRegistry, createEnqueue(db)),
    callers: new Map(),
  })
  const own = appFor(sipPublicHost(config, null))
  const made = await bootstrap(own, config)
  // Before a port is opened: one that is in use must not cost the key.
  if (made) announceKey(made)
  const upkeep = startUpkeep(own)
  starting.defer(() => upkeep.stop())

  const died = Promise.withResolvers<Error>()
  if (config.roles.includes('voice')) {
    voice = await openVoice(input, secret_key, died.resolve)
    starting.defer(() => voice?.stop())
  }
  let worker: Worker | null = null
  if (config.roles.includes('worker')) {
    const app = appFor(sipPublicHost(config, voice))
    worker = await startWorker({ app, address, registry: workflowRegistry, concurrency: WORKFLOWS_AT_ONCE })
    starting.defer(() => worker?.stop(STEP_DRAIN_MS))
  }
  let draining = false
  const http = await createHttpServer({
    app: config.roles.includes('api') ? appFor(sipPublicHost(config, voice)) : null,
    database_answers: probe.answers,
    rate_limit_rps: config.rate_limit_rps,
    log,
    ready: readinessOf({
      draining: () => draining,
      database_answers: probe.answers,
      voice_alive: voice?.alive ?? null,
      roles: config.roles,
    }),
  })
  const bound = await http.listen(config.http_host, config.http_port)
  starting.defer(() => http.close())

  const served = {
    http: `http://${isIPv6(bound.host) ? `[${bound.host}]` : bound.host}:${bound.port}`,
    sip: voice ? `${voice.sip.host}:${voice.sip.port}` : null,
  }
  log.info(served, 'listening')
  const running = starting.move()
  return {
    ...served,
    died: died.promise,
    drain: async () => {
      draining = true
      await Promise.all([voice?.drain(), worker?.stop(STEP_DRAIN_MS)])
    },
    stop: () => running.disposeAsync(),
  }
}
