/** The audit log in the `/core` dialect. */
import { type Static, Type as T } from 'typebox'
import type { AuditRecord } from '#core/audit.ts'
import { anyObject, closed, nullable, time, uuid } from '#wire/schema.ts'

export const AuditAnswer = closed(
  {
    id: uuid(),
    actor: T.String({ description: 'The id of the key that acted, or of the person whose token did.' }),
    action: T.String({ description: 'What was done.', examples: ['version.publish'] }),
    subject: T.String({ description: 'The id of what it was done to.' }),
    before: nullable(anyObject(), { description: 'What was there before, as far as it changed.' }),
    after: nullable(anyObject(), { description: 'What is there since.' }),
    request_id: nullable(uuid(), { description: 'The request that did it; null: the program itself.' }),
    address: nullable(T.String(), { description: 'The IP address that the request came from.' }),
    created_at: time(),
  },
  { title: 'AuditEntry', description: 'Who did what, before and after, and from where. Never changed, never deleted.' },
)

export const toAuditAnswer = (record: AuditRecord): Static<typeof AuditAnswer> => ({
  id: record.id,
  actor: record.actor,
  action: record.action,
  subject: record.subject,
  before: record.before && { ...record.before },
  after: record.after && { ...record.after },
  request_id: record.request_id,
  address: record.address,
  created_at: record.created_at,
})
