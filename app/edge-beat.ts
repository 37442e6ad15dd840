/**
 * The sign of life of a process that answers calls, and its eye on the others. An outage of the database silences all of
 * them at once: whoever comes back first must not take the others for dead, so it judges only after steady beats of its own.
 */
import type { Clock } from '#app/ports.ts'

/** How often a process says that it lives. */
export const BEAT_MS = 5_000
/** One silent for this long is dead, and its calls with it: four beats. */
export const SILENT_SECONDS = 20
const STEADY_BEATS = 5

export type EdgeBeatParts = {
  readonly clock: Clock
  /** Says in the database that this process lives. */
  readonly beat: () => Promise<void>
  /** Closes the calls of processes that have been silent for so long. */
  readonly closeAbandoned: (silent_seconds: number) => Promise<unknown>
}

/** To be called every BEAT_MS. Rejects when the database does not answer. */
export const createEdgeBeat = ({ clock, beat, closeAbandoned }: EdgeBeatParts): (() => Promise<void>) => {
  let steady = 0
  let last_ms = Number.NEGATIVE_INFINITY
  return async () => {
    try {
      await beat()
    } catch (error) {
      steady = 0
      throw error
    }
    const now_ms = clock.now_ms()
    steady = now_ms - last_ms < 2 * BEAT_MS ? steady + 1 : 1
    last_ms = now_ms
    if (steady >= STEADY_BEATS) await closeAbandoned(SILENT_SECONDS)
  }
}
