/**
 * Documents of strangers are read in worker threads: one that hangs, or unpacks to gigabytes, is ended there and then, and
 * the process goes on. Threads are kept for the next document, since starting one takes longer than reading a page.
 */
import { Worker } from 'node:worker_threads'
import type { ParseResult, ParseTask } from '#adapters/parse-thread.ts'
import { DocumentFault } from '#app/document-reader.ts'
import type { ReadDocument } from '#core/knowledge.ts'

export type ParseLimits = {
  readonly time_ms: number
  /** Of the thread's JavaScript heap. */
  readonly heap_mb: number
  /** By how much the whole process may grow meanwhile: buffers are outside the heap. */
  readonly growth_mb: number
}

export const PARSE_LIMITS: ParseLimits = { time_ms: 15_000, heap_mb: 256, growth_mb: 512 }

const THREADS_LIMIT = 2
const IDLE_MS = 30_000
const WATCH_MS = 50
const MB = 1024 * 1024

type Thread = { readonly worker: Worker; readonly heap_mb: number; idle: NodeJS.Timeout | null }

const idle: Thread[] = []
const waiting: (() => void)[] = []
let running = 0

const forget = (thread: Thread): void => {
  if (thread.idle) clearTimeout(thread.idle)
  const nth = idle.indexOf(thread)
  if (nth >= 0) idle.splice(nth, 1)
}

const startThread = ({ heap_mb }: ParseLimits): Thread => {
  const worker = new Worker(new URL('./parse-thread.ts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: heap_mb, stackSizeMb: 4 },
  })
  const thread: Thread = { worker, heap_mb, idle: null }
  // One that dies while nobody waits for it is forgotten; without a listener it would end the process.
  worker.on('error', () => forget(thread)).on('exit', () => forget(thread))
  return thread
}

const takeThread = (limits: ParseLimits): Thread => {
  const kept = idle.find(thread => thread.heap_mb === limits.heap_mb)
  if (kept) forget(kept)
  const thread = kept ?? startThread(limits)
  thread.worker.ref()
  return thread
}

/** A thread that waits keeps no process alive. */
const keepThread = (thread: Thread): void => {
  thread.worker.unref()
  thread.idle = setTimeout(() => void thread.worker.terminate(), IDLE_MS).unref()
  idle.push(thread)
}

/** Rejects when the thread dies or is to be ended; ending it is the caller's part. */
const answerOf = (thread: Thread, task: ParseTask, limits: ParseLimits, signal: AbortSignal): Promise<ParseResult> => {
  const { promise, resolve, reject } = Promise.withResolvers<ParseResult>()
  const { worker } = thread
  const before_bytes = process.memoryUsage.rss()
  const watch = setInterval(() => {
    if (process.memoryUsage.rss() - before_bytes > limits.growth_mb * MB) reject(new DocumentFault('source_too_large'))
  }, WATCH_MS)
  const timer = setTimeout(() => reject(new DocumentFault('source_too_slow')), limits.time_ms)
  const stop = (): void => reject(signal.reason)
  const died = (): void => reject(new DocumentFault('source_too_large'))
  signal.addEventListener('abort', stop, { once: true })
  worker.once('message', resolve).once('error', died).once('exit', died)
  worker.postMessage(task)
  return promise.finally(() => {
    clearInterval(watch)
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
    worker.off('message', resolve).off('error', died).off('exit', died)
  })
}

const release = (): void => {
  const next = waiting.shift()
  if (next === undefined) running -= 1
  else next()
}

/** Rejects with a `DocumentFault`, or the signal's reason. Two documents at a time; the others wait. */
export const parseDocument = async (
  task: ParseTask,
  limits: ParseLimits,
  signal: AbortSignal,
): Promise<ReadDocument> => {
  if (running < THREADS_LIMIT) running += 1
  else await new Promise<void>(resolve => waiting.push(resolve))
  let thread: Thread | null = null
  try {
    signal.throwIfAborted()
    thread = takeThread(limits)
    const result = await answerOf(thread, task, limits, signal)
    keepThread(thread)
    thread = null
    if ('failure' in result) throw new DocumentFault(result.failure)
    return result.document
  } finally {
    if (thread) await thread.worker.terminate()
    release()
  }
}
