import { v7 } from 'uuid'
import type { Tx } from '#store/database.ts'

export type AuditEntry = {
  readonly organization_id: string
  /** The key that acted. */
  readonly actor: string
  /** `agent.create`, `version.publish`, … */
  readonly action: string
  /** The id of what it was done to. */
  readonly subject: string
  readonly before?: object
  readonly after?: object
}

/** Answers the time of the transaction, which is what every row that it writes is stamped with. */
export const insertAudit = async (tx: Tx, entry: AuditEntry): Promise<string> => {
  const { created_at } = await tx
    .insertInto('audit_log')
    .values({
      id: v7(),
      organization_id: entry.organization_id,
      actor: entry.actor,
      action: entry.action,
      subject: entry.subject,
      before: entry.before ? JSON.stringify(entry.before) : null,
      after: entry.after ? JSON.stringify(entry.after) : null,
    })
    .returning('created_at')
    .executeTakeFirstOrThrow()
  return created_at
}
