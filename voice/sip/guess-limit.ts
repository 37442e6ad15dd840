/** Wrong passwords a source may try. Only answers to a challenge that reached the source count, so nobody can use up another's. */
import { networkOf } from '#core/ip.ts'

const WRONG_LIMIT = 10
const FORGIVEN_AFTER_MS = 60_000
const max_sources = 10_000

export type GuessLimit = {
  blocked(address: string): boolean
  wrong(address: string): void
}

/** Ten, then one more every six seconds. */
export function guessLimit(now_ms: () => number): GuessLimit {
  const sources = new Map<string, { wrong: number; at_ms: number }>()

  function wrongOf(network: string): number {
    const source = sources.get(network)
    if (source === undefined) return 0
    const forgiven = ((now_ms() - source.at_ms) * WRONG_LIMIT) / FORGIVEN_AFTER_MS
    return Math.max(0, source.wrong - forgiven)
  }

  return {
    blocked: address => wrongOf(networkOf(address)) > WRONG_LIMIT - 1,
    wrong(address) {
      const network = networkOf(address)
      const wrong = wrongOf(network) + 1
      sources.delete(network)
      if (sources.size >= max_sources)
        for (const oldest of sources.keys()) {
          sources.delete(oldest)
          break
        }
      sources.set(network, { wrong, at_ms: now_ms() })
    },
  }
}
