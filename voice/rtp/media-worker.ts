/** A worker thread of the media pool: owns its streams' sockets and one 20 ms beat for all of them. */
import { parentPort, workerData } from 'node:worker_threads'
import { countLateness, newLateness } from '#voice/rtp/lateness.ts'
import type { FromMediaWorker, MediaReply, MediaWorkerData, ToMediaWorker } from '#voice/rtp/media-messages.ts'
import { createPacer } from '#voice/rtp/pacer.ts'
import { FRAME_MS } from '#voice/rtp/sender.ts'
import { bindRtp, createStream, type RtpStream } from '#voice/rtp/stream.ts'

const { host }: MediaWorkerData = workerData
const streams = new Map<number, RtpStream>()
let lateness = newLateness()

const say = (message: FromMediaWorker): void => parentPort?.postMessage(message)
const reply = (request: number, content: MediaReply): void => say({ kind: 'reply', request, reply: content })

const pacer = createPacer(FRAME_MS, due_ms => {
  for (const stream of streams.values()) {
    if (stream.beat()) countLateness(lateness, performance.now() - due_ms)
  }
})

const open = async (stream: number, port: number): Promise<void> => {
  try {
    const socket = await bindRtp(host, port)
    streams.set(
      stream,
      createStream(socket, {
        dtmf: digit => say({ kind: 'dtmf', stream, digit }),
        played: () => say({ kind: 'played', stream }),
        activity: speaking => say({ kind: 'activity', stream, speaking }),
      }),
    )
    pacer.start()
    say({ kind: 'opened', stream })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    say({ kind: 'not_opened', stream, code })
  }
}

const close = (stream: number): void => {
  streams.get(stream)?.close()
  streams.delete(stream)
  if (streams.size === 0) pacer.stop()
}

const NO_COUNTS = { packets_received: 0, packets_sent: 0, packets_lost: 0, packets_late: 0 }

const handle = (message: ToMediaWorker): void => {
  switch (message.kind) {
    case 'open':
      void open(message.stream, message.port)
      return
    case 'configure':
      streams.get(message.stream)?.configure(message.options)
      return
    case 'play':
      streams.get(message.stream)?.play(message.pcm)
      return
    case 'send_dtmf':
      streams.get(message.stream)?.send_dtmf(message.digits)
      return
    case 'set_sending':
      streams.get(message.stream)?.set_sending(message.sending)
      return
    case 'counts':
      reply(message.request, streams.get(message.stream)?.counts() ?? NO_COUNTS)
      return
    case 'recording':
      reply(message.request, streams.get(message.stream)?.recording() ?? new Int16Array(0))
      return
    case 'close': {
      const counts = streams.get(message.stream)?.counts() ?? NO_COUNTS
      close(message.stream)
      reply(message.request, counts)
      return
    }
    case 'lateness':
      reply(message.request, lateness)
      lateness = newLateness()
      return
    default:
      message satisfies never
  }
}

parentPort?.on('message', handle)
