import type { AssignmentEntry } from '#core/routing-table.ts'

const isSame = (a: AssignmentEntry, b: AssignmentEntry): boolean => a.agent_id === b.agent_id && a.version === b.version

/**
 * A list from somebody who knows no arms, with the arms that its agents and versions have in the slot already, so that
 * their callers stay with them. An arm that another entry has by its own name is that one's: whoever had it takes its own.
 */
export const keepArms = (
  entries: readonly AssignmentEntry[],
  held: readonly AssignmentEntry[],
): readonly AssignmentEntry[] => {
  const kept = entries.map(entry => held.find(each => isSame(each, entry))?.arm ?? entry.arm)
  const isTaken = (arm: string, index: number): boolean => kept.some((other, n) => n !== index && other === arm)
  // One that gives its arm up may want, by its own name, what another has kept. Own names differ, so this ends.
  for (let index = 0; index < entries.length; ) {
    const own = entries[index]?.arm
    const arm = kept[index]
    if (own === undefined || arm === undefined || own === arm || !isTaken(arm, index)) index += 1
    else {
      kept[index] = own
      index = 0
    }
  }
  return entries.map((entry, index) => ({ ...entry, arm: kept[index] ?? entry.arm }))
}
