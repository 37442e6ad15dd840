import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import type { RouteDecision, RouteOutcome } from '#core/route-decision.ts'
import { startTelephone } from '#tests/session/called-telephone.ts'
import { answering, type Heard, HOST, type Route, startCallers, startEdge, wordsOf } from '#tests/session/live-edge.ts'
import { RING_LIMIT_MS } from '#voice/session/bridge-state.ts'
import { FAREWELL_MS } from '#voice/session/call-state.ts'

const live = await startEdge()
const callers = await startCallers()
const telephone = await startTelephone()
after(async () => {
  await live.edge.stop()
  await callers.close()
  await telephone.close()
})
const TARGET = '+15557654321'
const deciding =
  (outcome: RouteOutcome, more: Partial<RouteDecision> = {}): Route =>
  call => ({ ...answering(call), outcome, ...more })
const forwarding = (mode: 'redirect' | 'bridge', target = TARGET): Route =>
  deciding({ kind: 'forward', target, mode, trunk_id: 'trunk-1' })

beforeEach(() => {
  live.records.told.length = 0
  live.logged.length = 0
  telephone.arrived.told.length = 0
  live.settings.outbound = { address: `${HOST}:${telephone.port}`, transport: 'UDP', credentials: null }
  live.settings.route = forwarding('bridge')
})

const LIMIT = { timeout: 20_000 }
const final = (heard: Heard): boolean => heard.kind === 'status' && heard.status >= 200
const closed = () => live.records.first(event => event.kind === 'closed')
const told = (): string[] => wordsOf(live.records.told)
const place = (...more: Parameters<typeof callers.place> extends [number, ...infer More] ? More : never) =>
  callers.place(live.port, ...more)
const statuses = (heard: readonly Heard[]): number[] =>
  heard.flatMap(each => (each.kind === 'status' && each.status > 100 ? [each.status] : []))

const REDIRECTS = [
  ['a number over its trunk', TARGET, () => `<sip:${TARGET}@${HOST}:${telephone.port}>`],
  ['a SIP URI as it is', 'sip:desk@example.com', () => '<sip:desk@example.com>'],
] as const
for (const [name, target, contact] of REDIRECTS)
  test(`302 with ${name}; the record is closed as transferred`, LIMIT, async () => {
    live.settings.route = forwarding('redirect', target)
    const { story, stream } = await place('+15551234567')
    const heard = await story.first(final)
    assert.ok(heard.kind === 'status')
    assert.equal(heard.status, 302)
    assert.equal(heard.headers?.get('Contact'), contact())
    assert.deepEqual(told(), ['opened ringing', 'transferred forwarded'])
    assert.ok(!live.logged.join().includes('1555'), 'no telephone number in the log')
    await stream.close()
  })

test('302 where the trunk calls nowhere out: the number at where the call came from', LIMIT, async () => {
  live.settings.outbound = null
  live.settings.route = forwarding('redirect')
  const { story, stream } = await place('+15551234567')
  const heard = await story.first(final)
  const source = live.calls.at(-1)?.source
  assert.ok(heard.kind === 'status' && heard.status === 302)
  assert.equal(heard.headers?.get('Contact'), `<sip:${TARGET}@${source?.address}:${source?.port}>`)
  await stream.close()
})

test('a message is answered, spoken and hung up', LIMIT, async () => {
  live.settings.route = call =>
    deciding({ kind: 'message', text: 'We are closed.', codec: call.codecs?.[0] ?? null })(call)
  const { story, stream } = await place('+15551234567')
  await story.first(heard => heard.kind === 'speaking')
  await live.clock.sets.first(delay => delay === FAREWELL_MS)
  assert.ok(live.clock.fire(FAREWELL_MS))
  assert.deepEqual(await story.first(heard => heard.kind === 'ended'), { kind: 'ended', reason: 'remote_bye' })
  await closed()
  assert.deepEqual(told(), ['opened ringing', 'answered', 'agent speech We are closed.', 'completed message_spoken'])
  assert.deepEqual(live.began.told, [], 'no version’s call')
  await stream.close()
})

