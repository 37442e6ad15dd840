/** RTP streams in one thread, as in calls: each sends and hears a packet every 20 ms. Peers are as many streams in a second thread. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Bench, Row } from '#bench/table.ts'
import { openMediaPool } from '#voice/rtp/media-pool.ts'
import type { MediaStream, StreamEvents } from '#voice/rtp/media-types.ts'

const HOST = '127.0.0.1'
const SECONDS = 5
const silent: StreamEvents = { dtmf: () => {}, played: () => {}, activity: () => {} }

const toward = (remote: MediaStream) =>
  ({
    codec: 'PCMU',
    payload_type: 0,
    dtmf_payload_type: null,
    remote: { address: HOST, port: remote.port },
    signalling_address: HOST,
  }) as const

/** One second of a tone after another, so that there is something to encode. */
const tone = Int16Array.from({ length: 8000 * (SECONDS + 2) }, (_, index) => 8000 * Math.sin(index / 3))

const measure = async (streams: number): Promise<readonly Row[]> => {
  await using closing = new AsyncDisposableStack()
  const [ours, peers] = await Promise.all([
    openMediaPool({ host: HOST, ports: { from: 40_000, to: 49_999 }, threads: 1 }),
    openMediaPool({ host: HOST, ports: { from: 50_000, to: 59_999 }, threads: 1 }),
  ])
  closing.defer(() => ours.close())
  closing.defer(() => peers.close())
  const pairs = await Promise.all(
    Array.from({ length: streams }, async () => ({ near: await ours.open(silent), far: await peers.open(silent) })),
  )
  for (const { near, far } of pairs) {
    near.configure(toward(far))
    far.configure(toward(near))
    near.play(tone)
    far.play(tone)
  }
  await sleep(1000)
  await ours.lateness()
  const before = process.cpuUsage()
  await sleep(SECONDS * 1000)
  const { user, system } = process.cpuUsage(before)
  const late = await ours.lateness()
  // Both threads do the same work, so half of the processor time is ours.
  const cpu_percent = (user + system) / 1e4 / SECONDS / 2 / streams
  const counts = await Promise.all(pairs.map(({ near }) => near.counts()))
  const lost = counts.reduce((sum, { packets_lost }) => sum + packets_lost, 0)
  const row = (what: string, unit: string, figure: number, at_most: number | null): Row => ({
    name: `RTP, ${streams} streams in a thread: ${what}`,
    unit,
    reference: null,
    ours: figure,
    target: at_most === null ? null : { at_most },
  })
  return [
    row('send lateness p50', 'ms', late.p50_ms, null),
    row('send lateness p99', 'ms', late.p99_ms, 1.9),
    row('send lateness max', 'ms', late.max_ms, null),
    row('CPU a stream', '%', cpu_percent, 0.15),
    row('packets lost', 'packets', lost, 0),
  ]
}

export const media: Bench = {
  name: 'media',
  run: async show => {
    for (const streams of [50, 200]) for (const row of await measure(streams)) show(row)
  },
}
