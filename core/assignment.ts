/** Weighted lists as values: how they are named, and what becomes of one when an agent leaves it. */
import type { AssignmentEntry } from '#core/routing-table.ts'

export const WHOLE_BP = 10_000

/** An arm keeps its callers; unless named it is `agent:version`. */
export const defaultArm = (agent_id: string, version: number | null): string => `${agent_id}:${version ?? 'latest'}`

/** The list that publishing puts into a slot: this version alone. */
export const alone = (agent_id: string, version: number): readonly AssignmentEntry[] => [
  { agent_id, version, weight_bp: WHOLE_BP, arm: defaultArm(agent_id, version) },
]

/** The entry as it is stored, without what else is known of it. */
export const toAssignmentEntry = ({ agent_id, version, weight_bp, arm }: AssignmentEntry): AssignmentEntry => ({
  agent_id,
  version,
  weight_bp,
  arm,
})

/** The content of a list as text: equal lists have equal keys, so that one row serves every number that holds it. */
export const assignmentKey = (entries: readonly AssignmentEntry[]): string =>
  JSON.stringify(entries.map(entry => [entry.agent_id, entry.version, entry.weight_bp, entry.arm]))

/** Scales weights to sum to 10000 by largest remainder; the first of equal remainders gets the odd point. None falls to 0. */
export const scaleWeights = (weights: readonly number[]): readonly number[] => {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const exact = weights.map(weight => (weight * WHOLE_BP) / total)
  const scaled = exact.map(share => Math.max(1, Math.floor(share)))
  const byRemainder = exact
    .map((share, index) => ({ index, remainder: share - Math.floor(share) }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index)
  let missing = WHOLE_BP - scaled.reduce((sum, weight) => sum + weight, 0)
  for (const { index } of byRemainder) {
    if (missing <= 0) break
    scaled[index] = (scaled[index] ?? 0) + 1
    missing -= 1
  }
  // Raising tiny shares to 1 can overdraw by as many points: the heaviest pay, a point at a time, so that the order stays.
  for (; missing < 0; missing += 1) {
    const heaviest = scaled.indexOf(Math.max(...scaled))
    scaled[heaviest] = (scaled[heaviest] ?? 0) - 1
  }
  return scaled
}

/**
 * The list without an agent's entries, the rest scaled up in proportion; empty when nobody is left,
 * and the very same list when the agent was not in it.
 */
export const withoutAgent = (entries: readonly AssignmentEntry[], agent_id: string): readonly AssignmentEntry[] => {
  const rest = entries.filter(entry => entry.agent_id !== agent_id)
  if (rest.length === entries.length) return entries
  if (rest.length === 0) return []
  const weights = scaleWeights(rest.map(entry => entry.weight_bp))
  return rest.map((entry, index) => ({ ...entry, weight_bp: weights[index] ?? entry.weight_bp }))
}

/**
 * The list with this version in the agent's place, weights and arms kept; the very same list when nothing changes.
 * Several entries of the agent would be equal now: they become one, in place and under the arm of the heaviest (the first
 * among equals), which keeps most callers where they are.
 */
export const withVersion = (
  entries: readonly AssignmentEntry[],
  agent_id: string,
  version: number,
): readonly AssignmentEntry[] => {
  const own = entries.filter(entry => entry.agent_id === agent_id)
  const [only] = own
  if (only === undefined || (own.length === 1 && only.version === version)) return entries
  const heaviest = own.reduce((best, entry) => (entry.weight_bp > best.weight_bp ? entry : best), only)
  const weight_bp = own.reduce((sum, entry) => sum + entry.weight_bp, 0)
  return entries.flatMap(entry => {
    if (entry.agent_id !== agent_id) return [entry]
    return entry === heaviest ? [{ ...heaviest, version, weight_bp }] : []
  })
}