test('603: a webhook that rejects the call', LIMIT, async () => {
  live.settings.route = deciding({ kind: 'refuse', sip_status: 603, reason: 'webhook_rejected' })
  const { story, stream } = await place('+15551234567')
  assert.deepEqual(statuses([await story.first(final)]), [603])
  assert.deepEqual(told(), ['opened ringing', 'failed webhook_rejected'])
  await stream.close()
})

/** A caller and the telephone that it was joined to. */
const join = async () => {
  const caller = await place('+15551234567')
  const called = await telephone.arrived.first(() => true)
  called.call.ringing()
  await caller.story.first(heard => heard.kind === 'status' && heard.status === 180)
  await called.pickUp()
  await called.story.first(what => what === 'confirmed')
  await caller.story.first(final)
  return { ...caller, called }
}

for (const ends of ['caller', 'called'] as const)
  test(`a bridge: they hear each other, and a BYE of the ${ends} ends both`, LIMIT, async () => {
    const { story, stream, call, called } = await join()
    assert.equal(called.call.request_uri, `sip:${TARGET}@${HOST}:${telephone.port}`)
    assert.equal(called.call.headers.get('Max-Forwards'), '69')
    assert.equal(called.call.headers.get('X-Patchcord-Forwards'), '1')
    assert.equal(called.call.headers.get('Diversion'), '<tel:+15551234567>;reason=unconditional')
    assert.match(called.call.headers.get('From') ?? '', /^<sip:\+15550001111@/)
    await story.first(heard => heard.kind === 'speaking')
    stream.play(new Int16Array(2400).fill(8000).map((level, index) => (index % 16 < 8 ? level : -level)))
    await called.story.first(what => what === 'hears')
    assert.equal(live.edge.calls_in_flight(), 1)
    if (ends === 'caller') {
      await call.hang_up()
      await called.story.first(what => what === 'ended remote_bye')
    } else {
      called.call.hang_up()
      assert.deepEqual(await story.first(heard => heard.kind === 'ended'), { kind: 'ended', reason: 'remote_bye' })
    }
    await live.edge.drain()
    assert.deepEqual(told(), ['opened ringing', 'answered', 'transferred forwarded'])
    assert.deepEqual(live.clock.delays(), [])
    await stream.close()
  })

test('a bridge: who hangs up while it rings cancels the other call', LIMIT, async () => {
  const { call, stream, story } = await place('+15551234567')
  const called = await telephone.arrived.first(() => true)
  called.call.ringing()
  await story.first(heard => heard.kind === 'status' && heard.status === 180)
  await call.hang_up()
  await called.story.first(what => what === 'cancelled')
  await live.edge.drain()
  assert.deepEqual(told(), ['opened ringing', 'cancelled cancelled'])
  await stream.close()
})

const REFUSED = [
  [486, 486, 'unanswered forward_busy'],
  [603, 603, 'unanswered forward_declined'],
  [488, 488, 'unanswered forward_no_common_codec'],
  [404, 480, 'failed forward_failed'],
  [503, 480, 'failed forward_failed'],
] as const
for (const [theirs, ours, record] of REFUSED)
  test(`a bridge: ${theirs} of the target is ${ours} to the caller`, LIMIT, async () => {
    const { story, stream } = await place('+15551234567')
    const called = await telephone.arrived.first(() => true)
    called.call.refuse(theirs)
    assert.deepEqual(statuses([await story.first(final)]), [ours])
    await live.edge.drain()
    assert.deepEqual(told(), ['opened ringing', record])
    await stream.close()
  })

test('a bridge over a trunk that asks who calls: answered with the trunk’s credentials', LIMIT, async () => {
  const credentials = { username: 'us', password: 'correct horse' }
  live.settings.outbound = { address: `${HOST}:${telephone.port}`, transport: 'TCP', credentials }
  const { story, stream } = await place('+15551234567')
  const asked = await telephone.arrived.first(() => true)
  assert.equal(asked.call.source.transport, 'tcp')
  assert.equal(asked.call.headers.get('Proxy-Authorization'), undefined)
  asked.call.refuse(407, { headers: [['Proxy-Authenticate', 'Digest realm="carrier", nonce="n", qop="auth"']] })
  const again = await telephone.arrived.first(each => each !== asked)
  assert.match(again.call.headers.get('Proxy-Authorization') ?? '', /^Digest username="us", realm="carrier"/)
  again.call.refuse(486)
  assert.deepEqual(statuses([await story.first(final)]), [486])
  assert.ok(!live.logged.join().includes('horse'))
  await live.edge.drain()
  await stream.close()
})

