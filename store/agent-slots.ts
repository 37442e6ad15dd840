/** The phone numbers that an agent answers: in their slots, or as their fallback. */
import { sql } from 'kysely'
import type { HeldSlots } from '#core/publish.ts'
import { arrayLiteral } from '#store/array-literal.ts'
import type { Tx } from '#store/database.ts'

export type NumberOfAgent = HeldSlots & { readonly default_agent_id: string | null }

const findNumberIds = async (tx: Tx, agent_id: string): Promise<readonly string[]> => {
  const lists = await tx
    .selectFrom('slot_entries')
    .select('assignment_id')
    .distinct()
    .where('agent_id', '=', agent_id)
    .execute()
  const ids = lists.map(row => row.assignment_id)
  const { rows } = await sql<{ id: string }>`
    select id from phone_numbers
    where inbound_assignment_id = any(${ids}::uuid[]) or outbound_assignment_id = any(${ids}::uuid[])
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
