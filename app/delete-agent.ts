/** An agent leaves: its slots and its SIP address go with it, its conversations stay. */
import { by } from '#app/audit.ts'
import { type App, type Caller, transact } from '#app/context.ts'
import { requireMatch } from '#app/preconditions.ts'
import { heldBefore } from '#app/publish.ts'
import { refuse } from '#app/refused.ts'
import { type HeldSlots, inOneOrder, planLeaving } from '#core/publish.ts'
import { lockNumbersOfAgent } from '#store/agent-slots.ts'
import { lockAgent, markAgentDeleted } from '#store/agents.ts'
import { ensureAssignment, loadAssignments } from '#store/assignments.ts'
import { insertAudit } from '#store/audit.ts'
import type { Tx } from '#store/database.ts'
import { setSlots } from '#store/numbers.ts'
import { deleteSipEndpoint } from '#store/sip-endpoints.ts'

const clearSlots = async (tx: Tx, caller: Caller, agent_id: string, rows: readonly HeldSlots[]): Promise<void> => {
  const ids = new Set(rows.flatMap(row => [row.inbound_assignment_id, row.outbound_assignment_id]))
  const held = await loadAssignments(
    tx,
    [...ids].filter(id => id !== null),
  )
  const writes = planLeaving(agent_id, rows, id => held.get(id) ?? [])
  for (const { direction, number_ids, entries } of inOneOrder(writes)) {
    const assignment_id = entries.length === 0 ? null : await ensureAssignment(tx, caller.organization_id, entries)
    await setSlots(tx, number_ids, direction, assignment_id)
  }
}

/** Takes the agent out of every slot, until none is found: whoever writes slots meanwhile can only take agents out. */
const leaveSlots = async (tx: Tx, caller: Caller, agent_id: string): Promise<readonly HeldSlots[]> => {
  const left: HeldSlots[] = []
  for (;;) {
    const rows = await lockNumbersOfAgent(tx, agent_id)
    if (rows.length === 0) return left
    await clearSlots(tx, caller, agent_id, rows)
    for (const row of rows) left.push(row)
  }
}

export const deleteAgent = async (app: App, caller: Caller, id: string): Promise<void> =>
  transact(app, async (tx, touch) => {
    const { organization_id } = caller
    const agent = (await lockAgent(tx, organization_id, id)) ?? refuse('agent_not_found', [id])
    requireMatch(caller, agent)
    const left = await leaveSlots(tx, caller, id)
    const sip_endpoint = await deleteSipEndpoint(tx, id)
    await markAgentDeleted(tx, id)
    const { name, description, active, is_demo, metadata } = agent
    await insertAudit(tx, {
      ...by(caller),
      action: 'agent.delete',
      subject: id,
      before: {
        ...{ name, description, active, is_demo, metadata },
        sip_endpoint: sip_endpoint ? { version: sip_endpoint.version } : null,
        slots: heldBefore(left),
      },
    })
    touch({ agent_ids: [id], number_ids: left.map(row => row.id) })
  })
