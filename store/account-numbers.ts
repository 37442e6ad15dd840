/** What UponAI's dialect shows of a number beside its slots. */

import { sql } from 'kysely'
import type { AccountNumber } from '#core/account-number.ts'
import type { PhoneNumber } from '#core/phone-number.ts'
import { arrayLiteral } from '#store/array-literal.ts'
import type { Db } from '#store/database.ts'

type Shown = Pick<AccountNumber, 'id' | 'number_id' | 'webhook_url' | 'time_routing_enabled' | 'default_agent_id'>

/** In their order; a number that was deleted meanwhile is left out. */
export const toAccountNumbers = async (
  db: Db,
  organization_id: string,
  numbers: readonly PhoneNumber[],
): Promise<readonly AccountNumber[]> => {
  if (numbers.length === 0) return []
  const ids = arrayLiteral(numbers.map(number => number.id))
  const { rows } = await sql<Shown>`
    select id, number_id, webhook_url, time_routing_enabled, default_agent_id from phone_numbers
    where organization_id = ${organization_id} and id = any(${ids}::uuid[])`.execute(db)
  const shown = new Map(rows.map(row => [row.id, row]))
  return numbers.flatMap(number => {
    const row = shown.get(number.id)
    return row ? [{ ...number, ...row }] : []
  })
}
