/** What inbound webhooks are signed with (Standard Webhooks): made here, shown once, kept sealed. */
import { randomBytes } from 'node:crypto'
import { by } from '#app/audit.ts'
import { type App, type Caller, transact } from '#app/context.ts'
import { requireMatch } from '#app/preconditions.ts'
import { lockNumberOrRefuse } from '#app/slots.ts'
import { insertAudit } from '#store/audit.ts'
import { lockInboundRouting, updateInboundRouting } from '#store/inbound-routing.ts'
import { setWebhookSecret } from '#store/number-routing.ts'

const SECRET_BYTES = 32

/** The secret as it is sealed and shown; the key is what its Base64 stands for. */
const newSecret = (): string => `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`

/** From here on the number's webhook is signed with it; the one before is worth nothing any more. */
export const makeNumberSecret = async (app: App, caller: Caller, phone_number: string): Promise<string> =>
  transact(app, async (tx, touch) => {
    const { id, has_webhook_secret } = await lockNumberOrRefuse(tx, caller, phone_number)
    const secret = newSecret()
    await setWebhookSecret(tx, id, app.secrets.seal(secret, `number ${id} webhook`))
    await insertAudit(tx, {
      ...by(caller),
      action: 'phone_number.webhook_secret',
      subject: id,
      before: { has_webhook_secret },
      after: { has_webhook_secret: true },
    })
    touch({ number_ids: [id] })
    return secret
  })

/** The same for the webhook that every number without a slot has. */
export const makeOrganizationSecret = async (app: App, caller: Caller): Promise<string> => {
  const { organization_id } = caller
  return transact(app, async (tx, touch) => {
    const { has_webhook_secret, revision } = await lockInboundRouting(tx, organization_id)
    requireMatch(caller, { id: organization_id, revision })
    const secret = newSecret()
    const webhook_secret = app.secrets.seal(secret, `organization ${organization_id} webhook`)
    await updateInboundRouting(tx, organization_id, { webhook_secret })
    await insertAudit(tx, {
      ...by(caller),
      action: 'inbound_routing.webhook_secret',
      subject: organization_id,
      before: { has_webhook_secret },
      after: { has_webhook_secret: true },
    })
    touch({ organization_ids: [organization_id] })
    return secret
  })
}
