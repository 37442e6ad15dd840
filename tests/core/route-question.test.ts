/** What a webhook is asked, calls out, and who keeps an arm. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { IncomingCall } from '#core/call.ts'
import { routeNumber } from '#core/route.ts'
import { HEALTHY } from '#core/serve.ts'
import {
  AGENT,
  agent,
  always,
  call,
  decide,
  entry,
  NUMBER,
  OTHER,
  replied,
  said,
  schedule,
  type World,
  world,
} from '#tests/core/routing-world.ts'

const WEBHOOK = { webhook: { url: 'https://example.com/', timeout_ms: 2000, secret: null } }
const TWO = [agent(AGENT, [1, 2]), agent(OTHER, [1])]
const PAUSED = [agent(AGENT, [1], { active: false }), agent(OTHER, [1])]
const CLOSED = always(false, 'Christmas')
const TIMED = { schedule_id: 'hours' }

test('what the webhook is asked about', () => {
  const table = world({
    routing: { webhook: { url: 'https://example.com/x', timeout_ms: 300, secret: Uint8Array.of(1) } },
  })
  const [number, trunk] = [table.numbers.get(NUMBER), table.trunks.get('trunk')]
  assert.ok(number && trunk)
  const x_headers = { 'x-customer-id': 'C-7' }
  const of_call = { call_id: 'c', codecs: null, x_headers, caller: '+4930123456' }
  const step = routeNumber(table, { number, trunk, direction: 'inbound', call: of_call, now_ms: 0, health: HEALTHY })
  assert.equal(step.kind, 'ask_webhook')
  if (step.kind !== 'ask_webhook') return
  assert.deepEqual(step.question, {
    url: 'https://example.com/x',
    timeout_ms: 300,
    secret: Uint8Array.of(1),
    agent: { agent_id: AGENT, version: 1 },
    from_number: '+4930123456',
    to_number: NUMBER,
    trunk_id: 'trunk',
    sip_headers: x_headers,
  })
  const { variables } = step.resume(replied({ dynamic_variables: { name: 'Ann', x_customer_id: 'other' } }))
  assert.deepEqual(variables, { x_customer_id: 'other', name: 'Ann' })
})

test('a call out: its own slot, keyed by who is called; no clock, no webhook, nothing that only a caller can be given', () => {
  const rest = { slot: null, schedule: schedule(CLOSED, { kind: 'message', text: 'Closed.' }) }
  const routing = { ...TIMED, ...WEBHOOK, forward: '+4930999', message: 'Nobody.' }
  const out = (its: World) => {
    const table = world({ agents: PAUSED, ...rest, routing, ...its })
    const [number, trunk] = [table.numbers.get(NUMBER), table.trunks.get('trunk')]
    assert.ok(number && trunk)
    const of_call = { call_id: 'c', codecs: null, x_headers: {}, caller: '+4930123456' }
    const step = routeNumber(table, { number, trunk, direction: 'outbound', call: of_call, now_ms: 0, health: HEALTHY })
    assert.equal(step.kind, 'decided')
    return step.kind === 'decided' ? [said(step.outcome), step.trace.map(each => each.reason)] : []
  }
  assert.deepEqual(out({ outbound: [entry(OTHER, 1)] }), [`${OTHER}:1`, ['source_not_asked', 'alone', 'no_offer']])
  const nobody = ['source_not_asked', 'slot_empty', 'forward_inbound_only', 'message_inbound_only']
  assert.deepEqual(out({}), [480, nobody])
  assert.deepEqual(out({ routing: { ...routing, default_agent_id: OTHER } }), [
    `${OTHER}:1`,
    ['source_not_asked', 'slot_empty', 'default_agent', 'no_offer'],
  ])
  assert.deepEqual(out({ outbound: [entry(AGENT, 1)], routing: {} }), [
    480,
    ['source_not_asked', 'agent_inactive', 'no_entry_available'],
  ])
})

test('a caller keeps its arm in both directions; stickiness by call, and a caller who hides, draw for each call anew', () => {
  const split = [entry(AGENT, 1, 5000), entry(OTHER, 1, 5000)]
  const drawn = (its: World, of_call: Partial<IncomingCall>) => {
    const { outcome } = decide(world({ agents: TWO, slot: split, outbound: split, ...its }), call(of_call))
    return outcome.kind === 'answer' ? outcome.agent_id : null
  }
  const calls = Array.from({ length: 40 }, (_, index) => ({ call_id: `${index}@phone` }))
  const agents = (its: World, of_call: Partial<IncomingCall>) =>
    new Set(calls.map(each => drawn(its, { ...each, ...of_call }))).size
  assert.equal(agents({}, {}), 1)
  assert.equal(agents({ routing: { stickiness: 'call' } }, {}), 2)
  assert.equal(agents({}, { from_user: 'anonymous' }), 2)

  const table = world({ agents: TWO, slot: split, outbound: split })
  const [number, trunk] = [table.numbers.get(NUMBER), table.trunks.get('trunk')]
  assert.ok(number && trunk)
  for (let index = 0; index < 50; index++) {
    const caller = `+493012${1000 + index}`
    const of_call = { call_id: 'c', codecs: null, x_headers: {}, caller }
    const ask = (direction: 'inbound' | 'outbound') => {
      const step = routeNumber(table, { number, trunk, direction, call: of_call, now_ms: 0, health: HEALTHY })
      return step.kind === 'decided' ? said(step.outcome) : null
    }
    assert.equal(ask('inbound'), ask('outbound'))
  }
})
