/** A line for work that would share the thread with itself. */

/**
 * Each piece of work begins when those before it have ended, however they did. With `limit` in line already, one more is
 * turned away: `full` throws.
 */
export const oneAtATime = (limit: number, full: () => never) => {
  let waiting = 0
  let line: Promise<unknown> = Promise.resolve()
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (waiting >= limit) full()
    waiting += 1
    const turn = line.then(work)
    line = turn.catch(() => {})
    try {
      return await turn
    } finally {
      waiting -= 1
    }
  }
}
