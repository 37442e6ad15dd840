/** The route decision in process, against the least that any router has to do: find the number, pick by weight. */
import { interleave } from '#bench/measure.ts'
import type { Bench, Row } from '#bench/table.ts'
import { alone } from '#core/assignment.ts'
import type { IncomingCall } from '#core/call.ts'
import { parseRange } from '#core/ip.ts'
import { decideRoute, type RouteState } from '#core/route.ts'
import {
  addAssignment,
  emptyRoutingTable,
  type RoutingTable,
  setAgent,
  setNumber,
  setTrunk,
  type VersionRoute,
} from '#core/routing-table.ts'
import { TRUNK_TRANSPORTS } from '#core/trunk.ts'

const NUMBERS = 1_000_000
/** Enough that neither the calls nor what they name stay in the processor's caches. */
const CALLS = 200_000
const ROUNDS = 7

const uuid = (index: number): string => `00000000-0000-7000-8000-${index.toString(16).padStart(12, '0')}`
const phoneNumber = (index: number): string => `+1${2_000_000_000 + index}`

const AGENTS = 1000
const ORGANIZATION = uuid(0)

/** A million numbers of one organization, in the slots of which a thousand agents stand. */
const buildTable = (): RoutingTable => {
  const table = emptyRoutingTable()
  const loopback = parseRange('127.0.0.0/8')
  if (loopback === null) throw new Error('127.0.0.0/8 is no range')
  setTrunk(table, uuid(1), {
    id: uuid(1),
    organization_id: ORGANIZATION,
    accepts: [loopback],
    transports: TRUNK_TRANSPORTS,
    credentials: null,
  })
  const script = { starting_message: null, voice: 'slt', silence_timeout_seconds: 30, max_duration_seconds: 3600 }
  for (let index = 0; index < AGENTS; index++) {
    const id = uuid(1000 + index)
    const version: VersionRoute = { id: uuid(10_000 + index), agent_id: id, version: 1, script }
    const versions = new Map([[1, version]])
    const agent = { id, organization_id: ORGANIZATION, name: `Agent ${index}`, active: true, sip_endpoint: null }
    setAgent(table, id, { ...agent, latest_published: version, versions })
    addAssignment(table, { id: uuid(20_000 + index), entries: alone(id, 1) })
  }
  for (let index = 0; index < NUMBERS; index++) {
    const inbound = table.assignments.get(uuid(20_000 + (index % AGENTS))) ?? null
    const id = uuid(1_000_000 + index)
    setNumber(table, id, { id, organization_id: ORGANIZATION, phone_number: phoneNumber(index), inbound })
  }
  return table
}

const callTo = (index: number): IncomingCall => ({
  call_id: `${index}@bench`,
  source: { address: '127.0.0.1', port: 5060, transport: 'udp' },
  user: phoneNumber(index),
  request_uri: `sip:${phoneNumber(index)}@127.0.0.1`,
  from_user: '+15550009999',
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
    const table = buildTable()
    const floor = buildFloor()
    const next = sequence(20_261_122)
    const random = Array.from({ length: CALLS }, () => callTo(next() % NUMBERS))
    const hot = Array.from({ length: CALLS }, () => callTo(4711))
    const state: RouteState = {
      draining: false,
      authenticate: () => ({ kind: 'refused', reason: 'credentials_missing' }),
    }
    const measure = async (name: string, calls: readonly IncomingCall[], at_most: number): Promise<Row> => {
      const { reference, ours } = await interleave(
        ROUNDS,
        () => perCall(calls, call => pick(floor, call.user, next()) !== ''),
        () => perCall(calls, call => decideRoute(table, call, state).outcome.kind === 'answer'),
      )
      return {
        name,
        unit: 'µs',
        reference: { name: 'Map and weighted pick', value: reference },
        ours,
        target: { at_most },
      }
    }
    show(await measure('route decision, one hot number', hot, 0.3))
    show(await measure('route decision, random among 1,000,000', random, 2.7))
  },
}
