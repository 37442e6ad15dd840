/** The desk that the telephone side asks: decisions from the table in memory, records behind the call's back. */
import type { CallHealth } from '#app/call-health.ts'
import { newId } from '#app/context.ts'
import type { CallDesk, Clock, InboundWebhook, RememberAgent, RoutedCall } from '#app/ports.ts'
import type { CallRecorder } from '#app/record-calls.ts'
import { decideRoute, type RouteState } from '#core/route.ts'
import type { AwaitingWebhook, RouteDecision } from '#core/route-decision.ts'
import { type RoutingTable, type VersionRoute, versionNamed } from '#core/routing-table.ts'
import { startingMessage } from '#core/script.ts'
import type { WebhookOutcome } from '#core/webhook.ts'

export type PreciseClock = Clock & { readonly now_us: () => number }

/** Questions under way in this process: each holds a call, a socket and up to 64 KiB. */
export const ASKING_LIMIT = 1000

type Deps = {
  readonly table: RoutingTable
  readonly recorder: Pick<CallRecorder, 'record'>
  readonly clock: PreciseClock
  readonly health: CallHealth
  readonly webhook: InboundWebhook
  /** Brings what a webhook named and the table does not hold. */
  readonly remember: RememberAgent
  /** Read at each call: draining begins while calls come in. */
  readonly draining: () => boolean
  readonly authenticate: RouteState['authenticate']
}

/** Resolves when the work is done or the time is over. */
const within = async (limit_ms: number, work: () => Promise<void>): Promise<void> => {
  if (limit_ms <= 0) return
  const { promise: late, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, limit_ms)
  await Promise.race([work(), late])
  clearTimeout(timer)
}

/** Whom an answer names, if the table holds nobody of that name. */
const missingFrom = (table: RoutingTable, { question }: AwaitingWebhook, outcome: WebhookOutcome) => {
  if (outcome.kind !== 'replied' || outcome.reply.reject) return null
  const { override_agent, override_version } = outcome.reply
  if (override_agent === 'malformed' || override_version === 'malformed') return null
  if (override_agent === null && override_version === null) return null
  const agent_id = override_agent?.agent_id ?? question.agent?.agent_id
  if (agent_id === undefined) return null
  const agent = table.agents.get(agent_id)
  return agent && versionNamed(agent, override_version) ? null : { agent_id, version: override_version }
}

const ABANDONED = { kind: 'failed', failure: 'webhook_abandoned', attempts: 1 } as const
const BUSY: WebhookOutcome = { kind: 'failed', failure: 'webhook_busy', took_ms: 0, attempts: 0 }

export const createCallDesk = (deps: Deps): CallDesk => {
  const { table, clock, health } = deps
  let asking = 0

  /** `decide` with the time it takes. */
  const timed = <T>(decide: () => T): readonly [T, number] => {
    const begun_us = clock.now_us()
    const decided = decide()
    return [decided, Math.max(0, Math.round(clock.now_us() - begun_us))]
  }
  const routed = (decision: RouteDecision, decided_in_us: number, drawn: VersionRoute | null): RoutedCall => {
    const { outcome, variables } = decision
    if (outcome.kind !== 'answer') return { kind: 'routed', decision, decided_in_us, script: null }
    const agent = table.agents.get(outcome.agent_id)
    const version = drawn?.id === outcome.agent_version_id ? drawn : agent && versionNamed(agent, outcome.version)
    const script = version && { ...version.script, starting_message: startingMessage(version.script, variables) }
    return { kind: 'routed', decision, decided_in_us, script: script ?? null }
  }
  /** One that goes on. A caller who has given up tries no version out. */
  const given = (call: RoutedCall): RoutedCall => {
    const { outcome } = call.decision
    if (outcome.kind === 'answer') health.taken(outcome.agent_version_id)
    return call
  }
  /** Kept while its webhook is asked: a publish may take it out of the table meanwhile. */
  const drawnFor = ({ question }: AwaitingWebhook): VersionRoute | null => {
    const agent = question.agent && table.agents.get(question.agent.agent_id)
    return (agent && question.agent && versionNamed(agent, question.agent.version)) ?? null
  }

  /** The webhook's word, with whom it names brought into the table while there is time. */
  const hear = async (step: AwaitingWebhook): Promise<WebhookOutcome> => {
    const { question, organization_id } = step
    const begun_ms = clock.now_ms()
    asking += 1
    const outcome = await deps.webhook.ask(question).finally(() => {
      asking -= 1
    })
    const missing = missingFrom(table, step, outcome)
    if (missing !== null) {
      const left_ms = question.timeout_ms - (clock.now_ms() - begun_ms)
      await within(left_ms, () => deps.remember(organization_id, missing.agent_id, missing.version))
    }
    return outcome
  }

  return {
    route: call => {
      const { authenticate } = deps
      const state = { draining: deps.draining(), now_ms: clock.now_ms(), health: health.now(), authenticate }
      const [step, decided_in_us] = timed(() => decideRoute(table, call, state))
      if (step.kind === 'decided') return given(routed(step, decided_in_us, null))
      const drawn = drawnFor(step)
      const resume = (outcome: WebhookOutcome): RoutedCall => {
        const [decision, resumed_in_us] = timed(() => step.resume(outcome))
        return routed(decision, decided_in_us + resumed_in_us, drawn)
      }
      if (asking >= ASKING_LIMIT) return given(resume(BUSY))
      const { promise, resolve } = Promise.withResolvers<RoutedCall>()
      let given_up = false
      void hear(step).then(outcome => {
        if (!given_up) resolve(given(resume(outcome)))
      })
      return {
        kind: 'asking',
        routed: promise,
        give_up: () => {
          given_up = true
          return resume({ ...ABANDONED, took_ms: Math.max(0, clock.now_ms() - state.now_ms) })
        },
      }
    },
    outbound: trunk_id => table.trunks.get(trunk_id)?.outbound ?? null,
    began: health.began,
    record: deps.recorder.record,
    new_id: newId,
  }
}
