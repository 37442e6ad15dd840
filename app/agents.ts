/** Agents: made as stubs, read with everything that hangs under them. */
import { by } from '#app/audit.ts'
import { type App, type Caller, newId, transact } from '#app/context.ts'
import { requireMatch } from '#app/preconditions.ts'
import { refuse } from '#app/refused.ts'
import type { Agent, ConversationStats, SipEndpoint } from '#core/agent.ts'
import type { PhoneNumber } from '#core/phone-number.ts'
import type { JsonObject, VersionSummary } from '#core/version.ts'
import { findAgentDetail } from '#store/agent-detail.ts'
import {
  type AgentChange,
  type AgentFilters,
  insertAgent,
  listAgents as listRows,
  lockAgent,
  lockAgentName,
  updateAgent as updateRow,
} from '#store/agents.ts'
import { insertAudit } from '#store/audit.ts'
import type { Listed, Page } from '#store/keyset.ts'
import { listNumberRowsHolding, toPhoneNumbers } from '#store/numbers.ts'

/** How many versions and numbers an agent's own answer shows; their lists show the rest. */
const SHOWN = 100

export type AgentInput = {
  readonly name: string
  readonly description: string | null
  readonly active: boolean
  readonly is_demo: boolean
  readonly metadata: JsonObject
}

/** With If-None-Match: * only when no agent of that name exists, however many ask at once. */
export const createAgent = async (app: App, caller: Caller, input: AgentInput): Promise<Agent> => {
  const { organization_id, request } = caller
  return transact(app, async tx => {
    const twin = request?.create_only ? await lockAgentName(tx, organization_id, input.name) : undefined
    if (twin !== undefined) refuse('agent_exists', [twin])
    const agent = await insertAgent(tx, { id: newId(), organization_id, ...input })
    await insertAudit(tx, { ...by(caller), action: 'agent.create', subject: agent.id, after: input })
    return agent
  })
}

export type { AgentFilters }

export const listAgents = async (app: App, caller: Caller, page: Page, filters: AgentFilters): Promise<Listed<Agent>> =>
  listRows(app, caller.organization_id, page, filters)

/** Changes what is given; `metadata` as a whole. */
export const updateAgent = async (app: App, caller: Caller, id: string, change: AgentChange): Promise<Agent> =>
  transact(app, async (tx, touch) => {
    const before = (await lockAgent(tx, caller.organization_id, id)) ?? refuse('agent_not_found', [id])
    requireMatch(caller, before)
    if (Object.keys(change).length === 0) return before
    const after = await updateRow(tx, id, change)
    const changed = Object.keys(change) as (keyof AgentChange)[]
    await insertAudit(tx, {
      ...by(caller),
      action: 'agent.update',
      subject: id,
      before: Object.fromEntries(changed.map(key => [key, before[key]])),
      after: change,
    })
    touch({ agent_ids: [id] })
    return after
  })

export type AgentDetail = {
  readonly agent: Agent
  readonly versions: readonly VersionSummary[]
  readonly phone_numbers: readonly PhoneNumber[]
  readonly sip_endpoint: SipEndpoint | null
  readonly stats: ConversationStats
}

export const getAgent = async (app: App, caller: Caller, id: string): Promise<AgentDetail> => {
  const { db } = app
  const found = await findAgentDetail(db, caller.organization_id, id, SHOWN)
  const { assignment_ids, ...detail } = found ?? refuse('agent_not_found', [id])
  const phone_numbers = await toPhoneNumbers(db, await listNumberRowsHolding(db, assignment_ids, SHOWN))
  return { ...detail, phone_numbers }
}
