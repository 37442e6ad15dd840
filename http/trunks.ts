import * as trunks from '#app/trunks.ts'
import { BadInput } from '#http/bad-input.ts'
import { type Handler, NO_CONTENT, ok } from '#http/call.ts'
import { listed, pageFrom } from '#http/paging.ts'
import { toTrunkAnswer } from '#wire/core-trunk.ts'
import { toTrunkConfigs, trunkFaults } from '#wire/trunk-input.ts'

export const listTrunks: Handler<'listTrunks'> = async ({ app, caller, query, url }) =>
  listed(url, await trunks.listTrunks(app, caller, pageFrom(query, 'uuid')), toTrunkAnswer)

export const getTrunk: Handler<'getTrunk'> = async ({ app, caller, path }) => {
  const trunk = await trunks.getTrunk(app, caller, path.id)
  return ok(toTrunkAnswer(trunk), trunk)
}

const configsFrom = (body: Parameters<typeof toTrunkConfigs>[0]) => {
  const faults = trunkFaults(body)
  if (faults.length > 0) throw new BadInput('body', faults)
  return toTrunkConfigs(body)
}

export const createTrunk: Handler<'createTrunk'> = async ({ app, caller, body }) => {
  const trunk = await trunks.createTrunk(app, caller, { name: body.name, ...configsFrom(body) })
  return ok(toTrunkAnswer(trunk), trunk)
}

export const updateTrunk: Handler<'updateTrunk'> = async ({ app, caller, path, body }) => {
  const change = { ...(typeof body.name === 'string' ? { name: body.name } : {}), ...configsFrom(body) }
  const trunk = await trunks.updateTrunk(app, caller, path.id, change)
  return ok(toTrunkAnswer(trunk), trunk)
}

export const deleteTrunk: Handler<'deleteTrunk'> = async ({ app, caller, path }) => {
  await trunks.deleteTrunk(app, caller, path.id)
  return NO_CONTENT
}
