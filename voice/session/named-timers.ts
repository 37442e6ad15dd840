/** Timers by name: setting one again moves it. */
import type { TimerHandle, Timers } from '#voice/sip/timers.ts'

export type NamedTimers<Name> = {
  set(timer: Name, after_ms: number): void
  clear(timer: Name): void
}

export const namedTimers = <Name>(
  timers: Pick<Timers, 'set' | 'clear'>,
  fire: (timer: Name) => void,
): NamedTimers<Name> => {
  const running = new Map<Name, TimerHandle>()
  const clear = (timer: Name): void => {
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
