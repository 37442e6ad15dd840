/** Agents: made as stubs, read with everything that hangs under them. */
import { type App, type Caller, newId, transact } from '#app/context.ts'
import { refuse } from '#app/refused.ts'
import type { Agent, ConversationStats, SipEndpoint } from '#core/agent.ts'
import type { PhoneNumber } from '#core/phone-number.ts'
import type { JsonObject, VersionSummary } from '#core/version.ts'
import { conversationStats, findAgent, insertAgent } from '#store/agents.ts'
import { insertAudit } from '#store/audit.ts'
import { listNumberRowsOfAgent, toPhoneNumbers } from '#store/numbers.ts'
import { findSipEndpoint } from '#store/sip-endpoints.ts'
import { listVersionSummaries } from '#store/versions.ts'

/** How many versions and numbers an agent's own answer shows; their lists show the rest. */
const SHOWN = 100

export type AgentInput = {
  readonly name: string
  readonly description: string | null
  readonly active: boolean
  readonly is_demo: boolean
  readonly metadata: JsonObject
}

export const createAgent = async (app: App, caller: Caller, input: AgentInput): Promise<Agent> => {
  const { organization_id } = caller
  return transact(app, async tx => {
    const agent = await insertAgent(tx, { id: newId(), organization_id, ...input })
    await insertAudit(tx, {
      organization_id,
      actor: caller.key_id,
      action: 'agent.create',
      subject: agent.id,
      after: input,
    })
    return agent
  })
}

export type AgentDetail = {
  readonly agent: Agent
  readonly versions: readonly VersionSummary[]
  readonly phone_numbers: readonly PhoneNumber[]
  readonly sip_endpoint: SipEndpoint | null
  readonly stats: ConversationStats
}

export const getAgent = async (app: App, caller: Caller, id: string): Promise<AgentDetail> => {
  const { db } = app
  const agent = (await findAgent(db, caller.organization_id, id)) ?? refuse('agent_not_found', [id])
  const [versions, phone_numbers, sip_endpoint, stats] = await Promise.all([
    listVersionSummaries(db, id, SHOWN),
    listNumberRowsOfAgent(db, id, SHOWN).then(rows => toPhoneNumbers(db, rows)),
    findSipEndpoint(db, id),
    conversationStats(db, id),
  ])
  return { agent, versions, phone_numbers, sip_endpoint: sip_endpoint ?? null, stats }
}
