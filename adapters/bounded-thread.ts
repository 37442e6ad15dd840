/**
 * A thread for what strangers wrote: a question that takes too much time or memory ends it there and then, and the process
 * goes on. The next question starts another.
 */
import { Worker } from 'node:worker_threads'

export type ThreadLimits = {
  /** For one question, from when the thread has loaded its libraries. */
  readonly time_ms: number
  /** Of the thread's JavaScript heap. */
  readonly heap_mb: number
  /** Of what lies outside it: V8 bounds a thread's heap, but not its buffers, which a packed PDF can make of nothing. */
  readonly buffers_mb: number
}

/** What a thread's script posts once it can be asked. */
export const READY = 'ready'

export type Outcome<Answer> = { readonly answer: Answer } | { readonly ended_by: 'time' | 'memory' }

export type BoundedThread<Question, Answer> = {
  /** One at a time. Rejects with the signal's reason; the thread has ended then, too. */
  ask(question: Question, signal: AbortSignal): Promise<Outcome<Answer>>
  close(): Promise<void>
}

const START_MS = 10_000
const WATCH_MS = 50
const MB = 1024 * 1024

const startWorker = (script: URL, { heap_mb }: ThreadLimits): Worker => {
  const worker = new Worker(script, {
    resourceLimits: { maxOldGenerationSizeMb: heap_mb, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 },
    // Libraries warn of what they find in documents, and may quote it; nobody asked.
    stdout: true,
    stderr: true,
    env: {},
    execArgv: [],
  })
  worker.stdout.resume()
  worker.stderr.resume()
  // A thread that waits keeps no process alive.
  worker.unref()
  // Its death may be told when nobody waits for it any more.
  worker.on('error', () => undefined)
  return worker
}

/** null: whoever asked does not want to know any more. */
const converse = <Question, Answer>(
  worker: Worker,
  is_ready: boolean,
  question: Question,
  limits: ThreadLimits,
  signal: AbortSignal,
): Promise<Outcome<Answer> | null> =>
  new Promise(resolve => {
    const watch = setInterval(() => {
      worker.getHeapStatistics().then(
        ({ external_memory = 0 }) => external_memory > limits.buffers_mb * MB && end({ ended_by: 'memory' }),
        () => undefined,
      )
    }, WATCH_MS)
    const late = (limit_ms: number) => setTimeout(() => end({ ended_by: 'time' }), limit_ms)
    let timer = late(START_MS)
    const send = (): void => {
      clearTimeout(timer)
      timer = late(limits.time_ms)
      worker.postMessage(question)
    }
    const hear = (message: Answer | typeof READY): void => (message === READY ? send() : end({ answer: message }))
    const died = (): void => end({ ended_by: 'memory' })
    const stop = (): void => end(null)
    const end = (outcome: Outcome<Answer> | null): void => {
      clearInterval(watch)
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      worker.off('message', hear).off('error', died).off('exit', died)
      resolve(outcome)
    }
    worker.on('message', hear).on('error', died).on('exit', died)
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    else if (is_ready) send()
  })

export const createBoundedThread = <Question, Answer>(
  script: URL,
  limits: ThreadLimits,
): BoundedThread<Question, Answer> => {
  let worker: Worker | null = null
  const kill = async (): Promise<void> => {
    const killed = worker
    worker = null
    await killed?.terminate()
  }
  return {
    ask: async (question, signal) => {
      signal.throwIfAborted()
      const is_ready = worker !== null
      worker ??= startWorker(script, limits)
      const outcome = await converse<Question, Answer>(worker, is_ready, question, limits, signal)
      if (outcome === null || 'ended_by' in outcome) await kill()
      if (outcome === null) throw signal.reason
      return outcome
    },
    close: kill,
  }
}
