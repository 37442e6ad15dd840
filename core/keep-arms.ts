import type { AssignmentEntry } from '#core/routing-table.ts'

const isSame = (a: AssignmentEntry, b: AssignmentEntry): boolean => a.agent_id === b.agent_id && a.version === b.version

/**
 * A list from somebody who knows no arms, with the arms that its agents and versions have in the slot already, so that
 * their callers stay with them. Where that would give two entries one arm, nothing is kept.
 */
export const keepArms = (
  entries: readonly AssignmentEntry[],
  held: readonly AssignmentEntry[],
): readonly AssignmentEntry[] => {
  const kept = entries.map(entry => ({ ...entry, arm: held.find(each => isSame(each, entry))?.arm ?? entry.arm }))
  return new Set(kept.map(entry => entry.arm)).size === kept.length ? kept : entries
}
