/** What an organization does with calls to numbers whose slot is empty. */
import { by } from '#app/audit.ts'
import { type App, type Caller, transact } from '#app/context.ts'
import { requireMatch } from '#app/preconditions.ts'
import { holdAgents } from '#app/slots.ts'
import { requireWebhookUrl } from '#app/webhook-url.ts'
import { type InboundRoutingRecord, type InboundRoutingSettings, neverSet } from '#core/inbound-routing.ts'
import { insertAudit } from '#store/audit.ts'
import { findInboundRouting, lockInboundRouting, updateInboundRouting } from '#store/inbound-routing.ts'

export const getInboundRouting = async (app: App, caller: Caller): Promise<InboundRoutingRecord> =>
  (await findInboundRouting(app.db, caller.organization_id)) ?? neverSet(caller.organization_id)

const settingsOf = ({ enabled, webhook_url, fallback_agent_id }: InboundRoutingSettings): InboundRoutingSettings => ({
  enabled,
  webhook_url,
  fallback_agent_id,
})

/** Changes what is given. */
export const putInboundRouting = async (
  app: App,
  caller: Caller,
  change: Partial<InboundRoutingSettings>,
): Promise<InboundRoutingRecord> => {
  const { organization_id } = caller
  requireWebhookUrl(app, change.webhook_url)
  return transact(app, async (tx, touch) => {
    if (change.fallback_agent_id) await holdAgents(tx, organization_id, [change.fallback_agent_id])
    const before = await lockInboundRouting(tx, organization_id)
    requireMatch(caller, { id: organization_id, revision: before.revision })
    const after = await updateInboundRouting(tx, organization_id, { ...settingsOf(before), ...change })
    await insertAudit(tx, {
      ...by(caller),
      action: 'inbound_routing.update',
      subject: organization_id,
      before: settingsOf(before),
      after: settingsOf(after),
    })
    touch({ organization_ids: [organization_id] })
    return after
  })
}
