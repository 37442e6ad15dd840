import { setImmediate } from 'node:timers/promises'

/** Does `work` for 0 to `count` − 1, in order; after each slice whatever else waits for the thread has its turn. */
export const inSlices = async (count: number, slice: number, work: (index: number) => void): Promise<void> => {
  for (let begin = 0; begin < count; begin += slice) {
    const end = Math.min(count, begin + slice)
    for (let index = begin; index < end; index++) work(index)
    await setImmediate()
  }
}
