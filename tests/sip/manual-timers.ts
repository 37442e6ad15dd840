/** Timers that only move when told. */
import type { TimerHandle, Timers } from '#voice/sip/timers.ts'

type Entry = { cancelled: boolean; readonly due_ms: number; readonly callback: () => void }

export function manualTimers(): Timers & { advance(ms: number): void; pending(): number } {
  let now = 0
  let entries: Entry[] = []
  return {
    now_ms: () => now,
    set(delay_ms, callback) {
      const entry: Entry = { cancelled: false, due_ms: now + delay_ms, callback }
      entries.push(entry)
      return entry
    },
    clear(handle: TimerHandle) {
      ;(handle as Entry).cancelled = true
      entries = entries.filter(entry => entry !== handle)
    },
    close() {
      entries = []
    },
    advance(ms) {
      const until = now + ms
      while (true) {
        const next = entries.filter(entry => entry.due_ms <= until).sort((a, b) => a.due_ms - b.due_ms)[0]
        if (next === undefined) break
        now = next.due_ms
        entries = entries.filter(entry => entry !== next)
        if (!next.cancelled) next.callback()
      }
      now = until
    },
    pending: () => entries.length,
  }
}
