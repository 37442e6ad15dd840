/** RTP streams over worker threads: each new stream goes to the thread with the fewest, on the next free even port. */
import { randomInt } from 'node:crypto'
import type { MediaCounts } from '#app/ports.ts'
import { type SendLateness, summarizeLateness } from '#voice/rtp/lateness.ts'
import { type MediaThread, startMediaThread } from '#voice/rtp/media-thread.ts'
import type { MediaPool, MediaStream, OpenMediaPool } from '#voice/rtp/media-types.ts'

const NO_COUNTS: MediaCounts = { packets_received: 0, packets_sent: 0, packets_lost: 0, packets_late: 0 }

/**
 * What bind says of a port that somebody else has, or may not be had, and what is said of a thread that died over it;
 * anything else fails for every port alike.
 */
const PORT_CODES = new Set(['EADDRINUSE', 'EACCES', 'thread_died'])

/** Even ports of the range in order, beginning anywhere; never one that is in use here. */
const portCycle = (from: number, to: number) => {
  const first = from + (from % 2)
  const count = Math.max(0, Math.floor((to - first) / 2) + 1)
  const used = new Set<number>()
  let cursor = count === 0 ? 0 : randomInt(count)
  return {
    count,
    take: (): number | null => {
      for (let tries = 0; tries < count; tries++) {
        const port = first + cursor * 2
        cursor = (cursor + 1) % count
        if (used.has(port)) continue
        used.add(port)
        return port
      }
      return null
    },
    give_back: (port: number): void => {
      used.delete(port)
    },
  }
}

const streamOf = (thread: MediaThread, stream: number, port: number, closed: () => void): MediaStream => {
  let closing: Promise<MediaCounts> | null = null
  const countsOf = async (kind: 'counts' | 'close'): Promise<MediaCounts> => {
    const reply = await thread.ask(request => ({ kind, stream, request }))
    return reply !== null && 'packets_sent' in reply ? reply : NO_COUNTS
  }
  const close = async (): Promise<MediaCounts> => {
    const counts = await countsOf('close')
    thread.forget(stream)
    closed()
    return counts
  }
  return {
    port,
    configure: options => thread.tell({ kind: 'configure', stream, options }),
    play: pcm => thread.tell({ kind: 'play', stream, pcm }),
    send_dtmf: digits => thread.tell({ kind: 'send_dtmf', stream, digits }),
    set_sending: sending => thread.tell({ kind: 'set_sending', stream, sending }),
    counts: () => closing ?? countsOf('counts'),
    recording: async () => {
      const reply = await thread.ask(request => ({ kind: 'recording', stream, request }))
      return reply instanceof Int16Array ? reply : new Int16Array(0)
    },
    close: () => {
      closing ??= close()
      return closing
    },
  }
}

/** The pool, and how late its packets have left since that was last asked. */
export type MeasuredMediaPool = MediaPool & { lateness(): Promise<SendLateness> }

/** A thread that dies at its start must not be started again and again without a pause. */
const RESTART_MS = 1000

const warn = (error: unknown): void => process.emitWarning(error instanceof Error ? error : String(error))

export const openMediaPool = (async ({ host, ports, threads, on_fault = warn }): Promise<MeasuredMediaPool> => {
  let closed = false
  const startThread = (index: number): MediaThread =>
    startMediaThread(host, error => {
      on_fault(error)
      setTimeout(() => {
        if (!closed) pool[index] = startThread(index)
      }, RESTART_MS).unref()
    })
  const pool = Array.from({ length: Math.max(1, threads) }, (_, index) => startThread(index))
  const cycle = portCycle(ports.from, ports.to)

  const leastBusy = (): MediaThread => {
    const [first, ...others] = pool.filter(thread => thread.alive())
    if (first === undefined) throw new Error('no media thread is running')
    return others.reduce((best, thread) => (thread.streams() < best.streams() ? thread : best), first)
  }

  return {
    open: async events => {
      for (let tries = 0; tries < cycle.count && !closed; tries++) {
        const thread = leastBusy()
        const port = cycle.take()
        if (port === null) break
        const opened = await thread.open(port, events)
        if ('stream' in opened) return streamOf(thread, opened.stream, port, () => cycle.give_back(port))
        cycle.give_back(port)
        if (!PORT_CODES.has(opened.code)) throw new Error(`cannot open an RTP port on ${host}: ${opened.code}`)
      }
      throw new Error(`no RTP port is free among ${ports.from}-${ports.to}`)
    },
    alive: () => pool.some(thread => thread.alive()),
    lateness: async () => {
      const replies = await Promise.all(pool.map(thread => thread.ask(request => ({ kind: 'lateness', request }))))
      return summarizeLateness(replies.filter(reply => reply instanceof Uint32Array))
    },
    close: async () => {
      closed = true
      await Promise.all(pool.map(thread => thread.close()))
    },
  }
}) satisfies OpenMediaPool
