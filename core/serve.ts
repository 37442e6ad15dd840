/** Whether a version can take a call now, and which of a weighted list does. */
import { type Halves, score } from '#core/rendezvous.ts'
import type { RouteReason, TraceStep } from '#core/route-trace.ts'
import { type Assignment, type RoutingTable, type VersionRoute, versionNamed } from '#core/routing-table.ts'

export type Health = {
  /** Whether calls can be answered with media at all. */
  readonly engine_up: boolean
  /** Ids of versions whose calls fail at their start, again and again. */
  readonly failing: ReadonlySet<string>
}

export const HEALTHY: Health = { engine_up: true, failing: new Set() }

export type Served = { readonly version: VersionRoute; readonly arm: string | null }

/** The version that an entry means now, or why it cannot serve. */
export const serving = (
  table: RoutingTable,
  agent_id: string,
  version: number | null,
  health: Health,
): VersionRoute | RouteReason => {
  const agent = table.agents.get(agent_id)
  if (agent === undefined) return 'agent_missing'
  if (!agent.active) return 'agent_inactive'
  const named = versionNamed(agent, version)
  if (named === null) return 'version_not_published'
  if (!health.engine_up) return 'engine_down'
  return health.failing.has(named.id) ? 'agent_failing' : named
}

export const fallen = (agent_id: string, version: number | null, reason: RouteReason): TraceStep => ({
  step: 'candidate',
  reason,
  detail: { agent_id, version },
})

/** The same who, the same list and the same availability give the same version, in every process and for good. */
export const draw = (
  table: RoutingTable,
  { entries, arm_hashes }: Assignment,
  who: () => Halves,
  health: Health,
  trace: TraceStep[],
): Served | null => {
  let best: Served | null = null
  let best_score = Number.POSITIVE_INFINITY
  let available = 0
  let caller: Halves | null = null
  for (let index = 0; index < entries.length; index++) {
    const entry = entries[index]
    const arm_hash = arm_hashes[index]
    if (entry === undefined || arm_hash === undefined) continue
    const version = serving(table, entry.agent_id, entry.version, health)
    if (typeof version === 'string') {
      trace.push(fallen(entry.agent_id, entry.version, version))
      continue
    }
    available += 1
    // One alone needs no draw.
    if (entries.length > 1) {
      caller ??= who()
      const drawn = score(caller, arm_hash, entry.weight_bp)
      if (drawn >= best_score) continue
      best_score = drawn
    }
    best = { version, arm: entry.arm }
  }
  if (best === null) return null
  const { agent_id, version } = best.version
  trace.push({ step: 'draw', reason: available > 1 ? 'drawn' : 'alone', detail: { agent_id, version, arm: best.arm } })
  return best
}
