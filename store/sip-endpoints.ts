import { sql } from 'kysely'
import type { SipEndpoint } from '#core/agent.ts'
import type { Db, Tx } from '#store/database.ts'

const COLUMNS = ['agent_id', 'version', 'revision', 'created_at'] as const

/** Deploys the agent, or changes what its endpoint names; `created_at` stays the first deployment's. */
export const upsertSipEndpoint = async (
  tx: Tx,
  row: { agent_id: string; organization_id: string; version: number | null },
): Promise<SipEndpoint> =>
  tx
    .insertInto('sip_endpoints')
    .values(row)
    .onConflict(conflict =>
      conflict.column('agent_id').doUpdateSet({
        version: row.version,
        revision: sql`sip_endpoints.revision + (sip_endpoints.version is distinct from excluded.version)::integer`,
      }),
    )
    .returning(COLUMNS)
    .executeTakeFirstOrThrow()

export const findSipEndpoint = async (db: Db, agent_id: string): Promise<SipEndpoint | undefined> =>
  db.selectFrom('sip_endpoints').select(COLUMNS).where('agent_id', '=', agent_id).executeTakeFirst()

/** The endpoint as it was; undefined when there was none. */
export const deleteSipEndpoint = async (tx: Tx, agent_id: string): Promise<SipEndpoint | undefined> =>
  tx.deleteFrom('sip_endpoints').where('agent_id', '=', agent_id).returning(COLUMNS).executeTakeFirst()
