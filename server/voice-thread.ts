/**
 * The thread that answers calls: SIP, decisions from its own table, records written behind. HTTP never runs here,
 * and sound runs in threads below this one.
 */
import { randomBytes } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import { createCallDesk, type PreciseClock } from '#app/call-desk.ts'
import { BEAT_MS, createEdgeBeat } from '#app/edge-beat.ts'
import { followRouting } from '#app/follow-routing.ts'
import { createCallRecorder } from '#app/record-calls.ts'
import { emptyRoutingTable } from '#core/routing-table.ts'
import { every } from '#server/every.ts'
import { createLog } from '#server/log.ts'
import type { FromVoice, StartFault, ToVoice, VoiceSettings } from '#server/voice-messages.ts'
import { beatVoiceEdge, closeAbandonedConversations, removeVoiceEdge } from '#store/conversations.ts'
import { closeDatabase, openDatabase } from '#store/database.ts'
import { createSecretBox } from '#store/secret-box.ts'
import { createVoiceEdge } from '#voice/edge.ts'
import { openMediaPool } from '#voice/rtp/media-pool.ts'
import { createDigestServer } from '#voice/sip/digest-server.ts'
import { timerWheel } from '#voice/sip/timers.ts'
import { listenSip } from '#voice/sip/user-agent.ts'
import { openSynthesizer } from '#voice/speech/synthesizer.ts'

/** How often changes of other processes are looked for; what this process changes is told to it at once. */
const POLL_MS = 500
const FLUSH_LIMIT_MS = 5_000

const settings = workerData as VoiceSettings
const log = createLog(settings.log_level)
const tell = (message: FromVoice): void => parentPort?.postMessage(message)

const clock: PreciseClock = {
  now_ms: () => performance.timeOrigin + performance.now(),
  now_us: () => performance.now() * 1000,
}

const start = async () => {
  const db = openDatabase(settings.address, { max_connections: 3 })
  const table = emptyRoutingTable()
  const follower = followRouting({ db, table, log, secrets: createSecretBox(settings.secret_key) })
  const recorder = createCallRecorder({ db, log, edge_id: settings.edge_id })
  let draining = false
  const digest = createDigestServer({
    clock,
    key: randomBytes(32),
    algorithms: settings.sip_digest_algorithms,
  })
  const desk = createCallDesk({ table, recorder, clock, draining: () => draining, authenticate: digest.authenticate })

  await beatVoiceEdge(db, settings.edge_id)
  await follower.load()
  const edge = createVoiceEdge({
    listen_sip: listenSip,
    open_media: openMediaPool,
    synthesizer: await openSynthesizer(),
    desk,
    challenges: digest.challenges,
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
  const sip = await edge.start()

  const warn = (what: string) => (error: unknown) => log.warn({ err: String(error) }, what)
  const poll = every(POLL_MS, follower.poll, warn('changes of other processes could not be read'))
  const beat = every(
    BEAT_MS,
    createEdgeBeat({
      clock,
      beat: () => beatVoiceEdge(db, settings.edge_id),
      closeAbandoned: silent_seconds => closeAbandonedConversations(db, silent_seconds),
    }),
    warn('the database did not take the sign of life'),
  )

  const stop = async () => {
    // A call that came in now would outlive the records of all the others.
    draining = true
    clearInterval(poll)
    clearInterval(beat)
    await edge.stop()
    await recorder.flush(FLUSH_LIMIT_MS).catch(warn('some call records are lost'))
    await closeDatabase(db, () => removeVoiceEdge(db, settings.edge_id).catch(warn('the edge could not sign off')))
  }
  const drain = async () => {
    draining = true
    await edge.drain()
  }
  return { sip, follower, drain, stop }
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
