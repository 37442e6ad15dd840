import * as routing from '#app/inbound-routing.ts'
import { makeOrganizationSecret } from '#app/webhook-secrets.ts'
import type { InboundRoutingRecord } from '#core/inbound-routing.ts'
import { type Handler, ok } from '#http/call.ts'
import { toInboundRoutingAnswer, toInboundRoutingChange } from '#wire/core-inbound-routing.ts'

const reply = (record: InboundRoutingRecord) =>
  ok(toInboundRoutingAnswer(record), { id: record.organization_id, revision: record.revision })

export const getInboundRouting: Handler<'getInboundRouting'> = async ({ app, caller }) =>
  reply(await routing.getInboundRouting(app, caller))

export const putInboundRouting: Handler<'putInboundRouting'> = async ({ app, caller, body }) =>
  reply(await routing.putInboundRouting(app, caller, toInboundRoutingChange(body)))

export const makeInboundRoutingSecret: Handler<'makeInboundRoutingSecret'> = async ({ app, caller }) => {
  const webhook_secret = await makeOrganizationSecret(app, caller)
  return { ...ok({ webhook_secret }), secret_of: caller.organization_id }
}
