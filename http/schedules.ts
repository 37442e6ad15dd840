import * as schedules from '#app/schedules.ts'
import { BadInput } from '#http/bad-input.ts'
import { type Handler, NO_CONTENT, ok } from '#http/call.ts'
import { listed, pageFrom } from '#http/paging.ts'
import { toPreviewAnswer, toScheduleAnswer } from '#wire/core-schedule.ts'
import { type ScheduleSent, toScheduleSent } from '#wire/schedule-input.ts'
import { toUtc } from '#wire/timestamp.ts'

export const listSchedules: Handler<'listSchedules'> = async ({ app, caller, query, url }) =>
  listed(url, await schedules.listSchedules(app, caller, pageFrom(query, 'uuid')), toScheduleAnswer)

export const getSchedule: Handler<'getSchedule'> = async ({ app, caller, path }) => {
  const schedule = await schedules.getSchedule(app, caller, path.id)
  return ok(toScheduleAnswer(schedule), schedule)
}

const sentFrom = (body: Parameters<typeof toScheduleSent>[0]): ScheduleSent => {
  const { faults, sent } = toScheduleSent(body)
  if (faults.length > 0) throw new BadInput('body', faults)
  return sent
}

export const createSchedule: Handler<'createSchedule'> = async ({ app, caller, body }) => {
  const { name, timezone } = body
  const nothing = { weekly: [], dates: [], after_hours: null }
  const schedule = await schedules.createSchedule(app, caller, { ...nothing, ...sentFrom(body), name, timezone })
  return ok(toScheduleAnswer(schedule), schedule)
}

export const updateSchedule: Handler<'updateSchedule'> = async ({ app, caller, path, body }) => {
  const schedule = await schedules.updateSchedule(app, caller, path.id, sentFrom(body))
  return ok(toScheduleAnswer(schedule), schedule)
}

export const deleteSchedule: Handler<'deleteSchedule'> = async ({ app, caller, path }) => {
  await schedules.deleteSchedule(app, caller, path.id)
  return NO_CONTENT
}

export const previewSchedule: Handler<'previewSchedule'> = async ({ app, caller, path, query }) => {
  const [from_ms = 0, to_ms = 0] = [query.from, query.to].map(time => Date.parse(toUtc(time) ?? time))
  const { timezone, openings } = await schedules.previewSchedule(app, caller, path.id, from_ms, to_ms)
  return ok(toPreviewAnswer(timezone, openings))
}
