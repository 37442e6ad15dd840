/** What a publish does to slots, decided over what the numbers hold now. Nothing here reads or writes. */
import { alone, assignmentKey, withoutAgent } from '#core/assignment.ts'
import type { Direction, Directions } from '#core/phone-number.ts'
import type { Refusal } from '#core/refusal.ts'
import type { AssignmentEntry } from '#core/routing-table.ts'

export type PublishRequest = {
  readonly phone_numbers: readonly string[]
  readonly unassign_phone_numbers: readonly string[]
  readonly direction: Directions
}

/** A number's slots as they are: ids of assignments. */
export type HeldSlots = {
  readonly id: string
  readonly phone_number: string
  readonly inbound_assignment_id: string | null
  readonly outbound_assignment_id: string | null
}

/** One set-based write: these numbers' slot is to hold these entries (none: emptied). */
export type SlotWrite = {
  readonly direction: Direction
  readonly number_ids: readonly string[]
  readonly entries: readonly AssignmentEntry[]
}

export type PublishPlan = {
  readonly writes: readonly SlotWrite[]
  /** The numbers of the answer: every one named, then those cleared; in request order, each once. */
  readonly affected: readonly string[]
}

/**
 * The order in which lists are made: the same for everybody, so that two who leave behind the same new lists on different
 * numbers wait for each other, but never both.
 */
export const inOneOrder = (writes: readonly SlotWrite[]): readonly SlotWrite[] =>
  writes.toSorted((a, b) => (assignmentKey(a.entries) < assignmentKey(b.entries) ? -1 : 1))

export const directionsOf = (direction: Directions): readonly Direction[] =>
  direction === 'both' ? ['inbound', 'outbound'] : [direction]

const heldIn = (slots: HeldSlots, direction: Direction): string | null =>
  direction === 'inbound' ? slots.inbound_assignment_id : slots.outbound_assignment_id

/** Faults of the request alone, before anything is read. */
export const refuseRequest = (request: PublishRequest): Refusal | null => {
  const assigned = new Set(request.phone_numbers)
  const both = request.unassign_phone_numbers.filter(number => assigned.has(number))
  return both.length > 0 ? { code: 'number_in_both_lists', about: [...new Set(both)] } : null
}

/** Numbers that the request names and nobody registered. */
export const refuseUnknown = (request: PublishRequest, found: ReadonlyMap<string, HeldSlots>): Refusal | null => {
  const named = new Set([...request.phone_numbers, ...request.unassign_phone_numbers])
  const unknown = [...named].filter(number => !found.has(number))
  return unknown.length > 0 ? { code: 'number_not_found', about: unknown } : null
}

/** Unassigning, one write for each different list that the agent leaves: many numbers share few lists. */
const clearings = (
  held: readonly HeldSlots[],
  direction: Direction,
  agent_id: string,
  entriesOf: (assignment_id: string) => readonly AssignmentEntry[],
): readonly SlotWrite[] => {
  const byList = new Map<string, string[]>()
  for (const slots of held) {
    const list = heldIn(slots, direction)
    if (list === null) continue
    const ids = byList.get(list)
    if (ids) ids.push(slots.id)
    else byList.set(list, [slots.id])
  }
  return [...byList].flatMap(([list, number_ids]) => {
    const before = entriesOf(list)
    const entries = withoutAgent(before, agent_id)
    return entries === before ? [] : [{ direction, number_ids, entries }]
  })
}

/** What takes an agent out of every slot of these numbers. */
export const planLeaving = (
  agent_id: string,
  held: readonly HeldSlots[],
  entriesOf: (assignment_id: string) => readonly AssignmentEntry[],
): readonly SlotWrite[] => directionsOf('both').flatMap(direction => clearings(held, direction, agent_id, entriesOf))

/**
 * `found` holds every number of the request; `entriesOf` the content of every assignment they hold;
 * `target_id` is the assignment that holds the version alone, when it exists already: numbers that hold it are not written.
 */
export const planPublish = (
  request: PublishRequest,
  version: { readonly agent_id: string; readonly version: number },
  found: ReadonlyMap<string, HeldSlots>,
  entriesOf: (assignment_id: string) => readonly AssignmentEntry[],
  target_id: string | null,
): PublishPlan => {
  const named = (list: readonly string[]) => [...new Set(list)].flatMap(number => found.get(number) ?? [])
  const assigned = named(request.phone_numbers)
  const unassigned = named(request.unassign_phone_numbers)
  const entries = alone(version.agent_id, version.version)
  const writes = directionsOf(request.direction).flatMap(direction => {
    const changed = assigned.filter(slots => target_id === null || heldIn(slots, direction) !== target_id)
    const assignment: SlotWrite = { direction, number_ids: changed.map(slots => slots.id), entries }
    return [
      ...(changed.length > 0 ? [assignment] : []),
      ...clearings(unassigned, direction, version.agent_id, entriesOf),
    ]
  })
  const written = new Set(writes.flatMap(write => write.number_ids))
  const cleared = unassigned.filter(slots => written.has(slots.id))
  return { writes, affected: [...assigned, ...cleared].map(slots => slots.id) }
}
