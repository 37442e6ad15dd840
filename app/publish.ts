/** Publish: a version goes live, and onto the numbers named, or nothing happens at all. */
import { by } from '#app/audit.ts'
import { type App, type Caller, transact } from '#app/context.ts'
import { requireKnowledge } from '#app/knowledge-uses.ts'
import { requireMatch } from '#app/preconditions.ts'
import { Refused, refuse } from '#app/refused.ts'
import { alone, assignmentKey } from '#core/assignment.ts'
import type { PhoneNumber, SlotEntry } from '#core/phone-number.ts'
import {
  type HeldSlots,
  inOneOrder,
  type PublishPlan,
  type PublishRequest,
  planPublish,
  refuseKeptSplit,
  refuseRequest,
  refuseUnknown,
} from '#core/publish.ts'
import type { AssignmentEntry } from '#core/routing-table.ts'
import { refusePublish, type VersionRef } from '#core/version.ts'
import { findAgent } from '#store/agents.ts'
import { ensureAssignment, loadAssignments } from '#store/assignments.ts'
import { insertAudit } from '#store/audit.ts'
import type { Tx } from '#store/database.ts'
import { lockNumbers, type NumberRow, setSlots, toPhoneNumbers } from '#store/numbers.ts'
import { type LockedVersion, lockVersion, markPublished } from '#store/versions.ts'

/** The rows as the plan leaves them, by id; slots written one set at a time. */
const writeSlots = async (
  tx: Tx,
  organization_id: string,
  rows: readonly NumberRow[],
  plan: PublishPlan,
  target: Target,
): Promise<ReadonlyMap<string, NumberRow>> => {
  const after = new Map(rows.map(row => [row.id, row]))
  const idOf = (entries: readonly AssignmentEntry[]) =>
    (assignmentKey(entries) === target.key ? target.id : null) ?? ensureAssignment(tx, organization_id, entries)
  for (const { direction, number_ids, entries } of inOneOrder(plan.writes)) {
    const assignment_id = entries.length === 0 ? null : await idOf(entries)
    await setSlots(tx, number_ids, direction, assignment_id)
    for (const id of number_ids) {
      const row = after.get(id)
      if (row) after.set(id, { ...row, revision: row.revision + 1, [`${direction}_assignment_id`]: assignment_id })
    }
  }
  return after
}

/** One row however many numbers: those that held the same together. Assignments never change, so their ids say what was held. */
export const heldBefore = (rows: readonly HeldSlots[]): readonly object[] => {
  const holders = new Map<string, { inbound: string | null; outbound: string | null; phone_numbers: string[] }>()
  for (const { phone_number, inbound_assignment_id: inbound, outbound_assignment_id: outbound } of rows) {
    const known = holders.get(`${inbound} ${outbound}`)
    if (known) known.phone_numbers.push(phone_number)
    else holders.set(`${inbound} ${outbound}`, { inbound, outbound, phone_numbers: [phone_number] })
  }
  return [...holders.values()]
}

/** The assignment that holds the version alone; `id` null while nothing needs it, or until it is made in its turn. */
type Target = { readonly id: string | null; readonly key: string; readonly entry: SlotEntry }

const targetOf = (version: LockedVersion, needed: boolean): Target => {
  const entries = alone(version.agent_id, version.version)
  const [entry] = entries
  if (!entry) throw new Error('a list of one version has one entry')
  return {
    id: needed ? version.alone_id : null,
    key: assignmentKey(entries),
    entry: { ...entry, agent_version_id: version.id },
  }
}

const lockOrRefuse = async (tx: Tx, caller: Caller, agent_id: string, ref: VersionRef): Promise<LockedVersion> => {
  const { organization_id } = caller
  const version = await lockVersion(tx, organization_id, agent_id, ref)
  if (!version) {
    if (!(await findAgent(tx, organization_id, agent_id))) return refuse('agent_not_found', [agent_id])
    return refuse('version_not_found', [String(ref)])
  }
  requireMatch(caller, version)
  const refusal = refusePublish(version)
  if (refusal) throw new Refused(refusal)
  return version
}

const lockEveryNumber = async (tx: Tx, organization_id: string, request: PublishRequest) => {
  const numbers = [...new Set([...request.phone_numbers, ...request.unassign_phone_numbers])]
  const rows = numbers.length === 0 ? [] : await lockNumbers(tx, organization_id, numbers)
  const found = new Map(rows.map(row => [row.phone_number, row]))
  const unknown = refuseUnknown(request, found)
  if (unknown) throw new Refused(unknown)
  return { rows, found }
}

/** What the slots hold now that keep something of it; nothing needs to be known of the others. */
const loadHeld = async (tx: Tx, request: PublishRequest, found: ReadonlyMap<string, NumberRow>) => {
  const kept = request.keep_split === true ? request.phone_numbers : []
  const rows = [...kept, ...request.unassign_phone_numbers].flatMap(number => found.get(number) ?? [])
  const ids = new Set(rows.flatMap(row => [row.inbound_assignment_id, row.outbound_assignment_id]))
  return loadAssignments(
    tx,
    [...ids].filter(id => id !== null),
  )
}

/**
 * Marks the version published and writes the slots, all or nothing. Answers every number named, changed or not, then those
 * cleared. Locks are taken in one order everywhere, the agent and then its numbers by id: publishes wait, never deadlock.
 */
export const publish = async (
  app: App,
  caller: Caller,
  agent_id: string,
  ref: VersionRef,
  request: PublishRequest,
): Promise<readonly PhoneNumber[]> => {
  const fault = refuseRequest(request)
  if (fault) throw new Refused(fault)
  const { organization_id } = caller
  return transact(app, async (tx, touch) => {
    const version = await lockOrRefuse(tx, caller, agent_id, ref)
    const { rows, found } = await lockEveryNumber(tx, organization_id, request)
    await requireKnowledge(tx, organization_id, version.config)
    const held = await loadHeld(tx, request, found)
    const entriesOf = (id: string) => held.get(id) ?? []
    const nothing_to_keep = refuseKeptSplit(request, agent_id, found, entriesOf)
    if (nothing_to_keep) throw new Refused(nothing_to_keep)
    if (!version.published) await markPublished(tx, version.id)
    const target = targetOf(version, request.phone_numbers.length > 0 && request.keep_split !== true)
    const plan = planPublish(request, version, found, entriesOf, target.id)
    const after = await writeSlots(tx, organization_id, rows, plan, target)
    await insertAudit(tx, {
      ...by(caller),
      action: 'version.publish',
      subject: version.id,
      before: { published: version.published, slots: heldBefore(rows) },
      after: { agent_id, version: version.version, digest: version.digest, ...request },
    })
    const written = new Set(plan.writes.flatMap(write => write.number_ids))
    touch({ agent_ids: [agent_id], number_ids: [...written] })
    const affected = plan.affected.flatMap(id => after.get(id) ?? [])
    const stamped = affected.map(row => (written.has(row.id) ? { ...row, updated_at: version.locked_at } : row))
    return toPhoneNumbers(tx, stamped, target.id === null ? undefined : new Map([[target.id, [target.entry]]]))
  })
}
