/**
 * The thread that answers calls: SIP, decisions from its own table, records written behind. HTTP never runs here,
 * and sound runs in threads below this one.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { createForwardGuard } from '#adapters/forward-guard.ts'
import { createInboundWebhook } from '#adapters/inbound-webhook.ts'
import { createCallDesk, type PreciseClock } from '#app/call-desk.ts'
import { createCallHealth } from '#app/call-health.ts'
import { openCallSpool } from '#app/call-spool.ts'
import { newId } from '#app/context.ts'
import { BEAT_MS, createEdgeBeat } from '#app/edge-beat.ts'
import type { CallDesk, VoiceEdge } from '#app/ports.ts'
import { createCallRecorder } from '#app/record-calls.ts'
import { parseRange } from '#core/ip.ts'
import { emptyRoutingTable } from '#core/routing-table.ts'
import { startEdgeRouting } from '#server/edge-routing.ts'
import { every } from '#server/every.ts'
import { createLog } from '#server/log.ts'
import type { FromVoice, StartFault, ToVoice, VoiceSettings } from '#server/voice-messages.ts'
import { beatVoiceEdge, closeAbandonedConversations, removeVoiceEdge } from '#store/conversations.ts'
import { closeDatabase, type Db, openDatabase } from '#store/database.ts'
import { createSecretBox, type SecretBox } from '#store/secret-box.ts'
import { createVoiceEdge } from '#voice/edge.ts'
import { openMediaPool } from '#voice/rtp/media-pool.ts'
import { createDigestServer, type DigestServer } from '#voice/sip/digest-server.ts'
import { timerWheel } from '#voice/sip/timers.ts'
import { listenSip } from '#voice/sip/user-agent.ts'
import { openSynthesizer } from '#voice/speech/synthesizer.ts'

const CONNECTIONS = 4
/** A connection into nowhere must not hold up what comes after it. */
const QUERY_TIMEOUT_MS = 10_000
/** What the database has not taken then is on disk. */
const FLUSH_LIMIT_MS = 3_000
const SPOOL_CLOSE_LIMIT_MS = 2_000

const settings = workerData as VoiceSettings
const log = createLog(settings.log_level)
const tell = (message: FromVoice): void => parentPort?.postMessage(message)

const clock: PreciseClock = {
  now_ms: () => performance.timeOrigin + performance.now(),
  now_us: () => performance.now() * 1000,
}

const warn = (what: string) => (error: unknown) => log.warn({ err: String(error) }, what)

const allow = settings.outbound_allow.flatMap(text => parseRange(text) ?? [])

const openEdge = async (desk: CallDesk, challenges: DigestServer['challenges']): Promise<VoiceEdge> =>
  createVoiceEdge({
    may_forward_to: createForwardGuard(allow),
    listen_sip: listenSip,
    open_media: openMediaPool,
    synthesizer: await openSynthesizer(),
    desk,
    challenges,
    log,
    clock,
    timers: timerWheel(),
    sip: {
      host: settings.sip_host,
      port: settings.sip_port,
      rate_limit_pps: settings.sip_rate_limit_pps,
      on_error: error => log.error({ err: String(error) }, 'a fault in SIP'),
      ...(settings.sip_public_host === null ? {} : { public_host: settings.sip_public_host }),
    },
    media: {
      host: settings.sip_host,
      ports: settings.rtp_ports,
      threads: settings.media_threads,
      public_address: settings.media_public_host,
    },
  })

/** Writes what happens in calls, first of all what earlier processes have left. */
const openRecords = async (db: Db, secrets: SecretBox) => {
  const { edge_id, data_dir } = settings
  const spool = await openCallSpool({ root: join(data_dir, 'call-spool'), edge_id, secrets, log })
  const recorder = createCallRecorder({ db, log, edge_id, spool })
  const close = async (): Promise<void> => {
    await recorder.flush(FLUSH_LIMIT_MS).catch(warn('call records wait on disk for the next start'))
    const late = sleep(SPOOL_CLOSE_LIMIT_MS, undefined, { ref: false })
    await Promise.race([spool.close(), late]).catch(warn('some call records are lost'))
  }
  return { record: recorder.record, close }
}

const start = async () => {
  const { address, edge_id, secret_key } = settings
  const db = openDatabase(address, { max_connections: CONNECTIONS, query_timeout_ms: QUERY_TIMEOUT_MS })
  const secrets = createSecretBox(secret_key)
  const table = emptyRoutingTable()
  const routing = await startEdgeRouting({
    settings,
    db,
    table,
    secrets,
    clock,
    log,
    waiting: () => tell({ kind: 'waiting' }),
  })
  const records = await openRecords(db, secrets)
  let draining = false
  let edge: VoiceEdge | null = null
  const digest = createDigestServer({ clock, key: randomBytes(32), algorithms: settings.sip_digest_algorithms })
  const webhook = createInboundWebhook({ allow, clock, log, new_id: newId })
  const health = createCallHealth({ clock, engine_up: () => edge?.engine_up() ?? false })
  const { authenticate, challenges } = digest
  const { remember } = routing.follower
  const asks = { webhook, remember, health, authenticate, draining: () => draining }
  edge = await openEdge(createCallDesk({ table, recorder: records, clock, ...asks }), challenges)
  const sip = await edge.start()
  const silent = warn('the database did not take the sign of life')
  beatVoiceEdge(db, edge_id).catch(silent)
  const beat = every(
    BEAT_MS,
    createEdgeBeat({
      clock,
      beat: () => beatVoiceEdge(db, edge_id),
      closeAbandoned: silent_seconds => closeAbandonedConversations(db, silent_seconds),
    }),
    silent,
  )

  const stop = async () => {
    // A call that came in now would outlive the records of all the others.
    draining = true
    clearInterval(beat)
    await routing.stop()
    await edge?.stop()
    await webhook.close()
    await records.close()
    await closeDatabase(db, () => removeVoiceEdge(db, edge_id).catch(warn('the edge could not sign off')))
  }
  const drain = async () => {
    draining = true
    await edge?.drain()
  }
  return { sip, follower: routing.follower, drain, stop }
}

const faultOf = (error: unknown): StartFault => {
  if (!(error instanceof Error)) return { message: String(error) }
  const { code, syscall, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number }
  return {
    message: error.message,
    ...(code === undefined ? {} : { code }),
    ...(syscall === undefined ? {} : { syscall }),
    ...(address === undefined ? {} : { address }),
    ...(port === undefined ? {} : { port }),
  }
}

try {
  const voice = await start()
  parentPort?.on('message', async (message: ToVoice) => {
    switch (message.kind) {
      case 'changed':
        await voice.follower.changed(message.change)
        return tell({ kind: 'applied', seq: message.seq })
      case 'drain':
        await voice.drain()
        return tell({ kind: 'drained' })
      case 'stop':
        await voice.stop()
        tell({ kind: 'stopped' })
        return parentPort?.close()
    }
  })
  tell({ kind: 'started', sip: voice.sip })
} catch (error) {
  tell({ kind: 'failed', fault: faultOf(error) })
}
