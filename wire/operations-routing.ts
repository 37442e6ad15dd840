/** The operations on which version answers: slots, settings, schedules, and what nobody's slot takes. */
import { Type as T } from 'typebox'
import { InboundRoutingAnswer, InboundRoutingEdit } from '#wire/core-inbound-routing.ts'
import { NumberRoutingAnswer, NumberRoutingEdit, WebhookSecretAnswer } from '#wire/core-number-routing.ts'
import { NewSchedule, PreviewAnswer, ScheduleAnswer, ScheduleEdit } from '#wire/core-schedule.ts'
import { SlotAnswer, SlotEdit } from '#wire/core-slot.ts'
import { operation } from '#wire/operation.ts'
import { ById, ByNumber, numberOrExtension, paged } from '#wire/parameters.ts'
import { closed, time, word } from '#wire/schema.ts'

const BySlot = closed({
  phone_number: numberOrExtension(),
  direction: word(['inbound', 'outbound'], { description: 'Calls to the number, or calls from it.' }),
})

const Range = closed({
  from: time({ description: 'From this time on.', examples: ['2026-12-21T00:00:00Z'] }),
  to: time({ description: 'Until before this time, at most 366 days later.', examples: ['2026-12-28T00:00:00Z'] }),
})

const UNANSWERABLE = ['agent_not_found', 'version_not_found', 'version_not_published', 'no_published_version'] as const

const number_tag = 'number routing'
const tag = 'schedules'
const inbound_tag = 'inbound routing'

export const routingOperations = {
  getSlot: operation({
    method: 'GET',
    path: '/core/phone-numbers/{phone_number}/slots/{direction}',
    tag: number_tag,
    summary: 'Who answers a number, with which share.',
    scope: 'phone_numbers:read',
    path_parameters: BySlot,
    answers: { 200: SlotAnswer },
    tagged: true,
    refusals: ['number_not_found'],
  }),
  putSlot: operation({
    method: 'PUT',
    path: '/core/phone-numbers/{phone_number}/slots/{direction}',
    tag: number_tag,
    summary: 'Replace the list of who answers a number.',
    scope: 'phone_numbers:manage',
    path_parameters: BySlot,
    body: SlotEdit,
    answers: { 200: SlotAnswer },
    tagged: true,
    refusals: ['precondition_failed', 'number_not_found', ...UNANSWERABLE],
  }),
  getNumberRouting: operation({
    method: 'GET',
    path: '/core/phone-numbers/{phone_number}/routing',
    tag: number_tag,
    summary: 'How a number’s calls are routed besides its slots.',
    scope: 'phone_numbers:read',
    path_parameters: ByNumber,
    answers: { 200: NumberRoutingAnswer },
    tagged: true,
    refusals: ['number_not_found'],
  }),
  updateNumberRouting: operation({
    method: 'PATCH',
    path: '/core/phone-numbers/{phone_number}/routing',
    tag: number_tag,
    summary: 'Change how a number’s calls are routed besides its slots.',
    scope: 'phone_numbers:manage',
    path_parameters: ByNumber,
    body: NumberRoutingEdit,
    answers: { 200: NumberRoutingAnswer },
    tagged: true,
    refusals: [
      'precondition_failed',
      'number_not_found',
      'agent_not_found',
      'schedule_not_found',
      'schedule_missing',
      'webhook_url_refused',
    ],
  }),
  makeNumberSecret: operation({
    method: 'POST',
    path: '/core/phone-numbers/{phone_number}/routing/webhook-secret',
    tag: number_tag,
    summary: 'Make a new secret for a number’s webhook, shown this once; the one before is worth nothing any more.',
    scope: 'phone_numbers:manage',
    path_parameters: ByNumber,
    answers: { 200: WebhookSecretAnswer },
    refusals: ['precondition_failed', 'number_not_found', 'idempotency_secret_shown'],
  }),
  listSchedules: operation({
    method: 'GET',
    path: '/core/schedules',
    tag,
    summary: 'The schedules, newest first.',
    scope: 'phone_numbers:read',
    query: paged({}),
    answers: { 200: T.Array(ScheduleAnswer) },
    listed: true,
    refusals: [],
  }),
  getSchedule: operation({
    method: 'GET',
    path: '/core/schedules/{id}',
    tag,
    summary: 'A schedule.',
    scope: 'phone_numbers:read',
    path_parameters: ById,
    answers: { 200: ScheduleAnswer },
    tagged: true,
    refusals: ['schedule_not_found'],
  }),
  createSchedule: operation({
    method: 'POST',
    path: '/core/schedules',
    tag,
    summary: 'Make a schedule.',
    scope: 'phone_numbers:manage',
    body: NewSchedule,
    answers: { 200: ScheduleAnswer },
    tagged: true,
    refusals: ['time_zone_unknown', ...UNANSWERABLE],
  }),
  updateSchedule: operation({
    method: 'PUT',
    path: '/core/schedules/{id}',
    tag,
    summary: 'Change a schedule, for every number that is routed by it.',
    scope: 'phone_numbers:manage',
    path_parameters: ById,
    body: ScheduleEdit,
    answers: { 200: ScheduleAnswer },
    tagged: true,
    refusals: ['precondition_failed', 'schedule_not_found', 'time_zone_unknown', ...UNANSWERABLE],
  }),
  deleteSchedule: operation({
    method: 'DELETE',
    path: '/core/schedules/{id}',
    tag,
    summary: 'Delete a schedule that no number is routed by.',
    scope: 'phone_numbers:manage',
    path_parameters: ById,
    answers: { 204: null },
    refusals: ['precondition_failed', 'schedule_not_found', 'schedule_in_use'],
  }),
  previewSchedule: operation({
    method: 'GET',
    path: '/core/schedules/{id}/preview',
    tag,
    summary: 'When a schedule is open.',
    scope: 'phone_numbers:read',
    path_parameters: ById,
    query: Range,
    answers: { 200: PreviewAnswer },
    refusals: ['schedule_not_found', 'preview_range_invalid'],
  }),
  getInboundRouting: operation({
    method: 'GET',
    path: '/core/inbound-routing',
    tag: inbound_tag,
    summary: 'What the organization does with calls to numbers whose slot is empty.',
    scope: 'phone_numbers:read',
    answers: { 200: InboundRoutingAnswer },
    tagged: true,
    refusals: [],
  }),
  putInboundRouting: operation({
    method: 'PUT',
    path: '/core/inbound-routing',
    tag: inbound_tag,
    summary: 'Change what the organization does with calls to numbers whose slot is empty.',
    scope: 'phone_numbers:manage',
    body: InboundRoutingEdit,
    answers: { 200: InboundRoutingAnswer },
    tagged: true,
    refusals: ['precondition_failed', 'agent_not_found', 'webhook_url_refused'],
  }),
  makeInboundRoutingSecret: operation({
    method: 'POST',
    path: '/core/inbound-routing/webhook-secret',
    tag: inbound_tag,
    summary:
      'Make a new secret for the organization’s webhook, shown this once; the one before is worth nothing any more.',
    scope: 'phone_numbers:manage',
    answers: { 200: WebhookSecretAnswer },
    refusals: ['precondition_failed', 'idempotency_secret_shown'],
  }),
} as const
