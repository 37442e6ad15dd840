/** Parses what strangers wrote in a thread that is killed when one page takes too much time or memory; the process goes on. */
import { Worker } from 'node:worker_threads'
import type { ParseAnswer, ParseQuestion } from '#adapters/page-messages.ts'
import { ReadFault } from '#adapters/read-fault.ts'

export type ParseLimits = {
  readonly time_ms: number
  /** The heap's, and as much again for what lies outside of it: buffers. */
  readonly memory_mb: number
}

export const PARSE_LIMITS: ParseLimits = { time_ms: 10_000, memory_mb: 256 }

/** The first answer waits for the thread's libraries too. */
const START_MS = 10_000
/** V8 bounds a thread's heap, but not its buffers, which a packed PDF can make of nothing. */
const WATCH_MS = 100

export type ParseThread = {
  /** Throws `too_hard` when a limit is reached, `unreadable` when it cannot be parsed, or the signal's reason. One at a time. */
  ask(question: ParseQuestion, signal: AbortSignal): Promise<Exclude<ParseAnswer, { kind: 'failed' }>>
  close(): Promise<void>
}

const startWorker = ({ memory_mb }: ParseLimits): Worker => {
  const worker = new Worker(new URL('./page-worker.ts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: memory_mb, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 },
    // Libraries warn of what they find in files; nobody asked.
    stdout: true,
    stderr: true,
    env: {},
    execArgv: [],
  })
  worker.stdout.resume()
  worker.stderr.resume()
  worker.unref()
  // Its death may be told when nobody waits for it any more.
  worker.on('error', () => undefined)
  return worker
}

/** The worker's answer, or null once it was killed or died. */
const converse = (
  worker: Worker,
  question: ParseQuestion,
  limits: ParseLimits,
  limit_ms: number,
  signal: AbortSignal,
) =>
  new Promise<ParseAnswer | null>(resolve => {
    const watch = setInterval(() => {
      worker.getHeapStatistics().then(
        ({ external_memory = 0 }) => external_memory > limits.memory_mb * 1024 * 1024 && end(null),
        () => undefined,
      )
    }, WATCH_MS)
    const timer = setTimeout(() => end(null), limit_ms)
    const stop = (): void => end(null)
    const end = (answer: ParseAnswer | null): void => {
      clearInterval(watch)
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      worker.off('message', end).off('error', stop).off('exit', stop)
      resolve(answer)
    }
    worker.once('message', end)
    worker.once('error', stop)
    worker.once('exit', stop)
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    else worker.postMessage(question)
  })

export const createParseThread = (limits: ParseLimits = PARSE_LIMITS): ParseThread => {
  let worker: Worker | null = null
  const kill = async (): Promise<void> => {
    const killed = worker
    worker = null
    await killed?.terminate()
  }
  return {
    ask: async (question, signal) => {
      const limit_ms = limits.time_ms + (worker === null ? START_MS : 0)
      worker ??= startWorker(limits)
      const answer = await converse(worker, question, limits, limit_ms, signal)
      if (answer === null) await kill()
      signal.throwIfAborted()
      if (answer === null) throw new ReadFault('too_hard')
      if (answer.kind === 'failed') throw new ReadFault('unreadable')
      return answer
    },
    close: kill,
  }
}
