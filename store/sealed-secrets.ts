import { sql } from 'kysely'
import type { Db } from '#store/database.ts'

/** The first secret that was sealed with another key than this one; undefined when there is none. */
export const findForeignSecret = async (db: Db, key_id: string): Promise<string | undefined> => {
  const { rows } = await sql<{ sealed: string }>`
    select sealed from (
      select inbound_secret as sealed from trunks union all select outbound_secret from trunks
      union all select webhook_secret from phone_numbers where webhook_secret is not null
      union all select webhook_secret from inbound_routing) secrets
    where split_part(sealed, '.', 2) <> ${key_id} limit 1`.execute(db)
  return rows[0]?.sealed
}
