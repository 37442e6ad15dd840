/**
 * Many callers, decided one by one as calls are (core/route.ts), and counted: who answers which share of them, and who of
 * them would be answered by somebody else than today.
 */

import { routeNumber } from '#core/route.ts'
import type { RouteDecision, RouteOutcome } from '#core/route-decision.ts'
import {
  type AssignmentEntry,
  type NumberRoute,
  type RoutingTable,
  type TrunkRoute,
  versionNamed,
} from '#core/routing-table.ts'
import { HEALTHY } from '#core/serve.ts'

/** A number and everything a decision about it reads. */
export type NumberTable = { readonly table: RoutingTable; readonly number: NumberRoute; readonly trunk: TrunkRoute }

/** Who a caller ends with. */
export type Destination =
  | { readonly kind: 'answer'; readonly agent_id: string; readonly version: number }
  | { readonly kind: 'forward'; readonly target: string }
  | { readonly kind: 'message' }
  | { readonly kind: 'nobody' }

export type ArmCount = {
  readonly agent_id: string
  /** What it means now; null: an entry that follows an agent without publications. */
  readonly version: number | null
  /** null: it answers as a fallback, drawn from no list. */
  readonly arm: string | null
  readonly weight_bp: number | null
  callers: number
}

type Count = { readonly to: Destination; callers: number }
type Move = { readonly from: Destination; readonly to: Destination; callers: number }

/** Everything counted so far. */
export type Simulation = {
  /** As it would be. */
  readonly side: NumberTable
  /** As it is; null: nothing is proposed. */
  readonly today: NumberTable | null
  readonly direction: 'inbound' | 'outbound'
  /** When they all call. */
  readonly at_ms: number
  callers: number
  /** The list that callers were drawn from first, by arm; then whoever answered otherwise. */
  readonly arms: Map<string, ArmCount>
  readonly destinations: Map<string, Count>
  readonly moves: Map<string, Move>
}

export const startSimulation = (given: Pick<Simulation, 'side' | 'today' | 'direction' | 'at_ms'>): Simulation => ({
  ...given,
  callers: 0,
  arms: new Map(),
  destinations: new Map(),
  moves: new Map(),
})

const NO_HEADERS = {}

/** One caller's only call. A webhook is not asked. */
const decide = (
  { direction, at_ms }: Simulation,
  side: NumberTable,
  caller: string | null,
  index: number,
): RouteDecision => {
  const call = { call_id: `simulated ${index}`, codecs: null, x_headers: NO_HEADERS, caller }
  const step = routeNumber(side.table, {
    number: side.number,
    trunk: side.trunk,
    direction,
    call,
    now_ms: at_ms,
    health: HEALTHY,
  })
  return step.kind === 'decided' ? step : step.resume({ kind: 'not_asked' })
}

const destinationOf = (outcome: RouteOutcome): Destination => {
  switch (outcome.kind) {
    case 'answer':
      return { kind: 'answer', agent_id: outcome.agent_id, version: outcome.version }
    case 'forward':
      return { kind: 'forward', target: outcome.target }
    case 'message':
      return { kind: 'message' }
    case 'refuse':
      return { kind: 'nobody' }
  }
}

const keyOf = (to: Destination): string => {
  switch (to.kind) {
    case 'answer':
      return `${to.agent_id}:${to.version}`
    case 'forward':
      return `forward ${to.target}`
    default:
      return to.kind
  }
}

/** An arm that draws nobody is shown as well. */
const listArms = ({ arms, side }: Simulation, candidates: readonly AssignmentEntry[]): void => {
  for (const { agent_id, version, arm, weight_bp } of candidates) {
    const agent = side.table.agents.get(agent_id)
    const named = agent && versionNamed(agent, version)
    arms.set(`arm ${arm}`, { agent_id, version: named?.version ?? version, arm, weight_bp, callers: 0 })
  }
}

const countArm = (simulation: Simulation, { outcome, candidates }: RouteDecision): void => {
  const { arms } = simulation
  if (arms.size === 0 && candidates !== null) listArms(simulation, candidates)
  if (outcome.kind !== 'answer') return
  const { agent_id, version, arm } = outcome
  const key = arm === null ? `fallback ${agent_id}` : `arm ${arm}`
  const known = arms.get(key)
  if (known) known.callers += 1
  else arms.set(key, { agent_id, version, arm, weight_bp: null, callers: 1 })
}

/** Counts one caller more; null: anonymous. */
export const addCaller = (simulation: Simulation, caller: string | null): void => {
  const { side, today, destinations, moves } = simulation
  const index = simulation.callers
  simulation.callers += 1
  const decision = decide(simulation, side, caller, index)
  countArm(simulation, decision)
  const to = destinationOf(decision.outcome)
  const key = keyOf(to)
  const known = destinations.get(key)
  if (known) known.callers += 1
  else destinations.set(key, { to, callers: 1 })
  if (today === null) return
  const from = destinationOf(decide(simulation, today, caller, index).outcome)
  const from_key = keyOf(from)
  if (from_key === key) return
  const move = moves.get(`${from_key} ${key}`)
  if (move) move.callers += 1
  else moves.set(`${from_key} ${key}`, { from, to, callers: 1 })
}

export const countOf = ({ destinations }: Simulation, kind: Destination['kind']): number =>
  [...destinations.values()].reduce((sum, { to, callers }) => sum + (to.kind === kind ? callers : 0), 0)

/** The largest first. */
export const movesOf = ({ moves }: Simulation): readonly Move[] =>
  [...moves.values()].toSorted((a, b) => b.callers - a.callers)
