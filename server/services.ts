/** Everything that serves, started and stopped in order. */
import { isIPv6 } from 'node:net'
import { availableParallelism } from 'node:os'
import { v7 } from 'uuid'
import type { App } from '#app/context.ts'
import type { Log, RoutingChange } from '#app/ports.ts'
import { createHttpServer } from '#http/server.ts'
import { type Bootstrapped, bootstrap } from '#server/bootstrap.ts'
import type { Config } from '#server/config.ts'
import { openOutside } from '#server/outside.ts'
import { readinessOf } from '#server/readiness.ts'
import { loadSecretKey, requireOwnSecrets } from '#server/secret-key.ts'
import { startUpkeep } from '#server/upkeep.ts'
import { type SipAddress, startVoice, type Voice } from '#server/voice.ts'
import type { DatabaseAddress } from '#store/address.ts'
import { closeAbandonedConversations } from '#store/conversations.ts'
import { closeDatabase, isDatabaseAway, openDatabase } from '#store/database.ts'
import { migrate } from '#store/migrate.ts'
import { createNotifier } from '#store/notifications.ts'
import { openProbe } from '#store/probe.ts'
import { createSecretBox } from '#store/secret-box.ts'
import { openTenants } from '#store/tenants.ts'
import { fillDefaults } from '#wire/parse-agent-config.ts'
import { createEngine } from '#workflows/engine.ts'
import { createEnqueue, prepareQueue } from '#workflows/queue.ts'
import { workflowRegistry } from '#workflows/registry.ts'
import { startWorker } from '#workflows/worker.ts'

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

export type ServicesInput = {
  readonly config: Config
  readonly address: DatabaseAddress
  /** false: the database did not answer just now, and this process can start without. */
  readonly reachable: boolean
  readonly log: Log
}

/** For requests, and for what the program does by itself. */
const TENANT_CONNECTIONS = 12
const SYSTEM_CONNECTIONS = 4
const PROBE_TIMEOUT_MS = 1000
const MEDIA_THREADS_MAX = 8
/** A step of background work has this long to end when the process is to end; then another worker does it again. */
const STEP_DRAIN_MS = 8000
/** Most of a workflow is waiting for others: websites, language models. */
const WORKFLOWS_AT_ONCE = 4

const sipPublicHost = (config: Config, sip: SipAddress | null): string =>
  config.sip_public_host ?? (sip ? `${sip.host}:${sip.port}` : `${config.sip_host}:${config.sip_port}`)

const openVoice = (input: ServicesInput, secret_key: Uint8Array, on_death: (error: Error) => void): Voice => {
  const { config, address, log } = input
  const { sip_host, sip_port, sip_public_host, sip_rate_limit_pps, media_public_host, rtp_ports, log_level } = config
  const { sip_digest_algorithms, data_dir, webhook_timeout_ms, outbound_allow } = config
  const settings = {
    sip_digest_algorithms,
    sip_host,
    sip_port,
    sip_public_host,
    sip_rate_limit_pps,
    media_public_host,
    log_level,
    address,
    data_dir,
    webhook_timeout_ms,
    outbound_allow,
  }
  return startVoice(
    {
      ...settings,
      edge_id: v7(),
      secret_key,
      rtp_ports: { from: rtp_ports.first, to: rtp_ports.last },
      media_threads: Math.min(MEDIA_THREADS_MAX, availableParallelism()),
    },
    log,
    on_death,
  )
}

/** The key is for the person at the terminal, once; the log never has it. */
const announceKey = ({ credential, key_file, organization_id }: Bootstrapped): void => {
  process.stdout.write(
    `\nThe first organization (${organization_id}) was made. Its key, shown this once and kept in ${key_file}:\n\n  ${credential}\n\n`,
  )
}

/** false: it answers calls, for which the routing table on its disk is enough. */
export const needsDatabase = ({ roles }: Config): boolean => roles.some(role => role !== 'voice')

const prepareDatabase = async ({ config, address }: ServicesInput, app: App): Promise<void> => {
  await migrate(address)
  await prepareQueue(address)
  await requireOwnSecrets(app.db, app.secrets)
  // The embedded database has this process alone: whoever was answering calls is dead.
  if (config.database_url === null) await closeAbandonedConversations(app.db, 0)
  const made = await bootstrap(app, config)
  // Before a port is opened: one that is in use must not cost the key.
  if (made) announceKey(made)
}

