/** The route decision in process, against the least that any router has to do: find the number, pick by weight. */
import { interleave } from '#bench/measure.ts'
import type { Bench, Row } from '#bench/table.ts'
import { alone, defaultArm } from '#core/assignment.ts'
import type { IncomingCall } from '#core/call.ts'
import { parseRange } from '#core/ip.ts'
import { decideRoute, type RouteState } from '#core/route.ts'
import {
  type AssignmentEntry,
  addAssignment,
  emptyRoutingTable,
  PLAIN_ROUTING,
  type RoutingTable,
  setAgent,
  setNumber,
  setSchedule,
  setTrunk,
  toAssignment,
  type VersionRoute,
} from '#core/routing-table.ts'
import type { ClockState } from '#core/schedule.ts'
import { HEALTHY } from '#core/serve.ts'
import { TRUNK_TRANSPORTS } from '#core/trunk.ts'

const NUMBERS = 1_000_000
/** Enough that neither the calls nor what they name stay in the processor's caches. */
const CALLS = 200_000
const ROUNDS = 7

const uuid = (index: number): string => `00000000-0000-7000-8000-${index.toString(16).padStart(12, '0')}`
const phoneNumber = (index: number): string => `+1${2_000_000_000 + index}`

const AGENTS = 1000
const SCHEDULES = 100
const ORGANIZATION = uuid(0)
const HOUR_MS = 3_600_000
const NOW_MS = 1_000_000 * HOUR_MS

/** Sixty days of opening at nine and closing at five. */
const addSchedules = (table: RoutingTable): void => {
  const starts = Float64Array.from(
    { length: 120 },
    (_, index) => NOW_MS + (Math.floor(index / 2) * 24 + (index % 2) * 8 - 3) * HOUR_MS,
  )
  const states = Array.from(starts, (_, index): ClockState => ({ open: index % 2 === 0, rule: 'Office' }))
  for (let index = 0; index < SCHEDULES; index++)
    setSchedule(table, uuid(30_000 + index), {
      ...{ id: uuid(30_000 + index), organization_id: ORGANIZATION, name: 'Office', timezone: 'UTC' },
      rules: { weekly: [], dates: [] },
      compiled: { from_ms: starts[0] ?? 0, until_ms: NOW_MS + 60 * 24 * HOUR_MS, starts, states },
      after_hours: { kind: 'none' },
    })
}

/** 0.7 of one agent's calls, and 0.3 of the next one's. */
const splitOf = (index: number): readonly AssignmentEntry[] =>
  [7000, 3000].map((weight_bp, offset) => {
    const agent_id = uuid(1000 + ((index + offset) % AGENTS))
    return { agent_id, version: 1, weight_bp, arm: defaultArm(agent_id, 1) }
  })

/** Hot: one version alone, no schedule; split: two, by weight, under a schedule. */
type Kind = 'alone' | 'split'

/** A million numbers of one organization, in the slots of which a thousand agents stand. */
const buildTable = (kind: Kind): RoutingTable => {
  const table = emptyRoutingTable()
  addSchedules(table)
  const loopback = parseRange('127.0.0.0/8')
  if (loopback === null) throw new Error('127.0.0.0/8 is no range')
  setTrunk(table, uuid(1), {
    id: uuid(1),
    organization_id: ORGANIZATION,
    accepts: [loopback],
    transports: TRUNK_TRANSPORTS,
    ...{ credentials: null, forwarding: 'redirect', outbound: null },
  })
  const limits = { silence_timeout_seconds: 30, max_duration_seconds: 3600 }
  const script = { starting_message: null, variables: {}, voice: 'slt', ...limits }
  for (let index = 0; index < AGENTS; index++) {
    const id = uuid(1000 + index)
    const version: VersionRoute = { id: uuid(10_000 + index), agent_id: id, version: 1, script }
    const versions = new Map([[1, version]])
    const agent = { id, organization_id: ORGANIZATION, name: `Agent ${index}`, active: true, sip_endpoint: null }
    setAgent(table, id, { ...agent, latest_published: version, versions })
    const entries = kind === 'alone' ? alone(id, 1) : splitOf(index)
    addAssignment(table, toAssignment(ORGANIZATION, uuid(20_000 + index), entries))
  }
  const routings = Array.from({ length: kind === 'split' ? SCHEDULES : 0 }, (_, index) => ({
    ...PLAIN_ROUTING,
    schedule_id: uuid(30_000 + index),
  }))
  for (let index = 0; index < NUMBERS; index++) {
    const inbound = table.assignments.get(uuid(20_000 + (index % AGENTS))) ?? null
    const id = uuid(1_000_000 + index)
    const number = { id, organization_id: ORGANIZATION, phone_number: phoneNumber(index), trunk_id: uuid(1) }
    setNumber(table, id, { ...number, inbound, outbound: null, routing: routings[index % SCHEDULES] ?? PLAIN_ROUTING })
  }
  return table
}

