import * as routing from '#app/number-routing.ts'
import * as slots from '#app/slots.ts'
import * as secrets from '#app/webhook-secrets.ts'
import { BadInput } from '#http/bad-input.ts'
import { type Handler, ok } from '#http/call.ts'
import { toNumberRoutingAnswer, toSettingsPatch } from '#wire/core-number-routing.ts'
import { listFaults, toSlotAgent, toWanted } from '#wire/core-slot.ts'
import { forwardFaults } from '#wire/forward-target.ts'

const slotReply = (slot: slots.Slot) => ok({ agents: slot.entries.map(toSlotAgent) }, slot)

export const getSlot: Handler<'getSlot'> = async ({ app, caller, path }) =>
  slotReply(await slots.getSlot(app, caller, path.phone_number, path.direction))

export const putSlot: Handler<'putSlot'> = async ({ app, caller, path, body }) => {
  const wanted = body.agents.map(toWanted)
  const faults = listFaults(wanted, ['agents'])
  if (faults.length > 0) throw new BadInput('body', faults)
  return slotReply(await slots.putSlot(app, caller, path.phone_number, path.direction, wanted))
}

export const getNumberRouting: Handler<'getNumberRouting'> = async ({ app, caller, path }) => {
  const number = await routing.getRouting(app, caller, path.phone_number)
  return ok(toNumberRoutingAnswer(number), number)
}

export const updateNumberRouting: Handler<'updateNumberRouting'> = async ({ app, caller, path, body }) => {
  const faults = forwardFaults(body.forward, ['forward'])
  if (faults.length > 0) throw new BadInput('body', faults)
  const number = await routing.changeRouting(app, caller, path.phone_number, toSettingsPatch(body))
  return ok(toNumberRoutingAnswer(number), number)
}

export const makeNumberSecret: Handler<'makeNumberSecret'> = async ({ app, caller, path }) => {
  const webhook_secret = await secrets.makeNumberSecret(app, caller, path.phone_number)
  return { ...ok({ webhook_secret }), secret_of: path.phone_number }
}