const prepare = async (input: ServicesInput, app: App): Promise<void> => {
  const { config, reachable, log } = input
  if (needsDatabase(config)) return prepareDatabase(input, app)
  if (!reachable) return
  await prepareDatabase(input, app).catch(error => {
    if (!isDatabaseAway(error)) throw error
    log.error({ err: String(error) }, 'the database is away: starting without it')
  })
}

/** null: it waits for the database, and answers calls when it has it. Rejects when it cannot start. */
const firstOf = ({ started, waiting }: Voice): Promise<SipAddress | null> =>
  Promise.race([started, waiting.then(() => null)])

const sayWhenAnswering = ({ started }: Voice, log: Log, failed: (error: Error) => void): void => {
  started.then(at => log.info({ sip: `${at.host}:${at.port}` }, 'calls are answered'), failed)
}

type Draining = { drain(): Promise<void> }

/** Nothing to do in a process without the role. */
const openWorker = async ({ config, address }: ServicesInput, app: App): Promise<Draining> => {
  if (!config.roles.includes('worker')) return { drain: async () => {} }
  const worker = await startWorker({ app, address, registry: workflowRegistry, concurrency: WORKFLOWS_AT_ONCE })
  return { drain: () => worker.stop(STEP_DRAIN_MS) }
}

const urlOf = ({ host, port }: { readonly host: string; readonly port: number }): string =>
  `http://${isIPv6(host) ? `[${host}]` : host}:${port}`

export const startServices = async (input: ServicesInput): Promise<Services> => {
  const { config, address, log } = input
  await using starting = new AsyncDisposableStack()
  const db = openDatabase(address, { max_connections: SYSTEM_CONNECTIONS })
  starting.defer(() => closeDatabase(db))
  const tenants = openTenants(address, { max_connections: TENANT_CONNECTIONS })
  starting.defer(() => tenants.close())
  const probe = openProbe(address, PROBE_TIMEOUT_MS)
  starting.defer(() => probe.close())
  const secret_key = loadSecretKey(config)

  let voice: Voice | null = null
  const notifier = createNotifier(db)
  const changed = async (change: RoutingChange) => {
    notifier.tell()
    await voice?.changed(change)
  }
  const clock = { now_ms: Date.now }
  const secrets = createSecretBox(secret_key)
  const outside = openOutside(config, { tenants, secrets, clock, log })
  starting.defer(() => outside.close())
  const app: App = {
    db,
    system: db,
    tenants,
    clock,
    log,
    routing: { changed },
    sip_public_host: sipPublicHost(config, null),
    sip_transports: ['udp', 'tcp'],
    ...outside.ports,
    default_config: fillDefaults({}),
    secrets,
    workflows: createEngine(workflowRegistry, createEnqueue(db)),
    callers: new Map(),
  }
  await prepare(input, app)
  const upkeep = startUpkeep(app)
  starting.defer(() => upkeep.stop())

  const died = Promise.withResolvers<Error>()
  let sip: SipAddress | null = null
  if (config.roles.includes('voice')) {
    const opened = openVoice(input, secret_key, died.resolve)
    voice = opened
    starting.defer(() => opened.stop())
    sip = await firstOf(opened)
    if (sip === null) sayWhenAnswering(opened, log, died.resolve)
  }
  const reachable_app = { ...app, sip_public_host: sipPublicHost(config, sip) }
  const worker = await openWorker(input, reachable_app)
  starting.defer(() => worker.drain())
  const draining = { begun: false }
  const asked = { database_answers: probe.answers, roles: config.roles }
  const http = await createHttpServer({
    app: config.roles.includes('api') ? reachable_app : null,
    database_answers: probe.answers,
    rate_limit_rps: config.rate_limit_rps,
    log,
    ready: readinessOf({ ...asked, draining: () => draining.begun, voice_alive: voice?.alive ?? null }),
  })
  const bound = await http.listen(config.http_host, config.http_port)
  starting.defer(() => http.close())

  const served = { http: urlOf(bound), sip: sip && `${sip.host}:${sip.port}` }
  log.info(served, 'listening')
  const running = starting.move()
  return {
    ...served,
    died: died.promise,
    drain: async () => {
      draining.begun = true
      await Promise.all([voice?.drain(), worker.drain()])
    },
    stop: () => running.disposeAsync(),
  }
}
