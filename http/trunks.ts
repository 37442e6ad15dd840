import * as trunks from '#app/trunks.ts'
import { type Handler, ok } from '#http/call.ts'
import { listed, pageFrom } from '#http/paging.ts'
import { toTrunkAnswer } from '#wire/core-trunk.ts'

export const listTrunks: Handler<'listTrunks'> = async ({ app, caller, query, url }) =>
  listed(url, await trunks.listTrunks(app, caller, pageFrom(query, 'uuid')), toTrunkAnswer)

export const getTrunk: Handler<'getTrunk'> = async ({ app, caller, path }) =>
  ok(toTrunkAnswer(await trunks.getTrunk(app, caller, path.id)))
