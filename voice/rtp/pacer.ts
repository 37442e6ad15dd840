/** A steady beat by absolute deadlines: beat n is due at t0 + n·period, so that being late once never adds up. */

/** Later than this (a suspended machine), the beat starts anew instead of sending everything that was missed at once. */
const GIVE_UP_MS = 200

/** Whichever beats are due now, and when to look again. Pure. */
export const dueBeats = (
  next_due_ms: number,
  now_ms: number,
  period_ms: number,
): { readonly due_ms: readonly number[]; readonly next_due_ms: number } => {
  if (now_ms - next_due_ms > GIVE_UP_MS) return { due_ms: [now_ms], next_due_ms: now_ms + period_ms }
  const due_ms: number[] = []
  let next = next_due_ms
  for (; next <= now_ms; next += period_ms) due_ms.push(next)
  return { due_ms, next_due_ms: next }
}

export type Pacer = { start(): void; stop(): void }

/** Calls `beat` with each deadline, from now until stopped. Node's timers may fire up to 1 ms early; a beat never does. */
export const createPacer = (period_ms: number, beat: (due_ms: number) => void): Pacer => {
  let timer: NodeJS.Timeout | null = null
  let next_due_ms = 0
  const look = (): void => {
    const due = dueBeats(next_due_ms, performance.now(), period_ms)
    next_due_ms = due.next_due_ms
    for (const due_ms of due.due_ms) beat(due_ms)
    if (timer !== null) timer = setTimeout(look, Math.max(0, next_due_ms - performance.now()))
  }
  return {
    start: () => {
      if (timer !== null) return
      next_due_ms = performance.now() + period_ms
      timer = setTimeout(look, period_ms)
    },
    stop: () => {
      if (timer !== null) clearTimeout(timer)
      timer = null
    },
  }
}
