/** How often something may happen: a steady rate with bursts (the generic cell rate algorithm), in memory, per process. */

export type RateLimit = {
  /** Whether it may happen now; if so, it has. */
  take(key: string, now_ms: number): boolean
  /** Whether it may happen now. */
  allows(key: string, now_ms: number): boolean
}

/** Whoever has been quiet the longest is forgotten first, which forgives them. */
const KEYS_LIMIT = 10_000

/** `rate_per_second` 0: no limit. */
export const createRateLimit = (rate_per_second: number, burst: number): RateLimit => {
  if (rate_per_second === 0) return { take: () => true, allows: () => true }
  const step_ms = 1000 / rate_per_second
  // When each key's bucket is full again; the order is that of last use.
  const full_at_ms = new Map<string, number>()
  // A bucket takes no longer to fill than this, unless the clock was set back: that must not shut anybody out until it is back.
  const filling_ms = burst * step_ms
  const after = (key: string, now_ms: number) => {
    const known_ms = full_at_ms.get(key) ?? 0
    return (known_ms - now_ms > filling_ms ? now_ms : Math.max(known_ms, now_ms)) + step_ms
  }
  const fits = (full_ms: number, now_ms: number) => full_ms - now_ms <= filling_ms
  return {
    allows: (key, now_ms) => fits(after(key, now_ms), now_ms),
    take: (key, now_ms) => {
      const full_ms = after(key, now_ms)
      if (!fits(full_ms, now_ms)) return false
      full_at_ms.delete(key)
      full_at_ms.set(key, full_ms)
      const [oldest] = full_at_ms.keys()
      if (full_at_ms.size > KEYS_LIMIT && oldest !== undefined) full_at_ms.delete(oldest)
      return true
    },
  }
}

export type RateLimits = {
  /** By credential. */
  readonly requests: RateLimit
  /** By source address: credentials that were refused. */
  readonly failures: RateLimit
}

const BURST_SECONDS = 3
/** For each request that a credential may make, so many may be refused for their credential; one a second at least. */
const FAILURES_SHARE = 0.1

const limitOf = (rate_per_second: number): RateLimit =>
  createRateLimit(rate_per_second, rate_per_second * BURST_SECONDS)

/** At one a second or more, whoever waits for a second may ask again. 0: no limits. */
export const createRateLimits = (requests_per_second: number): RateLimits => ({
  requests: limitOf(requests_per_second),
  failures: limitOf(requests_per_second === 0 ? 0 : Math.max(1, requests_per_second * FAILURES_SHARE)),
})
