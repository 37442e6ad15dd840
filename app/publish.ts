/** Publish: a version goes live, and onto the numbers named, or nothing happens at all. */
import { type App, type Caller, transact } from '#app/context.ts'
import { Refused, refuse } from '#app/refused.ts'
import { alone } from '#core/assignment.ts'
import type { PhoneNumber, SlotEntry } from '#core/phone-number.ts'
import { type PublishPlan, type PublishRequest, planPublish, refuseRequest, refuseUnknown } from '#core/publish.ts'
import { refusePublish, type VersionRef } from '#core/version.ts'
import { lockAgent } from '#store/agents.ts'
import { ensureAssignment, loadAssignments } from '#store/assignments.ts'
import { insertAudit } from '#store/audit.ts'
import type { Tx } from '#store/database.ts'
import { lockNumbers, type NumberRow, setSlots, toPhoneNumbers } from '#store/numbers.ts'
import { findVersion, markPublished, type StoredVersion } from '#store/versions.ts'

const slotIds = (rows: readonly NumberRow[]): readonly string[] =>
  [...new Set(rows.flatMap(row => [row.inbound_assignment_id, row.outbound_assignment_id]))].filter(id => id !== null)

/** Carries the plan out. Answers the rows as they are afterwards, by id. */
const writeSlots = async (
  tx: Tx,
  organization_id: string,
  rows: readonly NumberRow[],
  plan: PublishPlan,
): Promise<ReadonlyMap<string, NumberRow>> => {
  const after = new Map(rows.map(row => [row.id, row]))
  for (const { direction, number_ids, entries } of plan.writes) {
    const assignment_id = entries.length === 0 ? null : await ensureAssignment(tx, organization_id, entries)
    const updated_at = await setSlots(tx, number_ids, direction, assignment_id)
    for (const id of number_ids) {
      const row = after.get(id)
      if (row) after.set(id, { ...row, [`${direction}_assignment_id`]: assignment_id, updated_at })
    }
  }
  return after
}

const auditPublish = async (
  tx: Tx,
  caller: Caller,
  version: StoredVersion,
  request: PublishRequest,
  rows: readonly NumberRow[],
  held: ReadonlyMap<string, readonly SlotEntry[]>,
): Promise<void> => {
  // One row however many numbers: what they held before, those that held the same together, and what was asked.
  const holders = new Map<string, { inbound: string | null; outbound: string | null; phone_numbers: string[] }>()
  for (const { phone_number, inbound_assignment_id: inbound, outbound_assignment_id: outbound } of rows) {
    const known = holders.get(`${inbound} ${outbound}`)
    if (known) known.phone_numbers.push(phone_number)
    else holders.set(`${inbound} ${outbound}`, { inbound, outbound, phone_numbers: [phone_number] })
  }
  const before = {
    published: version.published,
    slots: [...holders.values()],
    assignments: Object.fromEntries(held),
  }
  await insertAudit(tx, {
    organization_id: caller.organization_id,
    actor: caller.key_id,
    action: 'version.publish',
    subject: version.id,
    before,
    after: { agent_id: version.agent_id, version: version.version, digest: version.digest, ...request },
  })
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
    if (!(await lockAgent(tx, organization_id, agent_id))) refuse('agent_not_found', [agent_id])
    const version =
      (await findVersion(tx, organization_id, agent_id, ref)) ?? refuse('version_not_found', [String(ref)])
    const refusal = refusePublish(version)
    if (refusal) throw new Refused(refusal)

    const numbers = [...new Set([...request.phone_numbers, ...request.unassign_phone_numbers])]
    const rows = numbers.length === 0 ? [] : await lockNumbers(tx, organization_id, numbers)
    const found = new Map(rows.map(row => [row.phone_number, row]))
    const unknown = refuseUnknown(request, found)
    if (unknown) throw new Refused(unknown)

    if (!version.published) await markPublished(tx, version.id)
    const target_id =
      request.phone_numbers.length === 0
        ? null
        : await ensureAssignment(tx, organization_id, alone(agent_id, version.version))
    const held = await loadAssignments(tx, slotIds(rows))
    const plan = planPublish(request, version, found, id => held.get(id) ?? [], target_id)
    const after = await writeSlots(tx, organization_id, rows, plan)
    await auditPublish(tx, caller, version, request, rows, held)

    touch({ agent_ids: [agent_id], number_ids: [...new Set(plan.writes.flatMap(write => write.number_ids))] })
    return toPhoneNumbers(
      tx,
      plan.affected.flatMap(id => after.get(id) ?? []),
    )
  })
}
