/** Documents of strangers, two at a time, each in a thread that is ended at its limits. */
import { type BoundedThread, createBoundedThread, type ThreadLimits } from '#adapters/bounded-thread.ts'
import type { ParseResult, ParseTask } from '#adapters/document-worker.ts'
import { DocumentFault } from '#app/document-reader.ts'
import type { ReadDocument } from '#core/knowledge.ts'

export const PARSE_LIMITS: ThreadLimits = { time_ms: 15_000, heap_mb: 256, buffers_mb: 512 }

const THREADS_LIMIT = 2
const IDLE_MS = 30_000

type Thread = BoundedThread<ParseTask, ParseResult>
/** Kept for the next document, since starting one takes longer than reading a page. */
type Idle = { readonly thread: Thread; readonly limits: string; readonly timer: NodeJS.Timeout }

const idle: Idle[] = []
const waiting: (() => void)[] = []
let running = 0

const forget = (kept: Idle): void => {
  clearTimeout(kept.timer)
  idle.splice(idle.indexOf(kept), 1)
}

const takeThread = (limits: ThreadLimits): Thread => {
  const kept = idle.find(each => each.limits === JSON.stringify(limits))
  if (kept) forget(kept)
  return kept?.thread ?? createBoundedThread(new URL('./document-worker.ts', import.meta.url), limits)
}

const keepThread = (thread: Thread, limits: ThreadLimits): void => {
  const close = () => {
    forget(kept)
    void thread.close()
  }
  const kept = { thread, limits: JSON.stringify(limits), timer: setTimeout(close, IDLE_MS).unref() }
  idle.push(kept)
}

const release = (): void => {
  const next = waiting.shift()
  if (next === undefined) running -= 1
  else next()
}

/** Rejects with a `DocumentFault`, or the signal's reason. Two documents at a time; the others wait. */
export const parseDocument = async (
  task: ParseTask,
  limits: ThreadLimits,
  signal: AbortSignal,
): Promise<ReadDocument> => {
  if (running < THREADS_LIMIT) running += 1
  else await new Promise<void>(resolve => waiting.push(resolve))
  const thread = takeThread(limits)
  try {
    const outcome = await thread.ask(task, signal)
    if ('ended_by' in outcome)
      throw new DocumentFault(outcome.ended_by === 'time' ? 'source_too_slow' : 'source_too_large')
    if ('failure' in outcome.answer) throw new DocumentFault(outcome.answer.failure)
    return outcome.answer.document
  } finally {
    keepThread(thread, limits)
    release()
  }
}
