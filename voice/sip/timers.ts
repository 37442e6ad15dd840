/** Time for the SIP stack: a port, and the real thing as a wheel. */

export type TimerHandle = { readonly cancelled: boolean }

export type Timers = {
  readonly now_ms: () => number
  /** Calls back once, never before `delay_ms` have passed. */
  readonly set: (delay_ms: number, callback: () => void) => TimerHandle
  readonly clear: (handle: TimerHandle) => void
  /** Forgets everything that is set. */
  readonly close: () => void
}

/** RFC 3261 17.1.1.1 and table 4: round trip, longest retransmission interval, longest life of a message. */
export type TimerSettings = { readonly t1_ms: number; readonly t2_ms: number; readonly t4_ms: number }
export const rfc3261_timers: TimerSettings = { t1_ms: 500, t2_ms: 4000, t4_ms: 5000 }

type Entry = { cancelled: boolean; due_tick: number; callback: () => void }

const tick_ms = 20
const slots = 2048

/**
 * A hashed wheel: set and clear cost an array push and a flag, where a setTimeout for each of a transaction's timers
 * costs a heap. 20 ms late at most, which no timer of SIP (500 ms and up) minds. Nothing ticks while nothing is set.
 */
export function timerWheel(): Timers {
  let wheel: Entry[][] = Array.from({ length: slots }, () => [])
  let done_tick = tickNow()
  let waiting = 0
  let ticking: NodeJS.Timeout | null = null

  function turn(): void {
    ticking = null
    const now_tick = tickNow()
    // A process that was stopped for longer than a round needs each slot only once.
    const last = Math.min(now_tick, done_tick + slots)
    const due: Entry[] = []
    for (let tick = done_tick + 1; tick <= last; tick += 1) {
      const slot = tick % slots
      const entries = wheel[slot]
      if (entries === undefined || entries.length === 0) continue
      const later: Entry[] = []
      for (const entry of entries) {
        if (entry.due_tick > now_tick && !entry.cancelled) later.push(entry)
        else if (!entry.cancelled) due.push(entry)
      }
      wheel[slot] = later
      waiting -= entries.length - later.length
    }
    done_tick = now_tick
    if (waiting > 0) ticking = setTimeout(turn, tick_ms)
    for (const entry of due) if (!entry.cancelled) entry.callback()
  }

  return {
    now_ms: () => performance.now(),
    set(delay_ms, callback) {
      if (waiting === 0) done_tick = tickNow()
      const due_tick = Math.max(done_tick, tickNow()) + Math.ceil(delay_ms / tick_ms) + 1
      const entry: Entry = { cancelled: false, due_tick, callback }
      wheel[due_tick % slots]?.push(entry)
      waiting += 1
      ticking ??= setTimeout(turn, tick_ms)
      return entry
    },
    clear(handle) {
      const entry = handle as Entry
      entry.cancelled = true
      // A cancelled entry stays in its slot until the wheel comes by; what it holds must not.
      entry.callback = nothing
    },
    close() {
      wheel = Array.from({ length: slots }, () => [])
      waiting = 0
      if (ticking !== null) clearTimeout(ticking)
      ticking = null
    },
  }
}

function nothing(): void {}

function tickNow(): number {
  return Math.floor(performance.now() / tick_ms)
}
