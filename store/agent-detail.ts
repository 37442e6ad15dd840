/** An agent with what hangs under it, in one statement: as JSON, which the driver parses at once and not column by column. */
import { sql } from 'kysely'
import type { Agent, ConversationStats, SipEndpoint } from '#core/agent.ts'
import type { VersionSummary } from '#core/version.ts'
import { SELECT_STATS } from '#store/conversation-counts.ts'
import type { Db } from '#store/database.ts'
import { prepared } from '#store/pipelined.ts'

export type AgentDetailRow = {
  readonly agent: Agent
  /** Newest first, without their configs. */
  readonly versions: readonly VersionSummary[]
  readonly sip_endpoint: SipEndpoint | null
  readonly stats: ConversationStats
  /** The assignments in which it stands. */
  readonly assignment_ids: readonly string[]
}

/** As store/database.ts writes times that come as columns. */
const time = (column: string): string =>
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as ${column}`

const AGENT = `id, organization_id, name, description, active, is_demo, metadata, revision,
  ${time('created_at')}, ${time('updated_at')}`

const VERSION = `id, agent_id, version, published, ${time('published_at')}, digest, base_version, generating, dirty,
  manually_edited, generation_error, generated_by, workflow_id, created_by, revision, ${time('created_at')}, ${time('updated_at')}`

const STATS = `total, active, inbound, outbound, completed, failed, transferred, unanswered, average_duration_seconds,
  ${time('last_conversation_at')}`

/** The subqueries hang on the agent's row: nothing is read beneath one that is another organization's, or deleted. */
const DETAIL = sql.raw(`json_build_object(
  'agent', (select to_json(r) from (select ${AGENT} from agents where id = a.id) r),
  'sip_endpoint', (select to_json(r) from (
    select agent_id, version, revision, ${time('created_at')} from sip_endpoints where agent_id = a.id) r),
  'stats', (select to_json(r) from (
    select ${STATS} from (${SELECT_STATS} from conversation_counts where agent_id = a.id) s) r),
  'assignment_ids', array(select distinct assignment_id from slot_entries where agent_id = a.id)`)

const VERSIONS = sql.raw(`'versions', (select coalesce(json_agg(r), '[]') from (
    select ${VERSION} from agent_versions v where agent_id = a.id order by v.version desc limit`)

/** undefined when it is not there. `shown`: how many versions at most. */
export const findAgentDetail = async (
  db: Db,
  organization_id: string,
  id: string,
  shown: number,
): Promise<AgentDetailRow | undefined> => {
  const { rows } = await sql<{ detail: AgentDetailRow }>`${prepared}
    select ${DETAIL}, ${VERSIONS} ${shown}) r)) as detail from agents a
    where organization_id = ${organization_id} and id = ${id} and deleted_at is null`.execute(db)
  return rows[0]?.detail
}
