/** One worker thread as the pool sees it: messages out, events in, questions answered by promises. */
import { Worker } from 'node:worker_threads'
import type { FromMediaWorker, MediaReply, MediaWorkerData, ToMediaWorker } from '#voice/rtp/media-messages.ts'
import type { StreamEvents } from '#voice/rtp/media-types.ts'

export type MediaThread = {
  streams(): number
  alive(): boolean
  /** Binds the port and attaches the events; resolves to the stream's id, or to the system's error code. */
  open(port: number, events: StreamEvents): Promise<{ readonly stream: number } | { readonly code: string }>
  tell(message: ToMediaWorker): void
  /** null when the thread died before it answered. */
  ask(question: (request: number) => ToMediaWorker): Promise<MediaReply | null>
  forget(stream: number): void
  close(): Promise<void>
}

/** `on_death` is told once, unless it was closed. */
export const startMediaThread = (host: string, on_death: (error: unknown) => void): MediaThread => {
  const data: MediaWorkerData = { host }
  const worker = new Worker(new URL('./media-worker.ts', import.meta.url), { workerData: data })
  const events = new Map<number, StreamEvents>()
  const opening = new Map<number, (code: string | null) => void>()
  const asked = new Map<number, (reply: MediaReply | null) => void>()
  let last_id = 0
  let alive = true
  let closing = false

  const settle = <T>(waiting: Map<number, (value: T) => void>, id: number, value: T): void => {
    const resolve = waiting.get(id)
    waiting.delete(id)
    resolve?.(value)
  }

  const letGo = (): void => {
    for (const id of [...opening.keys()]) settle(opening, id, 'thread_died')
    for (const id of [...asked.keys()]) settle(asked, id, null)
  }
  const died = (error: unknown): void => {
    if (!alive) return
    alive = false
    const lost = [...events.values()]
    events.clear()
    letGo()
    if (closing) return
    on_death(error)
    for (const stream_events of lost) stream_events.lost?.()
  }

  worker.on('message', (message: FromMediaWorker) => {
    if (message.kind === 'reply') settle(asked, message.request, message.reply)
    else if (message.kind === 'opened') settle(opening, message.stream, null)
    else if (message.kind === 'not_opened') settle(opening, message.stream, message.code)
    else if (message.kind === 'dtmf') events.get(message.stream)?.dtmf(message.digit)
    else if (message.kind === 'played') events.get(message.stream)?.played()
    else events.get(message.stream)?.activity(message.speaking)
  })
  // A thread that dies takes its streams' sound along, not the process: the pool starts another for new calls.
  worker.on('error', died)
  worker.on('exit', code => died(new Error(`a media thread ended with ${code}`)))

  return {
    streams: () => events.size,
    alive: () => alive,
    open: (port, stream_events) => {
      const stream = ++last_id
      events.set(stream, stream_events)
      return new Promise(resolve => {
        opening.set(stream, code => {
          if (code !== null) events.delete(stream)
          resolve(code === null ? { stream } : { code })
        })
        if (alive) worker.postMessage({ kind: 'open', stream, port } satisfies ToMediaWorker)
        else letGo()
      })
    },
    tell: message => worker.postMessage(message),
    ask: question => {
      const request = ++last_id
      return new Promise(resolve => {
        asked.set(request, resolve)
        if (alive) worker.postMessage(question(request))
        else letGo()
      })
    },
    forget: stream => events.delete(stream),
    close: async () => {
      closing = true
      await worker.terminate()
    },
  }
}
