/** The operations that show who would answer, without a call. */
import { RouteAnswer, RouteQuestion } from '#wire/core-route.ts'
import { SimulationAnswer, SimulationQuestion } from '#wire/core-simulation.ts'
import { operation } from '#wire/operation.ts'
import { ByNumber } from '#wire/parameters.ts'

/** A proposal is refused as saving it would be. */
const UNSAVABLE = [
  'agent_not_found',
  'version_not_found',
  'version_not_published',
  'no_published_version',
  'schedule_not_found',
  'schedule_missing',
  'time_zone_unknown',
  'webhook_url_refused',
] as const

const tag = 'number routing'

export const explainOperations = {
  explainRoute: operation({
    method: 'POST',
    path: '/core/phone-numbers/{phone_number}/route',
    tag,
    summary: 'Who would answer a call, and why.',
    scope: 'phone_numbers:read',
    path_parameters: ByNumber,
    body: RouteQuestion,
    body_optional: true,
    answers: { 200: RouteAnswer },
    refusals: ['number_not_found', ...UNSAVABLE],
  }),
  simulateRoute: operation({
    method: 'POST',
    path: '/core/phone-numbers/{phone_number}/simulate',
    tag,
    summary: 'Who would answer which share of many callers, and who of them would move.',
    scope: 'phone_numbers:read',
    path_parameters: ByNumber,
    body: SimulationQuestion,
    answers: { 200: SimulationAnswer },
    refusals: ['number_not_found', ...UNSAVABLE],
  }),
} as const
