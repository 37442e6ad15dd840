/** Phone numbers and the extensions beneath them: registered on a trunk, read with what their slots hold. */
import { by } from '#app/audit.ts'
import { type App, type Caller, newId, transact } from '#app/context.ts'
import { getRouting } from '#app/number-routing.ts'
import { requireMatch } from '#app/preconditions.ts'
import { heldBefore } from '#app/publish.ts'
import { refuse } from '#app/refused.ts'
import { settingsOf } from '#core/number-routing.ts'
import type { PhoneNumber } from '#core/phone-number.ts'
import { insertAudit } from '#store/audit.ts'
import type { Db, Tx } from '#store/database.ts'
import type { Listed, Page } from '#store/keyset.ts'
import {
  deleteNumber as deleteRow,
  extensionsOf,
  findNumber,
  insertNumber,
  listNumberRows,
  lockNumber,
  type NumberChange,
  type NumberFilters,
  type NumberRow,
  toPhoneNumbers,
  updateNumber as updateRow,
} from '#store/numbers.ts'
import { holdTrunk } from '#store/trunks.ts'

export type { NumberFilters }

const toPhoneNumber = async (db: Db, row: NumberRow): Promise<PhoneNumber> => {
  const [record] = await toPhoneNumbers(db, [row])
  return record ?? refuse('number_not_found', [row.phone_number])
}

/** `base_number`: `phone_number` is an extension beneath it. `trunk_id` null: the base number's, or else the default trunk. */
export type NewNumber = {
  readonly phone_number: string
  readonly base_number: string | null
  readonly trunk_id: string | null
}

/** Held until the transaction ends, so that neither trunk nor base number is deleted meanwhile. */
const holdPlace = async (tx: Tx, organization_id: string, { base_number, trunk_id }: NewNumber): Promise<string> => {
  const base = base_number === null ? undefined : await lockNumber(tx, organization_id, base_number, 'share')
  if (base_number !== null && (!base || base.base_number !== null)) return refuse('number_not_found', [base_number])
  const wanted = trunk_id ?? base?.trunk_id ?? null
  return (await holdTrunk(tx, organization_id, wanted)) ?? refuse('trunk_not_found', wanted === null ? [] : [wanted])
}

export const registerNumber = async (app: App, caller: Caller, input: NewNumber): Promise<PhoneNumber> => {
  const { organization_id } = caller
  const { phone_number, base_number } = input
  return transact(app, async (tx, touch) => {
    const trunk_id = await holdPlace(tx, organization_id, input)
    const row =
      (await insertNumber(tx, { id: newId(), organization_id, phone_number, base_number, trunk_id })) ??
      refuse('number_exists', [phone_number])
    await insertAudit(tx, {
      ...by(caller),
      action: 'phone_number.create',
      subject: row.id,
      after: { phone_number, trunk_id, ...(base_number === null ? {} : { base_number }) },
    })
    touch({ number_ids: [row.id] })
    return toPhoneNumber(tx, row)
  })
}

const lockOrRefuse = async (tx: Tx, caller: Caller, phone_number: string): Promise<NumberRow> => {
  const row = await lockNumber(tx, caller.organization_id, phone_number, 'update')
  if (!row) return refuse('number_not_found', [phone_number])
  requireMatch(caller, row)
  return row
}

/** Changes what is given. Routing reads neither. */
export const updateNumber = async (
  app: App,
  caller: Caller,
  phone_number: string,
  change: Partial<NumberChange>,
): Promise<PhoneNumber> =>
  transact(app, async tx => {
    const current = await lockOrRefuse(tx, caller, phone_number)
    if (Object.keys(change).length === 0) return toPhoneNumber(tx, current)
    const { id, outbound_shareable, label } = current
    const before: NumberChange = { outbound_shareable, label }
    const after = { ...before, ...change }
    const row = await updateRow(tx, id, after)
    await insertAudit(tx, { ...by(caller), action: 'phone_number.update', subject: id, before, after })
    return toPhoneNumber(tx, row)
  })

/** Its slots go with it; conversations stay. A number with extensions beneath it stays until they are gone. */
export const deleteNumber = async (app: App, caller: Caller, phone_number: string): Promise<void> =>
  transact(app, async (tx, touch) => {
    await lockOrRefuse(tx, caller, phone_number)
    const row = await getRouting({ ...app, db: tx }, caller, phone_number)
    const { base_number, trunk_id, outbound_shareable, label } = row
    const extensions = base_number === null ? await extensionsOf(tx, row.organization_id, phone_number) : []
    if (extensions.length > 0) refuse('number_has_extensions', extensions)
    await deleteRow(tx, row.id)
    await insertAudit(tx, {
      ...by(caller),
      action: 'phone_number.delete',
      subject: row.id,
      before: {
        ...{ phone_number, base_number, trunk_id, outbound_shareable, label },
        slots: heldBefore([row]),
        routing: settingsOf(row),
      },
    })
    touch({ number_ids: [row.id] })
  })

export const getNumber = async (app: App, caller: Caller, phone_number: string): Promise<PhoneNumber> => {
  const row = await findNumber(app.db, caller.organization_id, phone_number)
  return row ? toPhoneNumber(app.db, row) : refuse('number_not_found', [phone_number])
}

export const listNumbers = async (
  app: App,
  caller: Caller,
  page: Page,
  filters: NumberFilters,
): Promise<Listed<PhoneNumber>> => {
  const { items, next } = await listNumberRows(app, caller.organization_id, page, filters)
  return { items: await toPhoneNumbers(app.db, items), next }
}
