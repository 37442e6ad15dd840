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

/** In a ring with the others of its slot; the slot itself is the entry that closes the ring. */
type Entry = {
  cancelled: boolean
  readonly due_tick: number
  readonly callback: () => void
  before: Entry
  after: Entry
}

const tick_ms = 20
const slots = 2048

/**
 * A hashed wheel: set and clear relink two neighbours, where a setTimeout for each of a transaction's timers costs a
 * heap; what is cleared is garbage at once, not after the 32 s of a Timer H. 20 ms late at most, which no timer of SIP
 * (500 ms and up) minds. Nothing ticks while nothing is set.
 */
export function timerWheel(): Timers {
  let wheel = Array.from({ length: slots }, newSlot)
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
      const slot = wheel[tick % slots]
      for (let entry = slot?.after; entry !== undefined && entry !== slot; entry = entry.after)
        if (entry.due_tick <= now_tick) due.push(entry)
    }
    for (const entry of due) unlink(entry)
    waiting -= due.length
    done_tick = now_tick
    if (waiting > 0) ticking = setTimeout(turn, tick_ms)
    for (const entry of due) {
      if (entry.cancelled) continue
      entry.cancelled = true
      entry.callback()
    }
  }

  return {
    now_ms: () => performance.now(),
    set(delay_ms, callback) {
      if (waiting === 0) done_tick = tickNow()
      const due_tick = Math.max(done_tick, tickNow()) + Math.ceil(delay_ms / tick_ms) + 1
      const slot = wheel[due_tick % slots] ?? newSlot()
      const entry: Entry = { cancelled: false, due_tick, callback, before: slot.before, after: slot }
      slot.before.after = entry
      slot.before = entry
      waiting += 1
      ticking ??= setTimeout(turn, tick_ms)
      return entry
    },
    clear(handle) {
      const entry = handle as Entry
      if (entry.cancelled) return
      entry.cancelled = true
      // One that is due in this very turn has left its ring already.
      if (entry.after === entry) return
      unlink(entry)
      waiting -= 1
    },
    close() {
      wheel = Array.from({ length: slots }, newSlot)
      waiting = 0
      if (ticking !== null) clearTimeout(ticking)
      ticking = null
    },
  }
}

function newSlot(): Entry {
  const slot = { cancelled: true, due_tick: 0, callback: nothing } as Entry
  slot.before = slot
  slot.after = slot
  return slot
}

/** Afterwards it is a ring of its own. */
function unlink(entry: Entry): void {
  entry.before.after = entry.after
  entry.after.before = entry.before
  entry.before = entry
  entry.after = entry
}

function nothing(): void {}

function tickNow(): number {
  return Math.floor(performance.now() / tick_ms)
}
