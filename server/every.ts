/** Work that is done again and again, and never twice at once: a database that hangs is not asked more and more. */
export const every = (
  period_ms: number,
  work: () => Promise<unknown>,
  failed: (error: unknown) => void,
): NodeJS.Timeout => {
  let running = false
  return setInterval(() => {
    if (running) return
    running = true
    work()
      .catch(failed)
      .finally(() => {
        running = false
      })
  }, period_ms)
}
