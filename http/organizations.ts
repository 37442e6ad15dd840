import * as organizations from '#app/organizations.ts'
import { type Handler, ok } from '#http/call.ts'
import { toOrganizationAnswer } from '#wire/core-organization.ts'

export const getOrganization: Handler<'getOrganization'> = async ({ app, caller }) =>
  ok(toOrganizationAnswer(await organizations.getOrganization(app, caller)))
