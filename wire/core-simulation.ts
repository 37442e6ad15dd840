/** Simulations in the `/core` dialect. */
import { type Static, Type as T } from 'typebox'
import type { Opening } from '#core/schedule.ts'
import { type ArmCount, countOf, type Destination, movesOf, type Simulation } from '#core/simulate.ts'
import { DIRECTIONS } from '#wire/core-conversation.ts'
import { Proposed } from '#wire/core-proposal.ts'
import { closed, nullable, time, uuid, word } from '#wire/schema.ts'
import { utcOf } from '#wire/timestamp.ts'

const CALLERS_LIMIT = 100_000
const LISTED_LIMIT = 10_000

export const SimulationQuestion = closed(
  {
    callers: T.Union(
      [
        T.Integer({ minimum: 1, maximum: CALLERS_LIMIT }),
        T.Array(T.String({ minLength: 1, maxLength: 64 }), { minItems: 1, maxItems: LISTED_LIMIT }),
      ],
      {
        description: 'How many, the same ones each time, from +15550000000 on; or which.',
        examples: [10_000, ['+4930123456']],
      },
    ),
    direction: T.Optional(
      nullable(word(DIRECTIONS), { description: 'Calls to the number, or calls from it.', default: 'inbound' }),
    ),
    from: time({ description: 'From this time on.', examples: ['2026-12-21T00:00:00Z'] }),
    to: time({ description: 'Until before this time, at most 366 days later.', examples: ['2026-12-28T00:00:00Z'] }),
    proposed: T.Optional(T.Union([Proposed, T.Null()])),
  },
  { title: 'SimulationQuestion' },
)

const Arm = closed(
  {
    agent_id: uuid(),
    version: nullable(T.Integer({ minimum: 1 }), { description: 'What it means now; null: nothing is published.' }),
    arm: nullable(T.String(), { description: 'null: it answers as a fallback, drawn from no list.' }),
    weight: nullable(T.Number(), { description: 'The share of 1 that it is to have; null: as a fallback none.' }),
    callers: T.Integer(),
    share: T.Number({ description: 'Of all callers.' }),
  },
  { title: 'SimulatedArm' },
)

const Where = closed(
  {
    kind: word(['answer', 'forward', 'message', 'nobody']),
    agent_id: nullable(uuid()),
    version: nullable(T.Integer({ minimum: 1 })),
    target: nullable(T.String()),
  },
  { title: 'Destination', description: 'Who a caller ends with.' },
)

export const SimulationAnswer = closed(
  {
    callers: T.Integer(),
    at: time({ description: 'When all of them call: the first instant that is open, or `from` where none is.' }),
    arms: T.Array(Arm, { description: 'The list that they are drawn from, then whoever answers otherwise.' }),
    forwarded: T.Integer({ description: 'Callers that are forwarded.' }),
    message: T.Integer({ description: 'Callers that a message is spoken to.' }),
    nobody: T.Integer({ description: 'Callers that nobody answers.' }),
    open_seconds: T.Number({ description: 'Between `from` and `to`; without time routing all of it.' }),
    closed_seconds: T.Number(),
    openings: T.Array(
      closed({
        opens_at: time(),
        closes_at: time(),
        rule: nullable(T.String(), { description: 'The name of the rule that opens it.' }),
      }),
      { description: 'The first hundred, cut at both ends of what was asked for; none without time routing.' },
    ),
    moved: closed(
      {
        callers: T.Integer(),
        from_to: T.Array(closed({ from: Where, to: Where, callers: T.Integer() }), {
          description: 'The largest first.',
        }),
      },
      { description: 'Who would end with somebody else than today; without `proposed` nobody.' },
    ),
  },
  { title: 'SimulationAnswer', description: 'Who would answer which share of many callers. No webhook is asked.' },
)

const OPENINGS_SHOWN = 100

const toArm = ({ agent_id, version, arm, weight_bp, callers }: ArmCount, of: number): Static<typeof Arm> => ({
  ...{ agent_id, version, arm, callers },
  weight: weight_bp === null ? null : weight_bp / 10_000,
  share: callers / of,
})

const toWhere = (to: Destination): Static<typeof Where> => ({
  kind: to.kind,
  agent_id: to.kind === 'answer' ? to.agent_id : null,
  version: to.kind === 'answer' ? to.version : null,
  target: to.kind === 'forward' ? to.target : null,
})

export type Simulated = {
  readonly span: { readonly from_ms: number; readonly until_ms: number }
  readonly simulation: Simulation
  readonly openings: readonly Opening[] | null
  readonly open_ms: number
}

export const toSimulationAnswer = (simulated: Simulated): Static<typeof SimulationAnswer> => {
  const { span, simulation, openings, open_ms } = simulated
  const moves = movesOf(simulation)
  return {
    callers: simulation.callers,
    at: utcOf(simulation.at_ms),
    arms: [...simulation.arms.values()].map(arm => toArm(arm, simulation.callers)),
    forwarded: countOf(simulation, 'forward'),
    message: countOf(simulation, 'message'),
    nobody: countOf(simulation, 'nobody'),
    open_seconds: open_ms / 1000,
    closed_seconds: (span.until_ms - span.from_ms - open_ms) / 1000,
    openings: (openings ?? []).slice(0, OPENINGS_SHOWN).map(({ opens_ms, closes_ms, rule }) => ({
      opens_at: utcOf(opens_ms),
      closes_at: utcOf(closes_ms),
      rule,
    })),
    moved: {
      callers: moves.reduce((sum, { callers }) => sum + callers, 0),
      from_to: moves.map(({ from, to, callers }) => ({ from: toWhere(from), to: toWhere(to), callers })),
    },
  }
}
