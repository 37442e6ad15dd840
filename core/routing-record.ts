/** The decision as every conversation keeps it (docs/routing.md): facts, and a trace whose words stay true when the code changes. */
import { printable } from '#core/printable.ts'
import type { RouteDecision, RouteOutcome } from '#core/route-decision.ts'
import { ROUTE_REASONS, type TraceStep } from '#core/route-trace.ts'
import type { AssignmentEntry } from '#core/routing-table.ts'
import type { WebhookOutcome } from '#core/webhook.ts'

export type ExplainedStep = TraceStep & { readonly means: string }

export const explained = (trace: readonly TraceStep[]): readonly ExplainedStep[] =>
  trace.map(step => ({ ...step, means: ROUTE_REASONS[step.reason] }))

export type RoutingRecord = {
  readonly number: string | null
  readonly direction: 'inbound' | 'outbound'
  readonly rule: 'number' | 'sip_endpoint' | null
  readonly trunk_id: string | null
  readonly request_uri: string | null
  readonly arm: string | null
  /** The list that was drawn from, its shares as fractions. */
  readonly weights: readonly {
    readonly agent_id: string
    readonly version: number | null
    readonly arm: string
    readonly weight: number
  }[]
  readonly agent_id: string | null
  readonly version: number | null
  /** null: time routing is off. */
  readonly open: boolean | null
  readonly webhook: {
    readonly result: 'replied' | 'failed' | 'not_asked'
    readonly failure: string | null
    readonly took_ms: number | null
    readonly attempts: number
  } | null
  readonly fallback: string | null
  readonly forwarded: { readonly target: string; readonly mode: 'redirect' | 'bridge' } | null
  readonly refused: { readonly sip_status: number; readonly reason: string } | null
  readonly trace: readonly ExplainedStep[]
  readonly decided_in_us: number
}

const weightOf = ({ agent_id, version, arm, weight_bp }: AssignmentEntry) => ({
  ...{ agent_id, version, arm },
  weight: weight_bp / 10_000,
})

const webhookOf = (outcome: WebhookOutcome | null): RoutingRecord['webhook'] => {
  if (outcome === null) return null
  if (outcome.kind === 'not_asked') return { result: 'not_asked', failure: null, took_ms: null, attempts: 0 }
  const { took_ms, attempts } = outcome
  const failure = outcome.kind === 'failed' ? outcome.failure : null
  return { result: outcome.kind, failure, took_ms: Math.round(took_ms), attempts }
}

const refusedOf = (outcome: RouteOutcome): RoutingRecord['refused'] =>
  outcome.kind === 'refuse' ? { sip_status: outcome.sip_status, reason: outcome.reason } : null

/** `decided_in_us`: without the time that a webhook took. */
export const routingRecord = (
  decision: RouteDecision,
  decided_in_us: number,
  request_uri: string | null,
): RoutingRecord => {
  const { outcome, number, direction, rule, trunk_id, candidates, webhook, fallback, open, trace } = decision
  const answer = outcome.kind === 'answer' ? outcome : null
  return {
    ...{ number, direction, rule, trunk_id },
    request_uri: request_uri === null ? null : printable(request_uri),
    arm: answer?.arm ?? null,
    weights: (candidates ?? []).map(weightOf),
    agent_id: answer?.agent_id ?? null,
    version: answer?.version ?? null,
    open,
    webhook: webhookOf(webhook),
    fallback,
    forwarded: outcome.kind === 'forward' ? { target: outcome.target, mode: outcome.mode } : null,
    refused: refusedOf(outcome),
    trace: explained(trace),
    decided_in_us,
  }
}
