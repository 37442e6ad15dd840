/** Phone numbers with how their calls are routed besides their slots. */
import { sql } from 'kysely'
import { type NumberSettings, settingsOf } from '#core/number-routing.ts'
import { arrayLiteral } from '#store/array-literal.ts'
import type { Db, Tx } from '#store/database.ts'
import { NUMBER_COLUMNS, type NumberRow } from '#store/numbers.ts'

export const ROUTING_COLUMNS = [
  ...NUMBER_COLUMNS,
  'number_id',
  'stickiness',
  'time_routing_enabled',
  'schedule_id',
  'webhook_url',
  'webhook_timeout_ms',
  'default_agent_id',
  'forward',
  'message',
] as const

const HAS_SECRET = sql<boolean>`webhook_secret is not null`.as('has_webhook_secret')

export type RoutedNumber = NumberRow &
  NumberSettings & {
    /** The integer that UponAI's dialect calls id. */
    readonly number_id: number
    readonly has_webhook_secret: boolean
  }

const named = (db: Db, organization_id: string, phone_number: string) =>
  db
    .selectFrom('phone_numbers')
    .select([...ROUTING_COLUMNS, HAS_SECRET])
    .where('organization_id', '=', organization_id)
    .where('phone_number', '=', phone_number)

export const findRoutedNumber = async (
  db: Db,
  organization_id: string,
  phone_number: string,
): Promise<RoutedNumber | undefined> => named(db, organization_id, phone_number).executeTakeFirst()

/** For writers of slots and settings: agents are locked before it, and the schedule that it is to have. */
export const lockRoutedNumber = async (
  tx: Tx,
  organization_id: string,
  phone_number: string,
): Promise<RoutedNumber | undefined> => named(tx, organization_id, phone_number).forNoKeyUpdate().executeTakeFirst()

export const updateSettings = async (tx: Tx, id: string, settings: NumberSettings): Promise<RoutedNumber> =>
  tx
    .updateTable('phone_numbers')
    .set({ ...settingsOf(settings), revision: sql`revision + 1`, updated_at: sql`now()` })
    .where('id', '=', id)
    .returning([...ROUTING_COLUMNS, HAS_SECRET])
    .executeTakeFirstOrThrow()

/** `sealed`: the secret as the database may hold it. */
export const setWebhookSecret = async (tx: Tx, id: string, sealed: string): Promise<RoutedNumber> =>
  tx
    .updateTable('phone_numbers')
    .set({ webhook_secret: sealed, revision: sql`revision + 1`, updated_at: sql`now()` })
    .where('id', '=', id)
    .returning([...ROUTING_COLUMNS, HAS_SECRET])
    .executeTakeFirstOrThrow()

/** These numbers, which are locked, have no agent to fall back to any more. */
export const clearDefaultAgents = async (tx: Tx, ids: readonly string[]): Promise<void> => {
  if (ids.length === 0) return
  await sql`update phone_numbers set default_agent_id = null, revision = revision + 1, updated_at = now()
    where id = any(${arrayLiteral(ids)}::uuid[])`.execute(tx)
}
