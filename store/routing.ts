/** What a routing table is filled from: all of it, or just what a change named. */
import { sql } from 'kysely'
import type { AgentRoute, Assignment, AssignmentEntry, VersionRoute } from '#core/routing-table.ts'
import { scriptOf } from '#core/script.ts'
import type { Trunk } from '#core/trunk.ts'
import type { JsonObject } from '#core/version.ts'
import type { Db } from '#store/database.ts'
import { preparedIfFew } from '#store/pipelined.ts'

/** A number as the routing table reads it; its assignment by id. */
export type NumberRouteRow = {
  readonly id: string
  readonly organization_id: string
  readonly phone_number: string
  readonly inbound_assignment_id: string | null
}

const NUMBER_COLUMNS = ['id', 'organization_id', 'phone_number', 'inbound_assignment_id'] as const

/** Numbers in order of id, a page after `after`. */
export const pageNumberRoutes = async (
  db: Db,
  after: string | null,
  limit: number,
): Promise<readonly NumberRouteRow[]> => {
  let query = db.selectFrom('phone_numbers').select(NUMBER_COLUMNS)
  if (after !== null) query = query.where('id', '>', after)
  return query.orderBy('id').limit(limit).execute()
}

export const readNumberRoutes = async (db: Db, ids: readonly string[]): Promise<readonly NumberRouteRow[]> => {
  const { rows } = await sql<NumberRouteRow>`${preparedIfFew(ids)}
    select ${sql.join(NUMBER_COLUMNS.map(column => sql.ref(column)))} from phone_numbers
    where id = any(${ids}::uuid[])`.execute(db)
  return rows
}

export const readAssignments = async (db: Db, ids: readonly string[]): Promise<readonly Assignment[]> => {
  const { rows } = await sql<AssignmentEntry & { assignment_id: string }>`
    select assignment_id, agent_id, version, weight_bp, arm from slot_entries
    where assignment_id = any(${ids}::uuid[]) order by assignment_id, position`.execute(db)
  const entries = Map.groupBy(rows, row => row.assignment_id)
  return [...entries].map(([id, list]) => ({ id, entries: list.map(({ assignment_id: _, ...entry }) => entry) }))
}

/** A trunk as the routing table reads it; its credentials still sealed. */
export type TrunkRouteRow = Pick<Trunk, 'id' | 'organization_id' | 'inbound_config'> & {
  readonly inbound_secret: string | null
}

export const readTrunkRoutes = async (db: Db, ids: readonly string[] | null): Promise<readonly TrunkRouteRow[]> => {
  const { rows } = await sql<TrunkRouteRow>`
    select id, organization_id, inbound_config, inbound_secret from trunks
    where ${ids === null ? sql`true` : sql`id = any(${ids}::uuid[])`}`.execute(db)
  return rows
}

/** Agents that a SIP address leads to; those that numbers lead to are named by their assignments. */
export const readSipAgentIds = async (db: Db): Promise<readonly string[]> => {
  const { rows } = await sql<{ agent_id: string }>`select agent_id from sip_endpoints`.execute(db)
  return rows.map(row => row.agent_id)
}

type AgentRow = Pick<AgentRoute, 'id' | 'organization_id' | 'name' | 'active'> & {
  readonly deployed: boolean
  readonly sip_version: number | null
}
type VersionRow = Pick<VersionRoute, 'id' | 'agent_id' | 'version'> & { readonly config: JsonObject }

/** `pins`: the versions that assignments name, which are read beside each agent's latest and the one its SIP endpoint pins. */
export const readAgentRoutes = async (
  db: Db,
  ids: readonly string[],
  pins: readonly { readonly agent_id: string; readonly version: number }[],
): Promise<readonly AgentRoute[]> => {
  const agents = await sql<AgentRow>`${preparedIfFew(ids)}
    select a.id, a.organization_id, a.name, a.active, s.agent_id is not null as deployed, s.version as sip_version
    from agents a left join sip_endpoints s on s.agent_id = a.id
    where a.id = any(${ids}::uuid[]) and a.deleted_at is null`.execute(db)
  const versions = await sql<VersionRow>`${preparedIfFew(ids, pins)}
    with wanted as (
      select a.id as agent_id, latest.version from unnest(${ids}::uuid[]) as a(id)
        cross join lateral (select version from agent_versions where agent_id = a.id and published
          order by version desc limit 1) latest
      union select agent_id, version from sip_endpoints where agent_id = any(${ids}::uuid[]) and version is not null
      union select * from unnest(${pins.map(pin => pin.agent_id)}::uuid[], ${pins.map(pin => pin.version)}::integer[])
    )
    select v.id, v.agent_id, v.version, jsonb_build_object(
      'starting_message', v.config->'starting_message', 'limits', v.config->'limits',
      'stt_llm_tts', v.config->'stt_llm_tts', 'dynamic_variables', v.config->'dynamic_variables') as config
    from wanted w join agent_versions v on v.agent_id = w.agent_id and v.version = w.version and v.published`.execute(
    db,
  )
  const byAgent = Map.groupBy(versions.rows, row => row.agent_id)
  return agents.rows.map(({ deployed, sip_version, ...agent }) => {
    const routes = (byAgent.get(agent.id) ?? []).map(({ config, ...row }) => ({ ...row, script: scriptOf(config) }))
    const latest = routes.reduce<VersionRoute | null>((a, b) => (a === null || b.version > a.version ? b : a), null)
    return {
      ...agent,
      latest_published: latest,
      versions: new Map(routes.map(route => [route.version, route])),
      sip_endpoint: deployed ? { version: sip_version } : null,
    }
  })
}
