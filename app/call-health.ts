/** Which versions and whether the media engine can take calls now, as the calls themselves tell. */
import type { Clock } from '#app/ports.ts'
import { HEALTHY, type Health } from '#core/serve.ts'
import {
  afterFailure,
  afterTaken,
  isFailing,
  isForgotten,
  NEVER_FAILED,
  type VersionHealth,
} from '#core/version-health.ts'

export type CallHealth = {
  /** For the next decision. */
  now(): Health
  /** A call was given this version. */
  taken(agent_version_id: string): void
  /** Its call began as it should, or failed at its start by our own fault. */
  began(agent_version_id: string, well: boolean): void
}

/** More versions than these fail at once only where everything fails; the oldest are forgotten. */
const VERSIONS_LIMIT = 10_000

export const createCallHealth = (deps: { readonly clock: Clock; readonly engine_up: () => boolean }): CallHealth => {
  const { clock, engine_up } = deps
  /** Those that have failed lately; nearly always none. */
  const versions = new Map<string, VersionHealth>()

  const failing = (now_ms: number): Health['failing'] => {
    if (versions.size === 0) return HEALTHY.failing
    const found = new Set<string>()
    for (const [id, health] of versions) {
      if (isForgotten(health, now_ms)) versions.delete(id)
      else if (isFailing(health, now_ms)) found.add(id)
    }
    return found
  }

  return {
    now: () => {
      const up = engine_up()
      return up && versions.size === 0 ? HEALTHY : { engine_up: up, failing: failing(clock.now_ms()) }
    },
    taken: id => {
      const health = versions.get(id)
      if (health !== undefined) versions.set(id, afterTaken(health, clock.now_ms()))
    },
    began: (id, well) => {
      if (well) {
        versions.delete(id)
        return
      }
      const before = versions.get(id) ?? NEVER_FAILED
      versions.delete(id)
      versions.set(id, afterFailure(before, clock.now_ms()))
      const [oldest] = versions.keys()
      if (versions.size > VERSIONS_LIMIT && oldest !== undefined) versions.delete(oldest)
    },
  }
}
