/** The audit log: written by every use case that changes something, read here. */
import type { App, Caller } from '#app/context.ts'
import type { AuditRecord } from '#core/audit.ts'
import { type AuditFilters, listAudit } from '#store/audit.ts'
import type { Listed, Page } from '#store/keyset.ts'

export type { AuditFilters }

/** Who acts, and from where: the part of an audit entry that is the caller's. */
export const by = ({ organization_id, key_id, user_id, request }: Caller) => ({
  organization_id,
  actor: user_id ?? key_id,
  ...(request ? { request_id: request.request_id, address: request.address } : {}),
})

export const listAuditLog = async (
  app: App,
  caller: Caller,
  page: Page,
  filters: AuditFilters,
): Promise<Listed<AuditRecord>> => listAudit(app.db, caller.organization_id, page, filters)
