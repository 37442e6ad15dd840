/** What a publish does to slots, decided over what the numbers hold now. Nothing here reads or writes. */
import { alone, assignmentKey, withoutAgent, withVersion } from '#core/assignment.ts'
import type { Direction, Directions } from '#core/phone-number.ts'
import type { Refusal } from '#core/refusal.ts'
import type { AssignmentEntry } from '#core/routing-table.ts'

export type PublishRequest = {
  readonly phone_numbers: readonly string[]
  readonly unassign_phone_numbers: readonly string[]
  readonly direction: Directions
  /** Replaces this agent's entries in the slots, keeping weights and arms, instead of putting the version there alone. */
  readonly keep_split?: boolean
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

type EntriesOf = (assignment_id: string) => readonly AssignmentEntry[]

/** One write for each different list that becomes another: many numbers share few lists. */
const rewrites = (
  held: readonly HeldSlots[],
  direction: Direction,
  entriesOf: EntriesOf,
  become: (entries: readonly AssignmentEntry[]) => readonly AssignmentEntry[],
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
    const entries = become(before)
    return entries === before ? [] : [{ direction, number_ids, entries }]
  })
}

const clearings = (held: readonly HeldSlots[], direction: Direction, agent_id: string, entriesOf: EntriesOf) =>
  rewrites(held, direction, entriesOf, entries => withoutAgent(entries, agent_id))

/** Numbers whose split cannot be kept, because the agent has no part in it. */
export const refuseKeptSplit = (
  request: PublishRequest,
  agent_id: string,
  found: ReadonlyMap<string, HeldSlots>,
  entriesOf: EntriesOf,
): Refusal | null => {
  if (request.keep_split !== true) return null
  const hasPart = (list: string | null): boolean =>
    list !== null && entriesOf(list).some(entry => entry.agent_id === agent_id)
  const without = [...new Set(request.phone_numbers)].filter(number => {
    const slots = found.get(number)
    return slots && !directionsOf(request.direction).every(direction => hasPart(heldIn(slots, direction)))
  })
  return without.length > 0 ? { code: 'slot_without_agent', about: without } : null
}

/** What takes an agent out of every slot of these numbers. */
export const planLeaving = (agent_id: string, held: readonly HeldSlots[], entriesOf: EntriesOf): readonly SlotWrite[] =>
  directionsOf('both').flatMap(direction => clearings(held, direction, agent_id, entriesOf))

/**
 * `found` holds every number of the request; `entriesOf` the content of every assignment they hold;
 * `target_id` is the assignment that holds the version alone, when it exists already: numbers that hold it are not written.
 */
export const planPublish = (
  request: PublishRequest,
  version: { readonly agent_id: string; readonly version: number },
  found: ReadonlyMap<string, HeldSlots>,
  entriesOf: EntriesOf,
  target_id: string | null,
): PublishPlan => {
  const { agent_id } = version
  const named = (list: readonly string[]) => [...new Set(list)].flatMap(number => found.get(number) ?? [])
  const assigned = named(request.phone_numbers)
  const unassigned = named(request.unassign_phone_numbers)
  const aloneIn = (direction: Direction): readonly SlotWrite[] => {
    const changed = assigned.filter(slots => target_id === null || heldIn(slots, direction) !== target_id)
    const number_ids = changed.map(slots => slots.id)
    return changed.length > 0 ? [{ direction, number_ids, entries: alone(agent_id, version.version) }] : []
  }
  const insideOf = (direction: Direction) =>
    rewrites(assigned, direction, entriesOf, entries => withVersion(entries, agent_id, version.version))
  const writes = directionsOf(request.direction).flatMap(direction => [
    ...(request.keep_split === true ? insideOf(direction) : aloneIn(direction)),
    ...clearings(unassigned, direction, agent_id, entriesOf),
  ])
  const written = new Set(writes.flatMap(write => write.number_ids))
  const cleared = unassigned.filter(slots => written.has(slots.id))
  return { writes, affected: [...assigned, ...cleared].map(slots => slots.id) }
}
