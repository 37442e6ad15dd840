import * as organizations from '#app/organizations.ts'
import { type Handler, ok } from '#http/call.ts'
import { listed, pageFrom } from '#http/paging.ts'
import { toOrganizationAnswer } from '#wire/core-organization.ts'

export const getOrganization: Handler<'getOrganization'> = async ({ app, caller }) =>
  ok(toOrganizationAnswer(await organizations.getOrganization(app, caller)))

export const listOrganizations: Handler<'listOrganizations'> = async ({ app, caller, query, url }) =>
  listed(url, await organizations.listOrganizations(app, caller, pageFrom(query, 'uuid')), toOrganizationAnswer)

export const createOrganization: Handler<'createOrganization'> = async ({ app, caller, body }) => {
  const { organization, first_key } = await organizations.foundOrganization(app, caller, body)
  const answer = { key_id: first_key?.id ?? null, pat_key: first_key?.credential ?? null }
  return {
    ...ok({ ...toOrganizationAnswer(organization), ...answer }),
    ...(first_key ? { secret_of: first_key.id } : {}),
  }
}
