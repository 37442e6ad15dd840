/** What an organization does with calls to numbers whose slot is empty: one row each, once it was set. */
import { sql } from 'kysely'
import type { InboundRoutingRecord, InboundRoutingSettings } from '#core/inbound-routing.ts'
import type { Db, Tx } from '#store/database.ts'

const COLUMNS = ['organization_id', 'enabled', 'webhook_url', 'fallback_agent_id', 'revision', 'updated_at'] as const
const HAS_SECRET = sql<boolean>`webhook_secret is not null`.as('has_webhook_secret')

const of = (db: Db, organization_id: string) =>
  db
    .selectFrom('inbound_routing')
    .select([...COLUMNS, HAS_SECRET])
    .where('organization_id', '=', organization_id)

export const findInboundRouting = async (db: Db, organization_id: string): Promise<InboundRoutingRecord | undefined> =>
  of(db, organization_id).executeTakeFirst()

/** Under lock; made as it was by default where it was never set, at revision 0. */
export const lockInboundRouting = async (tx: Tx, organization_id: string): Promise<InboundRoutingRecord> => {
  await tx
    .insertInto('inbound_routing')
    .values({ organization_id, enabled: false, revision: 0 })
    .onConflict(conflict => conflict.doNothing())
    .execute()
  return of(tx, organization_id).forNoKeyUpdate().executeTakeFirstOrThrow()
}

export const updateInboundRouting = async (
  tx: Tx,
  organization_id: string,
  change: Partial<InboundRoutingSettings & { readonly webhook_secret: string }>,
): Promise<InboundRoutingRecord> =>
  tx
    .updateTable('inbound_routing')
    .set({ ...change, revision: sql`revision + 1`, updated_at: sql`now()` })
    .where('organization_id', '=', organization_id)
    .returning([...COLUMNS, HAS_SECRET])
    .executeTakeFirstOrThrow()

/** Whether the agent was the fallback. */
export const clearFallbackAgent = async (tx: Tx, organization_id: string, agent_id: string): Promise<boolean> => {
  const { numUpdatedRows } = await tx
    .updateTable('inbound_routing')
    .set({ fallback_agent_id: null, revision: sql`revision + 1`, updated_at: sql`now()` })
    .where('organization_id', '=', organization_id)
    .where('fallback_agent_id', '=', agent_id)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}
