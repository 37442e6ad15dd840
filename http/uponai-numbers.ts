/** UponAI's dialect: an account's numbers, and who answers them. */
import * as assignments from '#app/assign-number.ts'
import * as numbers from '#app/list-account-numbers.ts'
import { BadInput } from '#http/bad-input.ts'
import { type Handler, ok } from '#http/call.ts'
import { pageFrom, pageHeaders } from '#http/paging.ts'
import { NUMBERS_LIMIT } from '#wire/operations-uponai.ts'
import { readAssignment } from '#wire/uponai-assignment.ts'
import { toUponaiAssignmentAnswer, toUponaiNumberAnswer } from '#wire/uponai-number.ts'

export const assignNumber: Handler<'assignNumber'> = async ({ app, caller, path, body }) => {
  const wanted = readAssignment(body)
  if ('faults' in wanted) throw new BadInput('body', wanted.faults)
  const { workspaceId } = body
  const { number, changed } = await assignments.assignNumber(app, caller, workspaceId, path.number, wanted)
  return ok(toUponaiAssignmentAnswer(number, workspaceId, changed), number)
}

export const listAccountNumbers: Handler<'listAccountNumbers'> = async ({ app, caller, query, url }) => {
  const page = pageFrom({ ...query, limit: query.limit ?? NUMBERS_LIMIT }, 'uuid')
  const { items, next, workspace_id } = await numbers.listAccountNumbers(app, caller, page)
  const body = { success: true, numbers: items.map(number => toUponaiNumberAnswer(number, workspace_id)) }
  return { status: 200, body, headers: pageHeaders(url, next) }
}
