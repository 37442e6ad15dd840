import type { App, Caller } from '#app/context.ts'
import { refuse } from '#app/refused.ts'
import type { AccountNumber } from '#core/account-number.ts'
import { toAccountNumbers } from '#store/account-numbers.ts'
import type { Listed, Page } from '#store/keyset.ts'
import { listNumberRows, toPhoneNumbers } from '#store/numbers.ts'
import { findOrganization } from '#store/organizations.ts'

export type AccountNumbers = Listed<AccountNumber> & { readonly workspace_id: number }

/** The organization's numbers, newest first. */
export const listAccountNumbers = async (app: App, caller: Caller, page: Page): Promise<AccountNumbers> => {
  const { organization_id } = caller
  const organization = await findOrganization(app.db, organization_id)
  // Nobody acts for an organization that is not there.
  if (!organization) return refuse('organization_mismatch')
  const { items, next } = await listNumberRows(app, organization_id, page, {})
  const numbers = await toAccountNumbers(app.db, organization_id, await toPhoneNumbers(app.db, items))
  return { items: numbers, next, workspace_id: organization.workspace_id }
}
