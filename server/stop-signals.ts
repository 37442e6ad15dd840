/**
 * When to stop. The first signal asks for an orderly end; one more than a second later ends the process at once.
 * Signals within one second count once: to a process group each is delivered twice, by the kernel and by npm.
 */

export const SAME_SIGNAL_MS = 1000
const PARENT_POLL_MS = 500

export type StopRequest = 'drain' | 'end' | 'ignore'

/** What a signal at `now_ms` asks for, when the first one came at `first_ms` (null: none yet). */
export function judgeSignal(first_ms: number | null, now_ms: number): StopRequest {
  if (first_ms === null) return 'drain'
  return now_ms - first_ms < SAME_SIGNAL_MS ? 'ignore' : 'end'
}

export type StopHandlers = {
  drain(why: string): void
  /** Must end the process. */
  end(): void
}

/**
 * Listens for the rest of this process's life. npm passes on SIGINT and SIGTERM only: when npm itself is killed, or
 * its terminal goes, nothing would ever stop us, so under npm the loss of the parent asks for an orderly end too.
 */
export function onStopSignal(handlers: StopHandlers, options: { readonly under_npm: boolean }): void {
  let first_ms: number | null = null
  const request = (why: string): void => {
    const now_ms = performance.now()
    const verdict = judgeSignal(first_ms, now_ms)
    if (verdict === 'end') handlers.end()
    if (verdict !== 'drain') return
    first_ms = now_ms
    handlers.drain(why)
  }
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(name, () => request(name))
  if (!options.under_npm) return
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    if (first_ms === null) request('npm is gone')
  }, PARENT_POLL_MS)
  timer.unref()
}
