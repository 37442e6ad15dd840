/** Server-sent events (WHATWG HTML 9.2), and how many of them one credential may hold open. */
import { refuse } from '#app/refused.ts'

/** `data` on one line: JSON has no line breaks of its own. */
export const eventOf = (id: string | number, data: unknown): string => `id: ${id}\ndata: ${JSON.stringify(data)}\n\n`

/** Keeps proxies from closing a line on which nothing happens. */
export const HEARTBEAT = ': still here\n\n'

export const EVENT_STREAM_HEADERS = { 'cache-control': 'no-store', 'x-accel-buffering': 'no' } as const

const STREAMS_LIMIT = 8
const open = new Map<string, number>()

/** Counts one more open stream of the credential, until `signal` aborts. Refuses one too many. */
export const holdStream = (key_id: string, signal: AbortSignal): void => {
  const count = open.get(key_id) ?? 0
  if (count >= STREAMS_LIMIT) refuse('too_many_streams')
  if (signal.aborted) return
  open.set(key_id, count + 1)
  const release = () => {
    const left = (open.get(key_id) ?? 1) - 1
    if (left === 0) open.delete(key_id)
    else open.set(key_id, left)
  }
  signal.addEventListener('abort', release, { once: true })
}
