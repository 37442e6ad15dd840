/** Phone numbers: registered on a trunk, read with what their slots hold. */
import { type App, type Caller, newId, transact } from '#app/context.ts'
import { refuse } from '#app/refused.ts'
import type { PhoneNumber } from '#core/phone-number.ts'
import { insertAudit } from '#store/audit.ts'
import type { Listed, Page } from '#store/keyset.ts'
import { findNumber, insertNumber, listNumberRows, type NumberFilters, toPhoneNumbers } from '#store/numbers.ts'
import { findDefaultTrunk, findTrunk } from '#store/trunks.ts'

export type { NumberFilters }

/** `trunk_id` null: the organization's default trunk. */
export const registerNumber = async (
  app: App,
  caller: Caller,
  input: { readonly phone_number: string; readonly trunk_id: string | null },
): Promise<PhoneNumber> => {
  const { organization_id, key_id } = caller
  const { phone_number, trunk_id } = input
  return transact(app, async (tx, touch) => {
    const trunk =
      trunk_id === null ? await findDefaultTrunk(tx, organization_id) : await findTrunk(tx, organization_id, trunk_id)
    if (!trunk) return refuse('trunk_not_found', trunk_id === null ? [] : [trunk_id])
    const row =
      (await insertNumber(tx, { id: newId(), organization_id, phone_number, trunk_id: trunk.id })) ??
      refuse('number_exists', [phone_number])
    await insertAudit(tx, {
      organization_id,
      actor: key_id,
      action: 'phone_number.create',
      subject: row.id,
      after: { phone_number, trunk_id: trunk.id },
    })
    touch({ number_ids: [row.id] })
    const [record] = await toPhoneNumbers(tx, [row])
    return record ?? refuse('number_not_found', [phone_number])
  })
}

export const getNumber = async (app: App, caller: Caller, phone_number: string): Promise<PhoneNumber> => {
  const row = await findNumber(app.db, caller.organization_id, phone_number)
  const [record] = row ? await toPhoneNumbers(app.db, [row]) : []
  return record ?? refuse('number_not_found', [phone_number])
}

export const listNumbers = async (
  app: App,
  caller: Caller,
  page: Page,
  filters: NumberFilters,
): Promise<Listed<PhoneNumber>> => {
  const { items, next } = await listNumberRows(app.db, caller.organization_id, page, filters)
  return { items: await toPhoneNumbers(app.db, items), next }
}
