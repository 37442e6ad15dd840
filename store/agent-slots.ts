/** The phone numbers in whose slots an agent stands. */
import { sql } from 'kysely'
import type { HeldSlots } from '#core/publish.ts'
import type { Tx } from '#store/database.ts'

/** Locked in the order of their ids, as every writer of slots does. */
export const lockNumbersOfAgent = async (tx: Tx, agent_id: string): Promise<readonly HeldSlots[]> => {
  const lists = await tx
    .selectFrom('slot_entries')
    .select('assignment_id')
    .distinct()
    .where('agent_id', '=', agent_id)
    .execute()
  if (lists.length === 0) return []
  const ids = lists.map(row => row.assignment_id)
  const { rows } = await sql<HeldSlots>`
    select id, phone_number, inbound_assignment_id, outbound_assignment_id from phone_numbers
    where inbound_assignment_id = any(${ids}::uuid[]) or outbound_assignment_id = any(${ids}::uuid[])
    order by id for no key update`.execute(tx)
  return rows
}
