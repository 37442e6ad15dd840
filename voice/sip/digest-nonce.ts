/**
 * Nonces that need no memory until they are used: when they were made, sealed with a key of this process and the source
 * they were made for. What was used is remembered, so that no answer is taken twice (RFC 7616 3.4.5).
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { randomToken } from '#voice/sip/random-token.ts'

/** Long enough for a trunk to answer many calls by one challenge. */
export const NONCE_LIFE_MS = 300_000
const REMEMBERED = 20_000
const SEAL_LENGTH = 22

export type Nonces = {
  make(source_address: string): string
  /** True: ours, made for this source, in time, and this count was not used yet; it is from now on. */
  use(nonce: string, source_address: string, count: number): boolean
}

export function digestNonces(key: Uint8Array, now_ms: () => number): Nonces {
  /** Highest count used, by nonce, the first used first. */
  const used = new Map<string, number>()
  /** Nonces up to this time are taken only while they are remembered: what was forgotten could come again. */
  let forgotten_ms = Number.NEGATIVE_INFINITY

  function seal(text: string, source_address: string): string {
    return createHmac('sha256', key).update(`${text} ${source_address}`).digest('base64url').slice(0, SEAL_LENGTH)
  }

  function forgetOldest(): void {
    for (const nonce of used.keys()) {
      used.delete(nonce)
      forgotten_ms = Math.max(forgotten_ms, madeAt(nonce))
      return
    }
  }

  return {
    make(source_address) {
      const text = `${Math.trunc(now_ms()).toString(36)}.${randomToken()}`
      return `${text}.${seal(text, source_address)}`
    },
    use(nonce, source_address, count) {
      const end = nonce.lastIndexOf('.')
      const expected = Buffer.from(seal(nonce.slice(0, Math.max(end, 0)), source_address))
      const given = Buffer.from(nonce.slice(end + 1))
      if (end < 0 || given.length !== expected.length || !timingSafeEqual(given, expected)) return false
      const made_ms = madeAt(nonce)
      const last = used.get(nonce)
      if (now_ms() - made_ms > NONCE_LIFE_MS || (last === undefined && made_ms <= forgotten_ms)) return false
      if (count <= (last ?? 0)) return false
      if (last === undefined && used.size >= REMEMBERED) forgetOldest()
      used.set(nonce, count)
      return true
    },
  }
}

function madeAt(nonce: string): number {
  return Number.parseInt(nonce.split('.', 1)[0] ?? '', 36)
}
