/** The dry run: who would answer a call, and why, by the very decision that a call gets (core/route.ts). */
import { type App, type Caller, newId } from '#app/context.ts'
import { findAgentFor, type Proposal, routeTableOfNumber } from '#app/route-table-of-number.ts'
import { callerOf } from '#core/e164.ts'
import { routeNumber } from '#core/route.ts'
import type { RouteDecision, RouteStep } from '#core/route-decision.ts'
import { type RoutingRecord, routingRecord } from '#core/routing-record.ts'
import { HEALTHY } from '#core/serve.ts'
import type { NumberTable } from '#core/simulate.ts'
import type { WebhookOutcome, WebhookQuestion } from '#core/webhook.ts'

export type RouteQuestion = {
  readonly direction: 'inbound' | 'outbound'
  /** Who calls, or is called; null: anonymous. */
  readonly caller: string | null
  /** null: now. */
  readonly at_ms: number | null
  /** Who calls without a number draws by it; null: as a new call. */
  readonly call_id: string | null
  /** `X-` headers by their lower-cased names. */
  readonly x_headers: Readonly<Record<string, string>>
  /** Whether the webhook is really asked. */
  readonly ask_webhook: boolean
  readonly proposal: Proposal
}

export type Explained = {
  readonly at_ms: number
  readonly decision: RouteDecision
  readonly record: RoutingRecord
  readonly agent_name: string | null
}

/** Who offers nothing is no caller: most offer this one. */
const CODECS = ['PCMU'] as const

/** Whom the webhook names need not be on any number. */
const lookUp = async (
  app: App,
  side: NumberTable,
  question: WebhookQuestion,
  outcome: WebhookOutcome,
  at_ms: number,
) => {
  if (outcome.kind !== 'replied') return
  const { override_agent, override_version } = outcome.reply
  if (override_agent === 'malformed' || override_version === 'malformed') return
  const agent_id = override_agent?.agent_id ?? question.agent?.agent_id
  if (agent_id !== undefined) await findAgentFor(app, side, at_ms)(agent_id, override_version)
}

type Timed<T> = { readonly value: T; readonly took_us: number }

const timed = <T>(work: () => T): Timed<T> => {
  const begun_ms = performance.now()
  const value = work()
  return { value, took_us: Math.round((performance.now() - begun_ms) * 1000) }
}

/** Decided, and how long the decision alone took. */
const decide = async (
  app: App,
  side: NumberTable,
  input: RouteQuestion,
  at_ms: number,
): Promise<Timed<RouteDecision>> => {
  const { direction, x_headers, ask_webhook } = input
  const call = { call_id: input.call_id ?? newId(), codecs: CODECS, x_headers, caller: callerOf(input.caller) }
  const { number, trunk } = side
  const first = timed<RouteStep>(() =>
    routeNumber(side.table, { number, trunk, direction, call, now_ms: at_ms, health: HEALTHY }),
  )
  const step = first.value
  if (step.kind === 'decided') return { value: step, took_us: first.took_us }
  const outcome: WebhookOutcome = ask_webhook ? await app.inbound_webhook.ask(step.question) : { kind: 'not_asked' }
  await lookUp(app, side, step.question, outcome, at_ms)
  const second = timed(() => step.resume(outcome))
  return { value: second.value, took_us: first.took_us + second.took_us }
}

export const explainRoute = async (
  app: App,
  caller: Caller,
  phone_number: string,
  input: RouteQuestion,
): Promise<Explained> => {
  const at_ms = input.at_ms ?? app.clock.now_ms()
  const span = { from_ms: at_ms, until_ms: at_ms + 1 }
  const { side } = await routeTableOfNumber(app, caller, phone_number, input.proposal, span)
  const { value: decision, took_us } = await decide(app, side, input, at_ms)
  const { outcome } = decision
  const agent = outcome.kind === 'answer' ? side.table.agents.get(outcome.agent_id) : undefined
  return { at_ms, decision, record: routingRecord(decision, took_us, null), agent_name: agent?.name ?? null }
}
