/** How far a step is, written behind its back: at most twice a second, the last word always. */
export type ProgressNote = { readonly fraction: number; readonly detail: string | null }

export type Progress = {
  note(fraction: number, detail?: string): void
  /** No more of it; resolves when nothing is being written. */
  close(): Promise<void>
}

const PERIOD_MS = 500
const DETAIL_LENGTH = 200

const clamp = (fraction: number): number => (fraction > 0 ? Math.min(1, fraction) : 0)

/** `write` may fail: progress is worth no failure. */
export const createProgress = (write: (note: ProgressNote) => Promise<void>): Progress => {
  let latest: ProgressNote | null = null
  let writing: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout | null = null
  let closed = false
  const flush = () => {
    timer = null
    if (latest === null || closed) return
    const note = latest
    latest = null
    timer = setTimeout(flush, PERIOD_MS)
    timer.unref()
    writing = writing.then(() => write(note)).catch(() => {})
  }
  return {
    note: (fraction, detail) => {
      if (closed) return
      latest = {
        fraction: clamp(fraction),
        detail: detail?.slice(0, DETAIL_LENGTH).toWellFormed().replaceAll('\0', '') ?? null,
      }
      if (timer === null) flush()
    },
    close: async () => {
      closed = true
      if (timer !== null) clearTimeout(timer)
      const last = latest
      if (last !== null) writing = writing.then(() => write(last)).catch(() => {})
      await writing
    },
  }
}
