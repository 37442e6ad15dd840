/** How a number's calls are routed besides its slots. */
import { by } from '#app/audit.ts'
import { type App, type Caller, transact } from '#app/context.ts'
import { Refused, refuse } from '#app/refused.ts'
import { holdAgents, lockNumberOrRefuse } from '#app/slots.ts'
import { requireWebhookUrl } from '#app/webhook-url.ts'
import { patchSettings, type SettingsPatch, sameSettings, settingsOf } from '#core/number-routing.ts'
import { insertAudit } from '#store/audit.ts'
import type { Tx } from '#store/database.ts'
import { findRoutedNumber, type RoutedNumber, updateSettings } from '#store/number-routing.ts'
import { holdSchedule } from '#store/schedules.ts'

export const getRouting = async (app: App, caller: Caller, phone_number: string): Promise<RoutedNumber> =>
  (await findRoutedNumber(app.db, caller.organization_id, phone_number)) ?? refuse('number_not_found', [phone_number])

/** What a change names, held in the order of locks: the agent, then the schedule. Refuses what there is not. */
export const holdNamed = async (
  tx: Tx,
  organization_id: string,
  { schedule_id, default_agent_id }: SettingsPatch,
): Promise<void> => {
  if (default_agent_id) await holdAgents(tx, organization_id, [default_agent_id])
  if (schedule_id && !(await holdSchedule(tx, organization_id, schedule_id)))
    refuse('schedule_not_found', [schedule_id])
}

/** Writes to a locked number what the change makes of its settings; null: nothing of them is different. */
export const updateRouting = async (
  tx: Tx,
  number: RoutedNumber,
  patch: SettingsPatch,
): Promise<RoutedNumber | null> => {
  const after = patchSettings(settingsOf(number), patch)
  if ('code' in after) throw new Refused(after)
  return sameSettings(number, after) ? null : updateSettings(tx, number.id, after)
}

/** Changes what is given. */
export const changeRouting = async (
  app: App,
  caller: Caller,
  phone_number: string,
  patch: SettingsPatch,
): Promise<RoutedNumber> => {
  requireWebhookUrl(app, patch.webhook_url)
  return transact(app, async (tx, touch) => {
    await holdNamed(tx, caller.organization_id, patch)
    const before = await lockNumberOrRefuse(tx, caller, phone_number)
    const after = await updateRouting(tx, before, patch)
    if (after === null) return before
    await insertAudit(tx, {
      ...by(caller),
      action: 'phone_number.routing',
      subject: before.id,
      before: settingsOf(before),
      after: settingsOf(after),
    })
    touch({ number_ids: [before.id] })
    return after
  })
}
