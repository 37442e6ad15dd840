/** A routing decision in the `/core` dialect, as dry runs answer it. */
import { type Static, Type as T } from 'typebox'
import type { RouteDecision, RouteOutcome } from '#core/route-decision.ts'
import { ROUTE_REASONS, ROUTE_STEPS } from '#core/route-trace.ts'
import type { RoutingRecord } from '#core/routing-record.ts'
import { DIRECTIONS } from '#wire/core-conversation.ts'
import { Proposed } from '#wire/core-proposal.ts'
import { anyObject, closed, map, nullable, time, uuid, word } from '#wire/schema.ts'
import { utcOf } from '#wire/timestamp.ts'

const Outcome = closed(
  {
    kind: word(['answer', 'forward', 'message', 'refuse'], { description: 'What becomes of the call.' }),
    agent_id: nullable(uuid(), { description: 'Who answers; null: no agent does.' }),
    agent_name: nullable(T.String()),
    version: nullable(T.Integer({ minimum: 1 })),
    agent_version_id: nullable(uuid()),
    arm: nullable(T.String(), { description: 'The arm that was drawn; null: nothing was.' }),
    target: nullable(T.String(), { description: 'Where the call is forwarded: a SIP URI, or a number in E.164.' }),
    mode: nullable(word(['redirect', 'bridge']), {
      description: '`redirect`: the caller’s side is told where to call; `bridge`: Patchcord calls, and joins the two.',
    }),
    text: nullable(T.String(), { description: 'The message that is spoken.' }),
    sip_status: nullable(T.Integer(), { description: 'The status of a refusal.' }),
    reason: nullable(word(Object.keys(ROUTE_REASONS)), { description: 'Why it is refused.' }),
  },
  { title: 'RouteOutcome', description: 'Who answers, or what happens in place of that; what does not apply is null.' },
)

const Step = closed(
  {
    step: word(ROUTE_STEPS),
    reason: word(Object.keys(ROUTE_REASONS), { description: 'From the closed list in docs/routing.md.' }),
    means: T.String({ description: 'The reason in words.' }),
    detail: T.Optional(anyObject({ description: 'Short facts.' })),
  },
  { title: 'TraceStep', description: 'One step of a decision.' },
)

const Weight = closed(
  {
    agent_id: uuid(),
    version: nullable(T.Integer({ minimum: 1 }), { description: 'null follows the agent’s latest published one.' }),
    arm: T.String(),
    weight: T.Number({ description: 'A share of 1.' }),
  },
  { title: 'RouteWeight' },
)

const either = <Schema extends Parameters<typeof T.Union>[0][number]>(schema: Schema) => T.Union([schema, T.Null()])

const Webhook = closed(
  {
    result: word(['replied', 'failed', 'not_asked']),
    failure: nullable(word(Object.keys(ROUTE_REASONS))),
    took_ms: nullable(T.Integer()),
    attempts: T.Integer(),
  },
  { title: 'RouteWebhook' },
)

const Record = closed(
  {
    number: nullable(T.String()),
    direction: word(DIRECTIONS),
    rule: nullable(word(['number', 'sip_endpoint'])),
    trunk_id: nullable(uuid()),
    request_uri: nullable(T.String(), { description: 'What was dialled; null: nobody dialled.' }),
    arm: nullable(T.String()),
    weights: T.Array(Weight, { description: 'The list that was drawn from.' }),
    agent_id: nullable(uuid()),
    version: nullable(T.Integer({ minimum: 1 })),
    open: nullable(T.Boolean(), { description: 'What the schedule says; null: time routing is off.' }),
    webhook: either(Webhook),
    fallback: nullable(word(['inbound_routing', 'default_agent', 'forward', 'message'])),
    forwarded: either(closed({ target: T.String(), mode: word(['redirect', 'bridge']) })),
    refused: either(closed({ sip_status: T.Integer(), reason: T.String() })),
    trace: T.Array(Step, { description: 'The steps in the order they were taken.' }),
    decided_in_us: T.Integer({ description: 'Microseconds, without the webhook’s time.' }),
  },
  { title: 'RoutingDecision', description: 'The decision, as every conversation keeps it.' },
)

export const RouteQuestion = closed(
  {
    direction: T.Optional(
      nullable(word(DIRECTIONS), { description: 'A call to the number, or from it.', default: 'inbound' }),
    ),
    caller: T.Optional(
      nullable(T.String({ minLength: 1, maxLength: 255 }), {
        description: 'Who calls, or is called; null: anonymous.',
        examples: ['+4930123456'],
      }),
    ),
    at: T.Optional(
      nullable(time(), { description: 'When the call comes; null: now.', examples: ['2026-12-24T09:30:00Z'] }),
    ),
    call_id: T.Optional(
      nullable(T.String({ minLength: 1, maxLength: 255 }), {
        description: 'By which a caller without a number draws; null: as any new call.',
      }),
    ),
    sip_headers: T.Optional(
      nullable(map('^[Xx]-[A-Za-z0-9-]{1,62}$', T.String({ maxLength: 1024 }), { maxProperties: 100 }), {
        description: '`X-` headers of the INVITE; `X-Customer-Id` becomes `{{x_customer_id}}`.',
      }),
    ),
    webhook: T.Optional(
      nullable(T.Boolean(), {
        description: 'Whether the webhook is really asked; that needs phone_numbers:manage.',
        default: false,
      }),
    ),
    proposed: T.Optional(T.Union([Proposed, T.Null()])),
  },
  { title: 'RouteQuestion', description: 'A call that does not take place.' },
)

export const RouteAnswer = closed(
  {
    at: time({ description: 'When the call comes.' }),
    outcome: Outcome,
    routing: Record,
    variables: map('^.', T.String(), { description: 'What fills `{{name}}` in this call.' }),
  },
  { title: 'RouteAnswer', description: 'Who would answer a call, and why.' },
)

const NO_OUTCOME = {
  agent_id: null,
  agent_name: null,
  version: null,
  agent_version_id: null,
  arm: null,
  target: null,
  mode: null,
  text: null,
  sip_status: null,
  reason: null,
} as const

const toOutcome = (outcome: RouteOutcome, agent_name: string | null): Static<typeof Outcome> => {
  switch (outcome.kind) {
    case 'answer': {
      const { kind, agent_id, version, agent_version_id, arm } = outcome
      return { kind, ...NO_OUTCOME, agent_id, agent_name, version, agent_version_id, arm }
    }
    case 'forward':
      return { kind: outcome.kind, ...NO_OUTCOME, target: outcome.target, mode: outcome.mode }
    case 'message':
      return { kind: outcome.kind, ...NO_OUTCOME, text: outcome.text }
    case 'refuse':
      return { kind: outcome.kind, ...NO_OUTCOME, sip_status: outcome.sip_status, reason: outcome.reason }
  }
}

export type Explained = {
  readonly at_ms: number
  readonly decision: RouteDecision
  readonly record: RoutingRecord
  readonly agent_name: string | null
}

export const toRouteAnswer = ({ at_ms, decision, record, agent_name }: Explained): Static<typeof RouteAnswer> => ({
  at: utcOf(at_ms),
  outcome: toOutcome(decision.outcome, agent_name),
  routing: {
    ...record,
    weights: [...record.weights],
    trace: record.trace.map(step => ({ ...step })),
  } as Static<typeof Record>,
  variables: decision.variables,
})
