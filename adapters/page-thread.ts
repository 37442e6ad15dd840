/** Parses pages of websites where a hostile one costs nothing but a thread. */
import { createBoundedThread, type ThreadLimits } from '#adapters/bounded-thread.ts'
import type { ParseAnswer, ParseQuestion } from '#adapters/page-messages.ts'
import { ReadFault } from '#adapters/read-fault.ts'

export const PAGE_LIMITS: ThreadLimits = { time_ms: 10_000, heap_mb: 256, buffers_mb: 256 }

export type PageThread = {
  /** Throws `too_hard` when a limit is reached, `unreadable` when it cannot be parsed, or the signal's reason. One at a time. */
  ask(question: ParseQuestion, signal: AbortSignal): Promise<Exclude<ParseAnswer, { kind: 'failed' }>>
  close(): Promise<void>
}

export const createPageThread = (limits: ThreadLimits = PAGE_LIMITS): PageThread => {
  const script = new URL('./page-worker.ts', import.meta.url)
  const { ask, close } = createBoundedThread<ParseQuestion, ParseAnswer>(script, limits)
  return {
    ask: async (question, signal) => {
      const outcome = await ask(question, signal)
      if ('ended_by' in outcome) throw new ReadFault('too_hard')
      if (outcome.answer.kind === 'failed') throw new ReadFault('unreadable')
      return outcome.answer
    },
    close,
  }
}
