/**
 * INVITE → 302 over UDP on loopback: parser, transactions, the whole decision, the record; one thread, its calls from another
 * process. Kamailio beside it, where it is installed, answers 302 without deciding, keeping or recording anything.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { createCallDesk } from '#app/call-desk.ts'
import { createCallHealth } from '#app/call-health.ts'
import { startKamailio } from '#bench/kamailio.ts'
import type { LoadOrder, LoadReport } from '#bench/sip-load.ts'
import type { Bench, Row } from '#bench/table.ts'
import { parseRange } from '#core/ip.ts'
import { emptyRoutingTable, PLAIN_ROUTING, type RoutingTable, setNumber, setTrunk } from '#core/routing-table.ts'
import { createVoiceEdge } from '#voice/edge.ts'
import { openMediaPool } from '#voice/rtp/media-pool.ts'
import { timerWheel } from '#voice/sip/timers.ts'
import { listenSip } from '#voice/sip/user-agent.ts'

const LOAD = new URL('./sip-load.ts', import.meta.url).pathname
const HOST = '127.0.0.1'

const load = async (order: LoadOrder): Promise<LoadReport> =>
  JSON.parse((await promisify(execFile)(process.execPath, [LOAD, JSON.stringify(order)])).stdout)

/** The number that the load calls: nobody in its slot, so that its calls are forwarded. */
const forwardingTable = (): RoutingTable => {
  const table = emptyRoutingTable()
  const loopback = parseRange('127.0.0.0/8')
  setTrunk(table, 'trunk', {
    ...{ id: 'trunk', organization_id: 'organization', accepts: loopback ? [loopback] : [], transports: ['udp'] },
    ...{ credentials: null, forwarding: 'redirect', outbound: null },
  })
  setNumber(table, 'number', {
    ...{ id: 'number', organization_id: 'organization', phone_number: '+15551234567', trunk_id: 'trunk' },
    ...{ inbound: null, outbound: null },
    routing: { ...PLAIN_ROUTING, forward: 'sip:elsewhere@127.0.0.1:5080' },
  })
  return table
}

const startEdge = async (recorded: { events: number }) => {
  const clock = { now_ms: () => performance.timeOrigin + performance.now(), now_us: () => performance.now() * 1000 }
  const log = { info: () => {}, warn: () => {}, error: () => {} }
  const desk = createCallDesk({
    table: forwardingTable(),
    recorder: {
      record: () => {
        recorded.events += 1
      },
    },
    clock,
    health: createCallHealth({ clock, engine_up: () => true }),
    webhook: { ask: () => Promise.reject(new Error('there is none')) },
    remember: async () => {},
    draining: () => false,
    authenticate: () => ({ kind: 'refused', reason: 'credentials_missing' }),
  })
  const edge = createVoiceEdge({
    listen_sip: listenSip,
    open_media: openMediaPool,
    synthesizer: { engine: 'flite', say: async () => new Int16Array(), close: async () => {} },
    desk,
    challenges: () => [],
    log,
    clock,
    may_forward_to: async host => host,
    timers: timerWheel(),
    sip: { host: HOST, port: 0, rate_limit_pps: 0 },
    media: { host: HOST, public_address: HOST, ports: { from: 45_000, to: 45_998 }, threads: 1 },
  })
  const { port } = await edge.start()
  return { port, stop: edge.stop }
}

/** One shot to warm up; then what it can, and what ten thousand a second cost. */
const measure = async (port: number, cpu_ms: () => number) => {
  await load({ port, seconds: 0.5, open_calls: 32, calls_per_second: null })
  // Short, or the table of transactions that wait for repetitions (RFC 3261's timer I, 5 s) is what is measured.
  const fast = await load({ port, seconds: 1.5, open_calls: 32, calls_per_second: null })
  const before_ms = cpu_ms()
  const steady = await load({ port, seconds: 5, open_calls: 32, calls_per_second: 10_000 })
  return { fast, steady, cpu_us: ((cpu_ms() - before_ms) * 1000) / steady.finished }
}

type Measured = Awaited<ReturnType<typeof measure>>

const ownCpuMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

const rowsOf = ({ fast, steady, cpu_us }: Measured, kamailio: Measured | null): readonly Row[] => {
  const beside = (value: number | undefined) => (value === undefined ? null : { name: 'Kamailio', value })
  const name = (what: string): string => `SIP INVITE → 302: ${what}`
  const at = (what: string): string => name(`${what} at 10,000/s`)
  return [
    {
      name: name('calls a second'),
      unit: '/s',
      reference: beside(kamailio ? kamailio.fast.finished / kamailio.fast.seconds : undefined),
      ours: fast.finished / fast.seconds,
      target: { at_least: 10_000 },
    },
    { name: at('reached'), unit: '/s', reference: null, ours: steady.finished / steady.seconds, target: null },
    { name: at('CPU a call'), unit: 'µs', reference: beside(kamailio?.cpu_us), ours: cpu_us, target: { at_most: 50 } },
    {
      name: at('answer p50'),
      unit: 'ms',
      reference: beside(kamailio?.steady.p50_ms),
      ours: steady.p50_ms,
      target: null,
    },
    {
      name: at('answer p99'),
      unit: 'ms',
      reference: beside(kamailio?.steady.p99_ms),
      ours: steady.p99_ms,
      target: { at_most: 5 },
    },
    { name: name('failed'), unit: 'calls', reference: null, ours: fast.failed + steady.failed, target: { at_most: 0 } },
  ]
}

const measureKamailio = async (): Promise<Measured | null> => {
  const kamailio = await startKamailio()
  if (kamailio === null) return null
  try {
    return await measure(kamailio.port, kamailio.cpu_ms)
  } finally {
    await kamailio.close()
  }
}

export const sip: Bench = {
  name: 'sip',
  run: async show => {
    const beside = await measureKamailio()
    const recorded = { events: 0 }
    const edge = await startEdge(recorded)
    try {
      const ours = await measure(edge.port, ownCpuMs)
      const forwarded = ours.fast.finished + ours.steady.finished
      if (recorded.events < 2 * forwarded) throw new Error(`${recorded.events} events recorded of ${forwarded} calls`)
      for (const row of rowsOf(ours, beside)) show(row)
    } finally {
      await edge.stop()
    }
  },
}
