/** What a routing table is filled from: all of it, or just what a change named. */
import { type RawBuilder, sql } from 'kysely'
import type { AgentRoute, AssignmentEntry, VersionRoute } from '#core/routing-table.ts'
import type { ScheduleRules } from '#core/schedule.ts'
import { scriptOf } from '#core/script.ts'
import type { Trunk } from '#core/trunk.ts'
import type { JsonObject } from '#core/version.ts'
import type { Db } from '#store/database.ts'
import { ahead, preparedIfFew } from '#store/pipelined.ts'

/** What a number has in common with others, by which they are read together; webhook_secret still sealed. */
export type SharedRouteRow = {
  readonly organization_id: string
  readonly trunk_id: string
  readonly inbound_assignment_id: string | null
  readonly outbound_assignment_id: string | null
  readonly stickiness: 'caller' | 'call'
  /** null where time routing is off. */
  readonly schedule_id: string | null
  readonly webhook_url: string | null
  readonly webhook_timeout_ms: number | null
  readonly webhook_secret: string | null
  readonly default_agent_id: string | null
  readonly forward: string | null
  readonly message: string | null
}

/** Numbers that are routed alike. `numbers`: of each its id and the number itself, without a space; one space between two. */
export type NumberRoutesRow = SharedRouteRow & { readonly numbers: string }

export const ID_LENGTH = 36

/**
 * Numbers that are routed alike come as one row: a million rows of twelve columns cost the reader four times as long. `of` is
 * what is read, with phone_numbers' columns.
 */
const routesOf = (of: RawBuilder<unknown>) => sql<NumberRoutesRow>`
  select organization_id, trunk_id, inbound_assignment_id, outbound_assignment_id, stickiness,
    case when time_routing_enabled then schedule_id end as schedule_id, webhook_url, webhook_timeout_ms, webhook_secret,
    default_agent_id, forward, message, string_agg(id::text || phone_number, ' ') as numbers
  from ${of} group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12`

/** Numbers in order of id, `limit` of them after `after`. With less memory for it PostgreSQL would sort them on disk, in twice the time. */
export const pageNumberRoutes = async (
  db: Db,
  after: string | null,
  limit: number,
): Promise<readonly NumberRoutesRow[]> => {
  const from = after === null ? sql`` : sql`where id > ${after}`
  return db.transaction().execute(async tx => {
    await sql`${ahead}set local work_mem = '64MB'`.execute(tx)
    const page = routesOf(sql`(select * from phone_numbers ${from} order by id limit ${limit}) page`)
    return (await page.execute(tx)).rows
  })
}

export const readNumberRoutes = async (db: Db, ids: readonly string[]): Promise<readonly NumberRoutesRow[]> => {
  const { rows } = await sql<NumberRoutesRow>`${preparedIfFew(ids)}${routesOf(
    sql`(select * from phone_numbers where id = any(${ids}::uuid[])) named`,
  )}`.execute(db)
  return rows
}

/** A weighted list with the organization whose luck it shares. */
export type AssignmentRow = {
  readonly id: string
  readonly organization_id: string
  readonly entries: readonly AssignmentEntry[]
}

export const readAssignments = async (db: Db, ids: readonly string[]): Promise<readonly AssignmentRow[]> => {
  const { rows } = await sql<AssignmentEntry & { assignment_id: string; organization_id: string }>`${preparedIfFew(ids)}
    select assignment_id, organization_id, agent_id, version, weight_bp, arm from slot_entries
    where assignment_id = any(${ids}::uuid[]) order by assignment_id, position`.execute(db)
  const lists = Map.groupBy(rows, row => row.assignment_id)
  return [...lists].map(([id, list]) => ({
    id,
    organization_id: list[0]?.organization_id ?? '',
    entries: list.map(({ agent_id, version, weight_bp, arm }) => ({ agent_id, version, weight_bp, arm })),
  }))
}

/** A trunk as the routing table reads it; its secrets still sealed. */
export type TrunkRouteRow = Pick<Trunk, 'id' | 'organization_id' | 'outbound_config'> & {
  /** Absent in rows older than the choice. */
  readonly inbound_config: Trunk['inbound_config'] & {
    readonly forwarding?: 'redirect' | 'bridge'
    readonly trust_asserted_identity?: boolean
  }
  readonly inbound_secret: string | null
  readonly outbound_secret: string | null
}

/** null: all of them. */
type Named = readonly string[] | null

const named = (column: string, ids: Named) => (ids === null ? sql`true` : sql`${sql.ref(column)} = any(${ids}::uuid[])`)

export const readTrunkRoutes = async (db: Db, ids: Named): Promise<readonly TrunkRouteRow[]> => {
  const { rows } = await sql<TrunkRouteRow>`
    select id, organization_id, inbound_config, outbound_config, inbound_secret, outbound_secret from trunks
    where ${named('id', ids)}`.execute(db)
  return rows
}

/** As stored; null: the fallback ladder answers. */
export type AfterHoursRow =
  | { readonly agents: readonly AssignmentEntry[] }
  | { readonly forward: string }
  | { readonly message: string }

export type ScheduleRouteRow = {
  readonly id: string
  readonly organization_id: string
  readonly name: string
  readonly timezone: string
  readonly weekly: ScheduleRules['weekly']
  readonly dates: ScheduleRules['dates']
  readonly after_hours: AfterHoursRow | null
}

export const readScheduleRoutes = async (db: Db, ids: Named): Promise<readonly ScheduleRouteRow[]> => {
  const { rows } = await sql<ScheduleRouteRow>`
    select id, organization_id, name, timezone, weekly, dates, after_hours from schedules
    where ${named('id', ids)}`.execute(db)
  return rows
}

/** An enabled configuration; its secret still sealed. */
export type InboundRoutingRow = {
  readonly organization_id: string
  readonly webhook_url: string | null
  readonly webhook_secret: string | null
  readonly fallback_agent_id: string | null
}

export const readInboundRouting = async (db: Db, organization_ids: Named): Promise<readonly InboundRoutingRow[]> => {
  const { rows } = await sql<InboundRoutingRow>`
    select organization_id, webhook_url, webhook_secret, fallback_agent_id from inbound_routing
    where enabled and ${named('organization_id', organization_ids)}`.execute(db)
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
