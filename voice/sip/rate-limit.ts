/** A token bucket for each source address; loopback is exempt. */

const max_sources = 10_000

/** True: take it. A second's worth may come at once. `limit_pps` 0: no limit. */
export function rateLimit(limit_pps: number, now_ms: () => number): (address: string) => boolean {
  const buckets = new Map<string, { tokens: number; at_ms: number }>()
  return address => {
    if (limit_pps <= 0 || isLoopback(address)) return true
    const at_ms = now_ms()
    const bucket = buckets.get(address)
    if (bucket === undefined) {
      // Oldest first. A flood of forged addresses costs the honest no more than a fresh bucket.
      if (buckets.size >= max_sources)
        for (const oldest of buckets.keys()) {
          buckets.delete(oldest)
          break
        }
      buckets.set(address, { tokens: limit_pps - 1, at_ms })
      return true
    }
    bucket.tokens = Math.min(limit_pps, bucket.tokens + ((at_ms - bucket.at_ms) * limit_pps) / 1000)
    bucket.at_ms = at_ms
    if (bucket.tokens < 1) return false
    bucket.tokens -= 1
    return true
  }
}

export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1' || address.startsWith('::ffff:127.')
}
