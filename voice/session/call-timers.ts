/** A call's named timers: setting one again moves it. */
import type { CallTimer } from '#voice/session/call-state.ts'
import type { TimerHandle, Timers } from '#voice/sip/timers.ts'

export type CallTimers = {
  set(timer: CallTimer, after_ms: number): void
  clear(timer: CallTimer): void
}

export const callTimers = (timers: Pick<Timers, 'set' | 'clear'>, fire: (timer: CallTimer) => void): CallTimers => {
  const running = new Map<CallTimer, TimerHandle>()
  const clear = (timer: CallTimer): void => {
    const handle = running.get(timer)
    if (handle !== undefined) timers.clear(handle)
    running.delete(timer)
  }
  return {
    clear,
    set: (timer, after_ms) => {
      clear(timer)
      const handle = timers.set(after_ms, () => {
        running.delete(timer)
        fire(timer)
      })
      running.set(timer, handle)
    },
  }
}
