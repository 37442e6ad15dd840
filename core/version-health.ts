/**
 * Whether a version's calls fail at their start: after three in a row within a minute nobody gets it for half a minute;
 * then one call may try. Pure.
 */
export const FAILURES_LIMIT = 3
export const FAILURES_WITHIN_MS = 60_000
export const REST_MS = 30_000

export type VersionHealth = {
  /** When the last calls failed, with no good one since; at most `FAILURES_LIMIT`, the latest last. */
  readonly failures_ms: readonly number[]
  /** Until when no call may have it; null: it has not failed often enough. */
  readonly resting_until_ms: number | null
}

export const NEVER_FAILED: VersionHealth = { failures_ms: [], resting_until_ms: null }

/** A failed call. One that was let try sends it back to rest at once. */
export const afterFailure = ({ failures_ms, resting_until_ms }: VersionHealth, now_ms: number): VersionHealth => {
  const recent = [...failures_ms, now_ms].filter(at_ms => now_ms - at_ms < FAILURES_WITHIN_MS).slice(-FAILURES_LIMIT)
  const rests = resting_until_ms !== null || recent.length === FAILURES_LIMIT
  return { failures_ms: recent, resting_until_ms: rests ? now_ms + REST_MS : null }
}

/** A call was given it: while that one tries, others do not. One that says nothing in all that time lets the next one try. */
export const afterTaken = (health: VersionHealth, now_ms: number): VersionHealth =>
  health.resting_until_ms === null || now_ms < health.resting_until_ms
    ? health
    : { ...health, resting_until_ms: now_ms + REST_MS }

export const isFailing = ({ resting_until_ms }: VersionHealth, now_ms: number): boolean =>
  resting_until_ms !== null && now_ms < resting_until_ms

/** Nothing is to be remembered of it any more. */
export const isForgotten = ({ failures_ms, resting_until_ms }: VersionHealth, now_ms: number): boolean =>
  resting_until_ms === null && now_ms - (failures_ms.at(-1) ?? Number.NEGATIVE_INFINITY) >= FAILURES_WITHIN_MS
