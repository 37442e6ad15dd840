/** Who answers a number and who calls from it, all in one step: what UponAI's dialect calls its assignment. */
import { by } from '#app/audit.ts'
import { type App, type Caller, transact } from '#app/context.ts'
import { updateRouting } from '#app/number-routing.ts'
import { refuse } from '#app/refused.ts'
import { holdAgents, lockNumberOrRefuse, putSlotEntries, resolveEntries, type SlotChange } from '#app/slots.ts'
import { requireWebhookUrl } from '#app/webhook-url.ts'
import type { AccountNumber } from '#core/account-number.ts'
import { keepArms } from '#core/keep-arms.ts'
import { settingsOf } from '#core/number-routing.ts'
import type { WantedEntry } from '#core/slot.ts'
import { insertAudit } from '#store/audit.ts'
import type { Db, Tx } from '#store/database.ts'
import { findRoutedNumber, type RoutedNumber } from '#store/number-routing.ts'
import { findNumber, toPhoneNumbers } from '#store/numbers.ts'
import { findOrganization } from '#store/organizations.ts'

/** What is absent stays as it is. Lists must be without faults (core/slot.ts). */
export type NumberAssignment = {
  readonly inbound?: readonly WantedEntry[]
  readonly outbound?: readonly WantedEntry[]
  readonly webhook_url?: string | null
  readonly time_routing_enabled?: boolean
}

export type AssignedNumber = { readonly number: AccountNumber; readonly changed: boolean }

/** The workspace is an organization's only one: any other integer names nothing. */
const requireWorkspace = async (db: Db, organization_id: string, workspace_id: number): Promise<void> => {
  const organization = await findOrganization(db, organization_id)
  if (organization?.workspace_id !== workspace_id) refuse('workspace_not_found', [String(workspace_id)])
}

/** Its agents are held before the number is locked, as every writer of slots does. */
const resolve = async (
  tx: Tx,
  caller: Caller,
  phone_number: string,
  { inbound = [], outbound = [] }: NumberAssignment,
) => {
  // Said first when it is so; asked again under the lock.
  if (!(await findNumber(tx, caller.organization_id, phone_number))) refuse('number_not_found', [phone_number])
  const agent_ids = [...inbound, ...outbound].map(entry => entry.agent_id)
  await holdAgents(tx, caller.organization_id, agent_ids)
  return { inbound: await resolveEntries(tx, inbound), outbound: await resolveEntries(tx, outbound) }
}

const putSlots = async (
  tx: Tx,
  row: RoutedNumber,
  wanted: NumberAssignment,
  entries: Awaited<ReturnType<typeof resolve>>,
) => {
  const [held] = await toPhoneNumbers(tx, [row])
  const change: SlotChange = {
    ...(wanted.inbound ? { inbound: keepArms(entries.inbound, held?.inbound ?? []) } : {}),
    ...(wanted.outbound ? { outbound: keepArms(entries.outbound, held?.outbound ?? []) } : {}),
  }
  return putSlotEntries(tx, row, change)
}

const read = async (tx: Tx, caller: Caller, phone_number: string): Promise<AccountNumber> => {
  const row = await findRoutedNumber(tx, caller.organization_id, phone_number)
  const [number] = row ? await toPhoneNumbers(tx, [row]) : []
  return row && number ? { ...row, ...number } : refuse('number_not_found', [phone_number])
}

/** All or nothing; what is so already is not written again. */
export const assignNumber = async (
  app: App,
  caller: Caller,
  workspace_id: number,
  phone_number: string,
  wanted: NumberAssignment,
): Promise<AssignedNumber> =>
  transact(app, async (tx, touch) => {
    await requireWorkspace(tx, caller.organization_id, workspace_id)
    const entries = await resolve(tx, caller, phone_number, wanted)
    requireWebhookUrl(app, wanted.webhook_url)
    const row = await lockNumberOrRefuse(tx, caller, phone_number)
    const { inbound: _in, outbound: _out, ...settings } = wanted
    const slots = await putSlots(tx, row, wanted, entries)
    const routed = await updateRouting(tx, row, settings)
    const changed = slots !== null || routed !== null
    if (changed) {
      await insertAudit(tx, {
        ...by(caller),
        action: 'phone_number.assign',
        subject: row.id,
        before: { ...slots?.before, ...(routed ? settingsOf(row) : {}) },
        after: { ...slots?.after, ...(routed ? settingsOf(routed) : {}) },
      })
      touch({ number_ids: [row.id] })
    }
    return { number: await read(tx, caller, phone_number), changed }
  })
