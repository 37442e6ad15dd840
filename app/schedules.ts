/** Schedules: when a number is open, and who answers when it is not. */
import { by } from '#app/audit.ts'
import { compileBetween } from '#app/compile-schedule.ts'
import { type App, type Caller, newId, transact } from '#app/context.ts'
import { requireMatch } from '#app/preconditions.ts'
import { refuse } from '#app/refused.ts'
import { holdAgents, resolveEntries } from '#app/slots.ts'
import { isTimeZone } from '#app/zone-offsets.ts'
import { type Opening, openings } from '#core/schedule.ts'
import type { AfterHoursTarget, Schedule } from '#core/schedule-record.ts'
import type { WantedEntry } from '#core/slot.ts'
import { insertAudit } from '#store/audit.ts'
import type { Tx } from '#store/database.ts'
import type { Listed, Page } from '#store/keyset.ts'
import {
  deleteSchedule as deleteRow,
  findSchedule,
  insertSchedule,
  listSchedules as listRows,
  lockSchedule,
  numbersOfSchedule,
  type ScheduleContent,
  updateSchedule as updateRow,
} from '#store/schedules.ts'

/** Who is to answer after hours: agents as in a slot, without faults; or what needs nobody. */
export type WantedAfterHours =
  | { readonly agents: readonly WantedEntry[] }
  | Exclude<AfterHoursTarget, { readonly agents: unknown }>

export type ScheduleInput = Omit<ScheduleContent, 'after_hours'> & { readonly after_hours: WantedAfterHours | null }

export const listSchedules = async (app: App, caller: Caller, page: Page): Promise<Listed<Schedule>> =>
  listRows(app.db, caller.organization_id, page)

export const getSchedule = async (app: App, caller: Caller, id: string): Promise<Schedule> =>
  (await findSchedule(app.db, caller.organization_id, id)) ?? refuse('schedule_not_found', [id])

/** The target as it is stored, its agents held: to be asked before the schedule is locked. */
const resolveTarget = async (
  tx: Tx,
  organization_id: string,
  wanted: WantedAfterHours | null,
): Promise<AfterHoursTarget | null> => {
  if (wanted === null || !('agents' in wanted)) return wanted
  const ids = wanted.agents.map(entry => entry.agent_id)
  await holdAgents(tx, organization_id, ids)
  const agents = await resolveEntries(tx, wanted.agents)
  return agents.length === 0 ? null : { agents }
}

const requireTimeZone = (timezone: string): void => {
  if (!isTimeZone(timezone)) refuse('time_zone_unknown', [timezone])
}

const contentOf = ({ name, timezone, weekly, dates, after_hours }: ScheduleContent): ScheduleContent => ({
  name,
  timezone,
  weekly,
  dates,
  after_hours,
})

export const createSchedule = async (app: App, caller: Caller, input: ScheduleInput): Promise<Schedule> => {
  const { organization_id } = caller
  requireTimeZone(input.timezone)
  return transact(app, async (tx, touch) => {
    const after_hours = await resolveTarget(tx, organization_id, input.after_hours)
    const schedule = await insertSchedule(tx, { id: newId(), organization_id, ...contentOf({ ...input, after_hours }) })
    await insertAudit(tx, {
      ...by(caller),
      action: 'schedule.create',
      subject: schedule.id,
      after: contentOf(schedule),
    })
    touch({ schedule_ids: [schedule.id] })
    return schedule
  })
}

/** Changes what is given, each part as a whole. */
export const updateSchedule = async (
  app: App,
  caller: Caller,
  id: string,
  change: Partial<ScheduleInput>,
): Promise<Schedule> => {
  const { organization_id } = caller
  const { after_hours: wanted, ...rest } = change
  if (change.timezone !== undefined) requireTimeZone(change.timezone)
  return transact(app, async (tx, touch) => {
    const target = wanted === undefined ? {} : { after_hours: await resolveTarget(tx, organization_id, wanted) }
    const before = (await lockSchedule(tx, organization_id, id, 'update')) ?? refuse('schedule_not_found', [id])
    requireMatch(caller, before)
    if (Object.keys(change).length === 0) return before
    const after = await updateRow(tx, id, contentOf({ ...before, ...rest, ...target }))
    await insertAudit(tx, {
      ...by(caller),
      action: 'schedule.update',
      subject: id,
      before: contentOf(before),
      after: contentOf(after),
    })
    touch({ schedule_ids: [id] })
    return after
  })
}

/** One that numbers are routed by stays, also while their time routing is off. */
export const deleteSchedule = async (app: App, caller: Caller, id: string): Promise<void> =>
  transact(app, async (tx, touch) => {
    const before = (await lockSchedule(tx, caller.organization_id, id, 'delete')) ?? refuse('schedule_not_found', [id])
    requireMatch(caller, before)
    const numbers = await numbersOfSchedule(tx, id)
    if (numbers.length > 0) refuse('schedule_in_use', numbers)
    await deleteRow(tx, id)
    await insertAudit(tx, { ...by(caller), action: 'schedule.delete', subject: id, before: contentOf(before) })
    touch({ schedule_ids: [id] })
  })

const DAY_MS = 86_400_000
const PREVIEW_DAYS = 366

/** When it is open from `from_ms` until before `to_ms`, milliseconds since the epoch. */
export const previewSchedule = async (
  app: App,
  caller: Caller,
  id: string,
  from_ms: number,
  to_ms: number,
): Promise<{ readonly timezone: string; readonly openings: readonly Opening[] }> => {
  if (from_ms < 0 || from_ms >= to_ms || to_ms - from_ms > PREVIEW_DAYS * DAY_MS) refuse('preview_range_invalid')
  const { timezone, weekly, dates } = await getSchedule(app, caller, id)
  return { timezone, openings: openings(compileBetween({ rules: { weekly, dates }, timezone }, from_ms, to_ms)) }
}
