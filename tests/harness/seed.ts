/** Many rows at once, past the use cases that would make them one by one. */
import { sql } from 'kysely'
import type { TestApp } from '#tests/harness/app.ts'

let next = 15_550_100_000

/** Registers fresh numbers on the organization's default trunk. */
export const seedNumbers = async (t: Pick<TestApp, 'app' | 'caller'>, count: number): Promise<readonly string[]> => {
  const numbers = Array.from({ length: count }, () => `+${next++}`)
  await sql`insert into phone_numbers (id, organization_id, phone_number, trunk_id)
    select gen_random_uuid(), t.organization_id, n, t.id
    from trunks t cross join unnest(${numbers}::text[]) n
    where t.organization_id = ${t.caller.organization_id} and t.is_default`.execute(t.app.db)
  return numbers
}
