/** "Did you mean": the known key closest to one that nobody knows. */

/** Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours count 1 each. */
const distance = (a: string, b: string): number => {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1]
      let best = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (before[j - 2] ?? 0) + 1)
      next.push(best)
    }
    before = row
    row = next
  }
  return row[b.length] ?? 0
}

/** `maxDuration-Seconds` and `max_duration_seconds` are the same words. */
const plain = (key: string): string => key.toLowerCase().replace(/[^a-z0-9]/g, '')

/** null when there is nothing to name; the first in order among equally near ones. */
export const nearestKey = (unknown_key: string, known: readonly string[]): string | null => {
  const asked = plain(unknown_key.slice(0, 100))
  let best: string | null = null
  let best_distance = Number.POSITIVE_INFINITY
  for (const key of known) {
    const found = distance(asked, plain(key))
    if (found < best_distance) {
      best = key
      best_distance = found
    }
  }
  return best
}