test('a bridge: who shall not be named is not', LIMIT, async () => {
  live.settings.route = call => ({ ...forwarding('bridge')(call), caller: null })
  const { stream, story } = await place('+15551234567')
  const called = await telephone.arrived.first(() => true)
  assert.match(called.call.headers.get('From') ?? '', /^<sip:anonymous@/)
  assert.equal(called.call.headers.get('Privacy'), 'id')
  called.call.refuse(486)
  await story.first(final)
  await live.edge.drain()
  await stream.close()
})

test('a bridge: nobody picks up', LIMIT, async () => {
  const { story, stream } = await place('+15551234567')
  const called = await telephone.arrived.first(() => true)
  called.call.ringing()
  await story.first(heard => heard.kind === 'status' && heard.status === 180)
  assert.ok(live.clock.fire(RING_LIMIT_MS))
  assert.deepEqual(statuses([await story.first(final)]), [480])
  await called.story.first(what => what === 'cancelled')
  await live.edge.drain()
  assert.deepEqual(told(), ['opened ringing', 'unanswered forward_unanswered'])
  await stream.close()
})

test('a bridge to a SIP URI goes where the guard says, and nowhere that it denies', LIMIT, async () => {
  live.settings.outbound = null
  live.settings.route = forwarding('bridge', `sip:desk@desk.example:${telephone.port}`)
  live.settings.guard = async host => (host === 'desk.example' ? HOST : null)
  const { story, stream, call } = await place('+15551234567')
  const called = await telephone.arrived.first(() => true)
  assert.equal(called.call.request_uri, `sip:desk@desk.example:${telephone.port}`)
  await call.hang_up()
  await story.first(final)
  await live.edge.drain()
  telephone.arrived.told.length = 0
  live.records.told.length = 0

  live.settings.guard = async () => null
  const denied = await place('+15551234567')
  assert.deepEqual(statuses([await denied.story.first(final)]), [480])
  assert.deepEqual(told(), ['opened ringing', 'failed forward_address_denied'])
  assert.deepEqual(telephone.arrived.told, [])
  await stream.close()
  await denied.stream.close()
})

const LOOPS = [
  ['no hops left', { max_forwards: 0 }, 483, 'forward_too_many_hops'],
  ['forwarded by us three times already', { headers: [['X-Patchcord-Forwards', '3']] }, 482, 'forward_loop'],
] as const
for (const [name, more, status, reason] of LOOPS)
  test(`a bridge is not placed: ${name}`, LIMIT, async () => {
    const { story, stream } = await place('+15551234567', 'udp', more)
    assert.deepEqual(statuses([await story.first(final)]), [status])
    assert.deepEqual(told(), ['opened ringing', `failed ${reason}`])
    assert.deepEqual(telephone.arrived.told, [])
    await stream.close()
  })

test('a bridge to ourselves ends after three rounds', LIMIT, async () => {
  live.settings.outbound = { address: `${HOST}:${live.port}`, transport: 'UDP', credentials: null }
  const { story, stream } = await place('+15551234567')
  assert.deepEqual(statuses([await story.first(final)]), [480])
  await live.edge.drain()
  assert.equal(live.records.told.filter(event => event.kind === 'opened').length, 4)
  await stream.close()
})

test('stopping ends a bridge on both sides', LIMIT, async () => {
  const other = await startEdge()
  other.settings.route = forwarding('bridge')
  other.settings.outbound = live.settings.outbound
  const { story, stream } = await callers.place(other.port, '+15551234567')
  const called = await telephone.arrived.first(() => true)
  await called.pickUp()
  await called.story.first(what => what === 'confirmed')
  await story.first(final)
  await other.edge.stop()
  await story.first(heard => heard.kind === 'ended')
  await called.story.first(what => what === 'ended remote_bye')
  assert.deepEqual(wordsOf(other.records.told).at(-1), 'failed shut_down')
  await stream.close()
})
