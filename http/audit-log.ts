import * as audit from '#app/audit.ts'
import type { Handler } from '#http/call.ts'
import { filtersFrom, listed, pageFrom } from '#http/paging.ts'
import { toAuditAnswer } from '#wire/core-audit.ts'

export const listAuditLog: Handler<'listAuditLog'> = async ({ app, caller, query, url }) =>
  listed(url, await audit.listAuditLog(app, caller, pageFrom(query, 'uuid'), filtersFrom(query)), toAuditAnswer)
