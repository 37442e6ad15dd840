/** The audit log: written by every use case that changes something, read here. */
import type { App, Caller } from '#app/context.ts'
import { toAssignmentEntry } from '#core/assignment.ts'
import type { AuditRecord } from '#core/audit.ts'
import { loadAssignments } from '#store/assignments.ts'
import { type AuditFilters, listAudit } from '#store/audit.ts'
import type { Db } from '#store/database.ts'
import type { Listed, Page } from '#store/keyset.ts'

export type { AuditFilters }

/** Who acts, and from where: the part of an audit entry that is the caller's. */
export const by = ({ organization_id, key_id, user_id, request }: Caller) => ({
  organization_id,
  actor: user_id ?? key_id,
  ...(request ? { request_id: request.request_id, address: request.address } : {}),
})

/** One line of `before.slots`: numbers that held the same lists (app/publish.ts). */
type Held = { readonly inbound: string | null; readonly outbound: string | null }

const heldIn = ({ before }: AuditRecord): readonly Held[] =>
  before !== null && 'slots' in before && Array.isArray(before.slots) ? before.slots : []

/** Lists are named by their ids where they are written, since they never change; whoever reads wants to see them. */
const withLists = async (db: Db, records: readonly AuditRecord[]): Promise<readonly AuditRecord[]> => {
  const ids = new Set(records.flatMap(heldIn).flatMap(({ inbound, outbound }) => [inbound, outbound]))
  const lists = await loadAssignments(
    db,
    [...ids].filter(id => id !== null),
  )
  const listOf = (id: string | null) => (lists.get(id ?? '') ?? []).map(toAssignmentEntry)
  const withList = (held: Held) => ({
    ...held,
    inbound_agents: listOf(held.inbound),
    outbound_agents: listOf(held.outbound),
  })
  return records.map(record => {
    const held = heldIn(record)
    return held.length === 0 ? record : { ...record, before: { ...record.before, slots: held.map(withList) } }
  })
}

export const listAuditLog = async (
  app: App,
  caller: Caller,
  page: Page,
  filters: AuditFilters,
): Promise<Listed<AuditRecord>> => {
  const { items, next } = await listAudit(app.db, caller.organization_id, page, filters)
  return { items: await withLists(app.db, items), next }
}
