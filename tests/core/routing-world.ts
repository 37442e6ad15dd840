/** Routing tables for tests: one organization, its trunk, its agents, one number. Everything can be said otherwise. */
import type { IncomingCall } from '#core/call.ts'
import { parseRange } from '#core/ip.ts'
import { decideRoute, type RouteState } from '#core/route.ts'
import type { RouteDecision, RouteOutcome } from '#core/route-decision.ts'
import {
  type AgentRoute,
  type AssignmentEntry,
  addAssignment,
  emptyRoutingTable,
  type InboundRouting,
  type NumberRouting,
  PLAIN_ROUTING,
  type RoutingTable,
  type ScheduleRoute,
  setAgent,
  setInboundRouting,
  setNumber,
  setSchedule,
  setTrunk,
  type TrunkRoute,
  toAssignment,
  type VersionRoute,
} from '#core/routing-table.ts'
import type { CompiledSchedule } from '#core/schedule.ts'
import { HEALTHY } from '#core/serve.ts'
import { TRUNK_TRANSPORTS } from '#core/trunk.ts'
import type { WebhookOutcome, WebhookReply } from '#core/webhook.ts'

export const AGENT = '0190a000-0000-7000-8000-00000000000a'
export const OTHER = '0190a000-0000-7000-8000-00000000000b'
export const THIRD = '0190a000-0000-7000-8000-00000000000c'
export const NUMBER = '+15551234567'

const script = { variables: {}, voice: 'slt', silence_timeout_seconds: 30, max_duration_seconds: 3600 }

export const version = (agent_id: string, number: number): VersionRoute => ({
  id: `${agent_id}#${number}`,
  agent_id,
  version: number,
  script: { starting_message: `v${number}`, ...script },
})

export const agent = (id: string, numbers: readonly number[], rest: Partial<AgentRoute> = {}): AgentRoute => ({
  id,
  organization_id: 'org',
  name: id,
  active: true,
  latest_published: numbers.length === 0 ? null : version(id, Math.max(...numbers)),
  versions: new Map(numbers.map(n => [n, version(id, n)])),
  sip_endpoint: null,
  ...rest,
})

export const entry = (agent_id: string, number: number | null, weight_bp = 10_000): AssignmentEntry => ({
  agent_id,
  version: number,
  weight_bp,
  arm: `${agent_id}:${number ?? 'latest'}`,
})

export const trunk = (id: string, accepts: string, rest: Partial<TrunkRoute> = {}): TrunkRoute => {
  const range = parseRange(accepts)
  return {
    id,
    organization_id: 'org',
    accepts: range ? [range] : [],
    transports: TRUNK_TRANSPORTS,
    credentials: null,
    forwarding: 'redirect',
    outbound: null,
    ...rest,
  }
}

/** Open or closed from ever to ever. */
export const always = (open: boolean, rule: string | null = null): CompiledSchedule => ({
  from_ms: 0,
  until_ms: Number.MAX_SAFE_INTEGER,
  starts: Float64Array.of(0),
  states: [{ open, rule }],
})

export const schedule = (compiled: CompiledSchedule, after_hours: ScheduleRoute['after_hours']): ScheduleRoute => ({
  ...{ id: 'hours', organization_id: 'org', name: 'Hours', timezone: 'UTC' },
  ...{ rules: { weekly: [], dates: [] }, compiled, after_hours },
})

export type World = {
  readonly agents?: readonly AgentRoute[]
  readonly slot?: readonly AssignmentEntry[] | null
  readonly outbound?: readonly AssignmentEntry[] | null
  readonly accepts?: string
  readonly trunk?: Partial<TrunkRoute>
  readonly routing?: Partial<NumberRouting>
  readonly schedule?: ScheduleRoute
  readonly inbound_routing?: Partial<InboundRouting>
}

export const assignment = (entries: readonly AssignmentEntry[]) => toAssignment('org', JSON.stringify(entries), entries)

export const world = (its: World): RoutingTable => {
  const table = emptyRoutingTable()
  setTrunk(table, 'trunk', trunk('trunk', its.accepts ?? '127.0.0.0/8', its.trunk))
  setTrunk(table, 'foreign', trunk('foreign', '10.0.0.1', { organization_id: 'elsewhere' }))
  for (const each of its.agents ?? [agent(AGENT, [1])]) setAgent(table, each.id, each)
  const slot = its.slot === undefined ? [entry(AGENT, 1)] : its.slot
  const inbound = slot && assignment(slot)
  const outbound = its.outbound ? assignment(its.outbound) : null
  for (const each of [inbound, outbound]) if (each) addAssignment(table, each)
  if (its.schedule) setSchedule(table, its.schedule.id, its.schedule)
  if (its.inbound_routing)
    setInboundRouting(table, 'org', {
      ...{ organization_id: 'org', webhook: null, fallback_agent_id: null },
      ...its.inbound_routing,
    })
  const routing = { ...PLAIN_ROUTING, ...its.routing }
  const number = { id: 'n', organization_id: 'org', phone_number: NUMBER, trunk_id: 'trunk' }
  setNumber(table, 'n', { ...number, inbound, outbound, routing })
  return table
}

export const call = (changes: Partial<IncomingCall> = {}): IncomingCall => ({
  call_id: 'c@1',
  source: { address: '127.0.0.1', port: 5062, transport: 'udp' },
  user: NUMBER,
  request_uri: `sip:${NUMBER}@127.0.0.1`,
  from_user: '+4930123456',
  asserted_user: null,
  codecs: ['PCMU'],
  authorization: [],
  x_headers: {},
  ...changes,
})

export const state = (changes: Partial<RouteState> = {}): RouteState => ({
  draining: false,
  now_ms: 1_000_000,
  health: HEALTHY,
  authenticate: () => {
    throw new Error('nobody asks for credentials here')
  },
  ...changes,
})

/** The decision, the webhook answering so; a webhook that is asked unexpectedly is a fault of the test. */
export const decide = (
  table: RoutingTable,
  of_call: IncomingCall,
  of_state: RouteState = state(),
  webhook?: WebhookOutcome,
): RouteDecision => {
  const step = decideRoute(table, of_call, of_state)
  if (step.kind === 'decided') return step
  if (webhook === undefined) throw new Error('a webhook is asked, and the test has no answer')
  return step.resume(webhook)
}

const NOTHING: WebhookReply = {
  override_agent: null,
  override_version: null,
  dynamic_variables: {},
  metadata: {},
  reject: false,
}
export const replied = (reply: Partial<WebhookReply> = {}): WebhookOutcome => ({
  ...{ kind: 'replied', took_ms: 12, attempts: 1 },
  reply: { ...NOTHING, ...reply },
})

/** `agent:version`; a forward's target; a message; or the SIP status. */
export const said = (outcome: RouteOutcome): string | number => {
  switch (outcome.kind) {
    case 'answer':
      return `${outcome.agent_id}:${outcome.version}`
    case 'forward':
      return outcome.target
    case 'message':
      return outcome.text
    case 'refuse':
      return outcome.sip_status
  }
}
