import { sql } from 'kysely'
import { v7 } from 'uuid'
import type { AuditRecord } from '#core/audit.ts'
import type { Db, Tx } from '#store/database.ts'
import { afterPosition, type Listed, type Page, pageOf, type TimeRange, within } from '#store/keyset.ts'
import { ahead, prepared } from '#store/pipelined.ts'

export type AuditEntry = {
  readonly organization_id: string
  /** The key that acted, or the person whose token did. */
  readonly actor: string
  /** `agent.create`, `version.publish`, … */
  readonly action: string
  /** The id of what it was done to. */
  readonly subject: string
  readonly before?: object
  readonly after?: object
  /** The request that did it, and the IP address that came from; absent when nobody outside asked. */
  readonly request_id?: string
  readonly address?: string
}

const jsonOrNull = (value: object | undefined): string | null => (value ? JSON.stringify(value) : null)

/** A failure is told by the transaction's next statement (store/pipelined.ts). */
export const insertAudit = async (tx: Tx, entry: AuditEntry): Promise<void> => {
  const { organization_id, actor, action, subject, request_id = null, address = null } = entry
  await sql`${ahead}${prepared}
    insert into audit_log (id, organization_id, actor, action, subject, before, after, request_id, address)
    values (${v7()}, ${organization_id}, ${actor}, ${action}, ${subject}, ${jsonOrNull(entry.before)},
      ${jsonOrNull(entry.after)}, ${request_id}, ${address})`.execute(tx)
}

const COLUMNS = [
  'id',
  'organization_id',
  'actor',
  'action',
  'subject',
  'before',
  'after',
  'request_id',
  'address',
  'created_at',
] as const

export type AuditFilters = Pick<TimeRange, 'created_after' | 'created_before'> & {
  readonly actor?: string
  readonly action?: string
  readonly subject?: string
}

export const listAudit = async (
  db: Db,
  organization_id: string,
  page: Page,
  filters: AuditFilters,
): Promise<Listed<AuditRecord>> => {
  const { actor, action, subject, ...times } = filters
  let query = db.selectFrom('audit_log').select(COLUMNS).where('organization_id', '=', organization_id)
  if (actor !== undefined) query = query.where('actor', '=', actor)
  if (action !== undefined) query = query.where('action', '=', action)
  if (subject !== undefined) query = query.where('subject', '=', subject)
  const rows = await query
    .where(within(times))
    .where(afterPosition(page, 'uuid'))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(page.limit + 1)
    .execute()
  return pageOf(
    rows,
    page,
    row => row.id,
    row => row,
  )
}
