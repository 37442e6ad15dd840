/** Interleaved measuring: what is compared runs in turns, so that a slow moment of the machine hits both alike. */

export type Sample = { readonly reference: number; readonly ours: number }

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2
}

/** Medians of `rounds` turns in the order A B, B A, A B, …; one turn of each goes before and is not counted. */
export const interleave = async (
  rounds: number,
  reference: () => Promise<number> | number,
  ours: () => Promise<number> | number,
): Promise<Sample> => {
  await reference()
  await ours()
  const a: number[] = []
  const b: number[] = []
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) a.push(await reference())
    b.push(await ours())
    if (round % 2 === 1) a.push(await reference())
  }
  return { reference: median(a), ours: median(b) }
}

/** Milliseconds that `work` takes. */
export const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now()
  await work()
  return performance.now() - start
}

/** The value at a share (0…1) of the sorted values. */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN
}
