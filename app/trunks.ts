/** Trunks: where calls may come from. */
import type { App, Caller } from '#app/context.ts'
import { refuse } from '#app/refused.ts'
import type { Trunk } from '#core/trunk.ts'
import type { Listed, Page } from '#store/keyset.ts'
import { findTrunk, listTrunks as listRows } from '#store/trunks.ts'

export const listTrunks = async (app: App, caller: Caller, page: Page): Promise<Listed<Trunk>> =>
  listRows(app.db, caller.organization_id, page)

export const getTrunk = async (app: App, caller: Caller, id: string): Promise<Trunk> =>
  (await findTrunk(app.db, caller.organization_id, id)) ?? refuse('trunk_not_found', [id])
