/** An agent leaves everything that names it, its SIP address goes with it, its conversations stay. */
import { by } from '#app/audit.ts'
import { type App, type Caller, transact } from '#app/context.ts'
import { requireMatch } from '#app/preconditions.ts'
import { heldBefore } from '#app/publish.ts'
import { refuse } from '#app/refused.ts'
import { withoutAgent } from '#core/assignment.ts'
import { type HeldSlots, inOneOrder, planLeaving } from '#core/publish.ts'
import type { Schedule } from '#core/schedule-record.ts'
import { lockNumbersOfAgent, type NumberOfAgent } from '#store/agent-slots.ts'
import { lockAgent, markAgentDeleted } from '#store/agents.ts'
import { ensureAssignment, loadAssignments } from '#store/assignments.ts'
import { insertAudit } from '#store/audit.ts'
import type { Tx } from '#store/database.ts'
import { clearFallbackAgent } from '#store/inbound-routing.ts'
import { clearDefaultAgents } from '#store/number-routing.ts'
import { setSlots } from '#store/numbers.ts'
import { lockSchedulesOfAgent, updateSchedule } from '#store/schedules.ts'
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

/** Takes the agent from every number, until none is found: whoever writes numbers meanwhile can only take agents out. */
const leaveNumbers = async (tx: Tx, caller: Caller, agent_id: string): Promise<readonly NumberOfAgent[]> => {
  const left: NumberOfAgent[] = []
  for (;;) {
    const rows = await lockNumbersOfAgent(tx, agent_id)
    if (rows.length === 0) return left
    await clearSlots(tx, caller, agent_id, rows)
    await clearDefaultAgents(
      tx,
      rows.filter(row => row.default_agent_id === agent_id).map(row => row.id),
    )
    for (const row of rows) left.push(row)
  }
}

/** After hours the others answer for it; nobody left, the fallback ladder does. */
const leaveSchedules = async (tx: Tx, caller: Caller, agent_id: string): Promise<readonly Schedule[]> => {
  const schedules = await lockSchedulesOfAgent(tx, caller.organization_id, agent_id)
  for (const schedule of schedules) {
    const { after_hours } = schedule
    if (after_hours === null || !('agents' in after_hours)) continue
    const agents = withoutAgent(after_hours.agents, agent_id)
    await updateSchedule(tx, schedule.id, { ...schedule, after_hours: agents.length === 0 ? null : { agents } })
  }
  return schedules
}

export const deleteAgent = async (app: App, caller: Caller, id: string): Promise<void> =>
  transact(app, async (tx, touch) => {
    const { organization_id } = caller
    const agent = (await lockAgent(tx, organization_id, id)) ?? refuse('agent_not_found', [id])
    requireMatch(caller, agent)
    const schedules = await leaveSchedules(tx, caller, id)
    const left = await leaveNumbers(tx, caller, id)
    const was_fallback = await clearFallbackAgent(tx, organization_id, id)
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
        default_agent_of: left.filter(row => row.default_agent_id === id).map(row => row.phone_number),
        after_hours: schedules.map(schedule => ({ schedule_id: schedule.id, after_hours: schedule.after_hours })),
        fallback_agent_of_organization: was_fallback,
      },
    })
    touch({
      agent_ids: [id],
      number_ids: left.map(row => row.id),
      schedule_ids: schedules.map(schedule => schedule.id),
      organization_ids: was_fallback ? [organization_id] : [],
    })
  })
