import { sql } from 'kysely'
import type { Schedule } from '#core/schedule-record.ts'
import type { Db, Tx } from '#store/database.ts'
import { afterPosition, type Listed, type Page, pageOf } from '#store/keyset.ts'

const COLUMNS = [
  'id',
  'organization_id',
  'name',
  'timezone',
  'weekly',
  'dates',
  'after_hours',
  'revision',
  'created_at',
  'updated_at',
] as const

export type ScheduleContent = Pick<Schedule, 'name' | 'timezone' | 'weekly' | 'dates' | 'after_hours'>
export type NewSchedule = ScheduleContent & Pick<Schedule, 'id' | 'organization_id'>

const jsonOrNull = (value: object | null): string | null => (value === null ? null : JSON.stringify(value))

const toColumns = ({ name, timezone, weekly, dates, after_hours }: ScheduleContent) => ({
  name,
  timezone,
  weekly: JSON.stringify(weekly),
  dates: JSON.stringify(dates),
  after_hours: jsonOrNull(after_hours),
})

export const insertSchedule = async (tx: Tx, row: NewSchedule): Promise<Schedule> => {
  const { id, organization_id } = row
  return tx
    .insertInto('schedules')
    .values({ id, organization_id, ...toColumns(row) })
    .returning(COLUMNS)
    .executeTakeFirstOrThrow()
}

export const updateSchedule = async (tx: Tx, id: string, content: ScheduleContent): Promise<Schedule> =>
  tx
    .updateTable('schedules')
    .set({ ...toColumns(content), revision: sql`revision + 1`, updated_at: sql`now()` })
    .where('id', '=', id)
    .returning(COLUMNS)
    .executeTakeFirstOrThrow()

export const deleteSchedule = async (tx: Tx, id: string): Promise<void> => {
  await tx.deleteFrom('schedules').where('id', '=', id).execute()
}

const schedulesOf = (db: Db, organization_id: string) =>
  db.selectFrom('schedules').select(COLUMNS).where('organization_id', '=', organization_id)

export const findSchedule = async (db: Db, organization_id: string, id: string): Promise<Schedule | undefined> =>
  schedulesOf(db, organization_id).where('id', '=', id).executeTakeFirst()

/** `delete`: nobody attaches a number to it meanwhile. */
export const lockSchedule = async (
  tx: Tx,
  organization_id: string,
  id: string,
  purpose: 'update' | 'delete',
): Promise<Schedule | undefined> => {
  const query = schedulesOf(tx, organization_id).where('id', '=', id)
  return (purpose === 'delete' ? query.forUpdate() : query.forNoKeyUpdate()).executeTakeFirst()
}

/** Whether there is such a schedule; it cannot be deleted while this transaction lasts. */
export const holdSchedule = async (tx: Tx, organization_id: string, id: string): Promise<boolean> => {
  const row = await tx
    .selectFrom('schedules')
    .select('id')
    .where('organization_id', '=', organization_id)
    .where('id', '=', id)
    .forKeyShare()
    .executeTakeFirst()
  return row !== undefined
}

/** Those after whose hours the agent answers, locked in the order of their ids. */
export const lockSchedulesOfAgent = async (
  tx: Tx,
  organization_id: string,
  agent_id: string,
): Promise<readonly Schedule[]> =>
  schedulesOf(tx, organization_id)
    .where(sql<boolean>`after_hours->'agents' @> ${JSON.stringify([{ agent_id }])}::jsonb`)
    .orderBy('id')
    .forNoKeyUpdate()
    .execute()

/** A few of the numbers that are routed by it. */
export const numbersOfSchedule = async (tx: Tx, schedule_id: string): Promise<readonly string[]> => {
  const rows = await tx
    .selectFrom('phone_numbers')
    .select('phone_number')
    .where('schedule_id', '=', schedule_id)
    .orderBy('phone_number')
    .limit(6)
    .execute()
  return rows.map(row => row.phone_number)
}

export const listSchedules = async (db: Db, organization_id: string, page: Page): Promise<Listed<Schedule>> => {
  const rows = await schedulesOf(db, organization_id)
    .where(afterPosition(page, 'uuid'))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(page.limit + 1)
    .execute()
  return pageOf(
    rows,
    page,
    row => row.id,
    row => row,
  )
}