const callTo = (index: number): IncomingCall => ({
  call_id: `${index}@bench`,
  source: { address: '127.0.0.1', port: 5060, transport: 'udp' },
  user: phoneNumber(index),
  request_uri: `sip:${phoneNumber(index)}@127.0.0.1`,
  from_user: `+1555${String(index * 7919)
    .slice(-7)
    .padStart(7, '0')}`,
  asserted_user: null,
  codecs: ['PCMU'],
  authorization: [],
  x_headers: {},
})

/** A repeatable sequence of 32-bit numbers (xorshift), so that every run asks the same questions. */
const sequence = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
}

type Arm = { readonly weight_bp: number; readonly name: string }
type Floor = ReadonlyMap<string, readonly Arm[]>

const buildFloor = (): Floor => {
  const floor = new Map<string, readonly Arm[]>()
  for (let index = 0; index < NUMBERS; index++) {
    floor.set(phoneNumber(index), [
      { weight_bp: 7000, name: `a${index % AGENTS}` },
      { weight_bp: 3000, name: `b${index % AGENTS}` },
    ])
  }
  return floor
}

const pick = (floor: Floor, user: string, draw: number): string => {
  let rest = draw % 10_000
  for (const arm of floor.get(user) ?? []) {
    if (rest < arm.weight_bp) return arm.name
    rest -= arm.weight_bp
  }
  return ''
}

/** Microseconds a decision over all calls. What was decided is counted, so that nothing can be left out as unused. */
const perCall = (calls: readonly IncomingCall[], decide: (call: IncomingCall) => boolean): number => {
  let decided = 0
  const start = performance.now()
  for (const call of calls) if (decide(call)) decided += 1
  const elapsed_ms = performance.now() - start
  if (decided !== calls.length) throw new Error(`${calls.length - decided} of ${calls.length} calls found no version`)
  return (elapsed_ms * 1000) / calls.length
}

export const route: Bench = {
  name: 'route',
  run: async show => {
    const plain = buildTable('alone')
    const split = buildTable('split')
    const floor = buildFloor()
    const next = sequence(20_261_122)
    const random = Array.from({ length: CALLS }, () => callTo(next() % NUMBERS))
    const hot = Array.from({ length: CALLS }, () => callTo(4711))
    const state: RouteState = {
      draining: false,
      now_ms: NOW_MS,
      health: HEALTHY,
      authenticate: () => ({ kind: 'refused', reason: 'credentials_missing' }),
    }
    const answered = (table: RoutingTable, call: IncomingCall): boolean => {
      const step = decideRoute(table, call, state)
      return step.kind === 'decided' && step.outcome.kind === 'answer'
    }
    const measure = async (
      name: string,
      table: RoutingTable,
      calls: readonly IncomingCall[],
      at_most: number | null,
    ): Promise<Row> => {
      const { reference, ours } = await interleave(
        ROUNDS,
        () => perCall(calls, call => pick(floor, call.user, next()) !== ''),
        () => perCall(calls, call => answered(table, call)),
      )
      return {
        name,
        unit: 'µs',
        reference: { name: 'Map and weighted pick', value: reference },
        ours,
        target: at_most === null ? null : { at_most },
      }
    }
    show(await measure('route decision, one hot number', plain, hot, 0.3))
    show(await measure('route decision, one hot number, two arms under a schedule', split, hot, null))
    show(await measure('route decision, random among 1,000,000, two arms, schedules', split, random, 2.7))
  },
}
