/** Agents as others name them: in slots, after hours, as a fallback. */
import { sql } from 'kysely'
import type { Tx } from '#store/database.ts'

/**
 * Locked so that none of them is deleted, or publishes, while this transaction lasts; in the order of their ids, and before
 * any schedule or number. Answers those that exist.
 */
export const holdAgents = async (
  tx: Tx,
  organization_id: string,
  ids: readonly string[],
): Promise<ReadonlySet<string>> => {
  const { rows } = await sql<{ id: string }>`
    select id from agents
    where organization_id = ${organization_id} and id = any(${ids}::uuid[]) and deleted_at is null
    order by id for share`.execute(tx)
  return new Set(rows.map(row => row.id))
}

export type VersionNamed = { readonly agent_id: string; readonly version: number | null }
export type VersionFound = VersionNamed & {
  /** null: the agent has no such version. */
  readonly published: boolean | null
  /** Whether the agent has published any. */
  readonly has_published: boolean
}

/** What each of these names means now, in their order. */
export const findVersionsNamed = async (tx: Tx, named: readonly VersionNamed[]): Promise<readonly VersionFound[]> => {
  const { rows } = await sql<VersionFound>`
    select n.agent_id, n.version, v.published,
      exists (select from agent_versions p where p.agent_id = n.agent_id and p.published) as has_published
    from unnest(${named.map(each => each.agent_id)}::uuid[], ${named.map(each => each.version)}::integer[])
      with ordinality as n(agent_id, version, position)
    left join agent_versions v on v.agent_id = n.agent_id and v.version = n.version
    order by n.position`.execute(tx)
  return rows
}
