/**
 * Who answers a number, and with which share. Locks are taken in one order everywhere: agents by id, then the schedule,
 * then numbers by id.
 */
import { by } from '#app/audit.ts'
import { type App, type Caller, transact } from '#app/context.ts'
import { requireMatch } from '#app/preconditions.ts'
import { refuse } from '#app/refused.ts'
import { assignmentKey, toAssignmentEntry } from '#core/assignment.ts'
import type { Direction, SlotEntry } from '#core/phone-number.ts'
import type { AssignmentEntry } from '#core/routing-table.ts'
import { toEntries, type WantedEntry } from '#core/slot.ts'
import { findVersionsNamed, holdAgents as holdRows, type VersionFound } from '#store/agent-references.ts'
import { ensureAssignment, loadAssignments } from '#store/assignments.ts'
import { insertAudit } from '#store/audit.ts'
import type { Tx } from '#store/database.ts'
import { lockRoutedNumber, type RoutedNumber } from '#store/number-routing.ts'
import { findNumber, type NumberRow, setSlots, toPhoneNumbers } from '#store/numbers.ts'

/** Agents that are about to be named: all at once, before anything else is locked. Refuses those that there are not. */
export const holdAgents = async (tx: Tx, organization_id: string, ids: readonly string[]): Promise<void> => {
  if (ids.length === 0) return
  const held = await holdRows(tx, organization_id, ids)
  const missing = [...new Set(ids)].filter(id => !held.has(id))
  if (missing.length > 0) refuse('agent_not_found', missing)
}

const refuseUnanswerable = (found: readonly VersionFound[]): void => {
  const about = (wrong: readonly VersionFound[]) =>
    wrong.map(({ agent_id, version }) => (version === null ? agent_id : `version ${version} of ${agent_id}`))
  const missing = found.filter(({ version, published }) => version !== null && published === null)
  if (missing.length > 0) refuse('version_not_found', about(missing))
  const drafts = found.filter(({ published }) => published === false)
  if (drafts.length > 0) refuse('version_not_published', about(drafts))
  const stubs = found.filter(({ version, has_published }) => version === null && !has_published)
  if (stubs.length > 0) refuse('no_published_version', about(stubs))
}

/**
 * The list as it is stored. `wanted` must be without faults (core/slot.ts) and its agents held. A version must exist and be
 * published; whoever follows the latest published one must have published one.
 */
export const resolveEntries = async (tx: Tx, wanted: readonly WantedEntry[]): Promise<readonly AssignmentEntry[]> => {
  if (wanted.length === 0) return []
  refuseUnanswerable(await findVersionsNamed(tx, wanted))
  return toEntries(wanted)
}

/** The number under lock, its If-Match asked. */
export const lockNumberOrRefuse = async (tx: Tx, caller: Caller, phone_number: string): Promise<RoutedNumber> => {
  const row = await lockRoutedNumber(tx, caller.organization_id, phone_number)
  if (!row) return refuse('number_not_found', [phone_number])
  requireMatch(caller, row)
  return row
}

/** By direction; a direction that is absent stays as it is. */
export type SlotChange = { readonly [D in Direction]?: readonly AssignmentEntry[] }

/** What was in the slots that changed, and what is now. */
export type SlotsChanged = { readonly before: SlotChange; readonly after: SlotChange }

const DIRECTIONS: readonly Direction[] = ['inbound', 'outbound']

/** Writes the slots of a locked number; null: they hold just that already, and nothing was written. */
export const putSlotEntries = async (tx: Tx, number: NumberRow, slots: SlotChange): Promise<SlotsChanged | null> => {
  const held = { inbound: number.inbound_assignment_id, outbound: number.outbound_assignment_id }
  const loaded = await loadAssignments(
    tx,
    DIRECTIONS.flatMap(direction => held[direction] ?? []),
  )
  const writes = DIRECTIONS.flatMap(direction => {
    const entries = slots[direction]
    const before = (loaded.get(held[direction] ?? '') ?? []).map(toAssignmentEntry)
    const changes = entries !== undefined && assignmentKey(entries) !== assignmentKey(before)
    return changes ? [{ direction, entries, before }] : []
  })
  if (writes.length === 0) return null
  // Lists are made in the order of their keys, as publishes make them (core/publish.ts).
  for (const { direction, entries } of writes.toSorted((a, b) =>
    assignmentKey(a.entries) < assignmentKey(b.entries) ? -1 : 1,
  )) {
    const assignment_id = entries.length === 0 ? null : await ensureAssignment(tx, number.organization_id, entries)
    await setSlots(tx, [number.id], direction, assignment_id)
  }
  return {
    before: Object.fromEntries(writes.map(({ direction, before }) => [direction, before])),
    after: Object.fromEntries(writes.map(({ direction, entries }) => [direction, entries])),
  }
}

/** A slot, with the revision of the number it belongs to. */
export type Slot = { readonly id: string; readonly revision: number; readonly entries: readonly SlotEntry[] }

const readSlot = async (app: App, caller: Caller, phone_number: string, direction: Direction): Promise<Slot> => {
  const row = await findNumber(app.db, caller.organization_id, phone_number)
  const [number] = row ? await toPhoneNumbers(app.db, [row]) : []
  if (!number) return refuse('number_not_found', [phone_number])
  return { id: number.id, revision: number.revision, entries: number[direction] }
}

export const getSlot = readSlot

/** Replaces the whole list; `[]` empties the slot. */
export const putSlot = async (
  app: App,
  caller: Caller,
  phone_number: string,
  direction: Direction,
  wanted: readonly WantedEntry[],
): Promise<Slot> =>
  transact(app, async (tx, touch) => {
    const agent_ids = wanted.map(entry => entry.agent_id)
    await holdAgents(tx, caller.organization_id, agent_ids)
    const entries = await resolveEntries(tx, wanted)
    const number = await lockNumberOrRefuse(tx, caller, phone_number)
    const changed = await putSlotEntries(tx, number, { [direction]: entries })
    if (changed) {
      await insertAudit(tx, { ...by(caller), action: 'phone_number.slots', subject: number.id, ...changed })
      touch({ number_ids: [number.id] })
    }
    return readSlot({ ...app, db: tx }, caller, phone_number, direction)
  })
