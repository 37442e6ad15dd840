/** How late packets leave against their deadlines: a histogram of 0.1 ms steps, read and cleared together. */

export type SendLateness = {
  readonly packets: number
  readonly p50_ms: number
  readonly p99_ms: number
  readonly max_ms: number
}

const STEP_MS = 0.1
/** The last step holds everything from 200 ms on. */
export const LATENESS_STEPS = 2001

export const newLateness = (): Uint32Array => new Uint32Array(LATENESS_STEPS)

export const countLateness = (histogram: Uint32Array, late_ms: number): void => {
  const step = Math.min(LATENESS_STEPS - 1, Math.max(0, Math.floor(late_ms / STEP_MS)))
  histogram[step] = (histogram[step] ?? 0) + 1
}

/** Upper ends of the steps, over all the histograms together. */
export const summarizeLateness = (histograms: readonly Uint32Array[]): SendLateness => {
  const steps = Array.from({ length: LATENESS_STEPS }, (_, step) =>
    histograms.reduce((sum, histogram) => sum + (histogram[step] ?? 0), 0),
  )
  const packets = steps.reduce((sum, count) => sum + count, 0)
  const upTo = (share: number): number => {
    let seen = 0
    const step = steps.findIndex(count => {
      seen += count
      return count > 0 && seen >= packets * share
    })
    return Math.round((step + 1) * STEP_MS * 10) / 10
  }
  return { packets, p50_ms: upTo(0.5), p99_ms: upTo(0.99), max_ms: upTo(1) }
}
