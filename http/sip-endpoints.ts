import * as endpoints from '#app/sip-endpoints.ts'
import { type Handler, NO_CONTENT, ok } from '#http/call.ts'
import { toSipEndpointAnswer } from '#wire/core-agent.ts'

export const deployAsSip: Handler<'deployAsSip'> = async ({ app, caller, path, body }) => {
  const endpoint = await endpoints.deployAsSip(app, caller, path.id, { version: body.version ?? null })
  return ok(toSipEndpointAnswer(endpoint), { id: path.id, revision: endpoint.revision })
}

export const removeSipEndpoint: Handler<'removeSipEndpoint'> = async ({ app, caller, path }) => {
  await endpoints.removeSipEndpoint(app, caller, path.id)
  return NO_CONTENT
}
