/** The phone numbers that an agent answers: in their slots, or as their fallback. */
import { sql } from 'kysely'
import type { HeldSlots } from '#core/publish.ts'
import { arrayLiteral } from '#store/array-literal.ts'
import type { Tx } from '#store/database.ts'

export type NumberOfAgent = HeldSlots & { readonly default_agent_id: string | null }

/**
 * In one statement, that is at one moment: between two, another agent's leaving could put every number on a list that the
 * first did not see. The lists as an array, so that the numbers' indexes are asked (as a subquery every number was looked at).
 */
const findNumberIds = async (tx: Tx, agent_id: string): Promise<readonly string[]> => {
  const { rows } = await sql<{ id: string }>`
    select id from phone_numbers
    where inbound_assignment_id = any(array(select assignment_id from slot_entries where agent_id = ${agent_id}))
      or outbound_assignment_id = any(array(select assignment_id from slot_entries where agent_id = ${agent_id}))
      or default_agent_id = ${agent_id}`.execute(tx)
  return rows.map(row => row.id)
}

/**
 * Locked in the order of their ids, as every writer of slots does, and as they are once the locks are had. They are named
 * by id: a row that another transaction has just given another list would drop out of a search by lists, still holding
 * the agent.
 */
export const lockNumbersOfAgent = async (tx: Tx, agent_id: string): Promise<readonly NumberOfAgent[]> => {
  const ids = await findNumberIds(tx, agent_id)
  if (ids.length === 0) return []
  const { rows } = await sql<NumberOfAgent>`
    select id, phone_number, inbound_assignment_id, outbound_assignment_id, default_agent_id from phone_numbers
    where id = any(${arrayLiteral(ids)}::uuid[]) order by id for no key update`.execute(tx)
  return rows
}
