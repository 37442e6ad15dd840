/** Whether the database answers at all, asked on a connection of its own: a busy pool is not a frozen server. */
import type { DatabaseAddress } from '#store/address.ts'
import { openPool } from '#store/database.ts'

export type Probe = {
  /** Never rejects; settles within the time given to `openProbe`. Asked twice at once, it asks once. */
  answers(): Promise<boolean>
  close(): Promise<void>
}

const after = (timeout_ms: number): { readonly passed: Promise<false>; clear(): void } => {
  let timer: NodeJS.Timeout | undefined
  const passed = new Promise<false>(resolve => {
    // A process that was held up itself reads what has arrived meanwhile before it calls the database silent.
    timer = setTimeout(() => setImmediate(() => setImmediate(resolve, false)), timeout_ms)
  })
  return { passed, clear: () => clearTimeout(timer) }
}

export const openProbe = (address: DatabaseAddress, timeout_ms: number): Probe => {
  // A question that timed out takes its connection with it: the next one opens a new one.
  const pool = openPool(address, {
    max_connections: 1,
    connect_timeout_ms: timeout_ms,
    query_timeout_ms: timeout_ms,
  })
  const ask = async (): Promise<boolean> => {
    const limit = after(timeout_ms)
    const asked = pool.query('select 1').then(
      () => true,
      () => false,
    )
    try {
      return await Promise.race([asked, limit.passed])
    } finally {
      limit.clear()
    }
  }
  let asking: Promise<boolean> | null = null
  return {
    answers: () => {
      asking ??= ask().finally(() => {
        asking = null
      })
      return asking
    },
    close: () => pool.end(),
  }
}
