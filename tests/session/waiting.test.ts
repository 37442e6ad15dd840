import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { answering, type Heard, refusing, SCRIPT, startCallers, startEdge, wordsOf } from '#tests/session/live-edge.ts'

const live = await startEdge()
const callers = await startCallers()
after(async () => {
  await live.edge.stop()
  await callers.close()
})
beforeEach(() => {
  live.records.told.length = 0
  live.questions.told.length = 0
  live.began.told.length = 0
  live.settings.asks = true
  live.settings.route = answering
  live.settings.script = SCRIPT
})

const LIMIT = { timeout: 20_000 }
const status =
  (wanted: number) =>
  (heard: Heard): boolean =>
    heard.kind === 'status' && heard.status === wanted
const told = (): string[] => wordsOf(live.records.told)

/** A caller who hears it ring while the webhook is asked. */
const ring = async (edge = live) => {
  const caller = await callers.place(edge.port, '+15551234567')
  await caller.story.first(status(180))
  const question = await edge.questions.first(() => true)
  return { ...caller, question }
}

test('it rings until the webhook has spoken, and then who it named answers', LIMIT, async () => {
  const { story, stream, call, question } = await ring()
  assert.deepEqual(told(), [], 'nothing is decided yet')
  assert.equal(live.edge.calls_in_flight(), 1)
  question.decide(incoming => {
    const decision = answering(incoming)
    return { ...decision, outcome: { ...decision.outcome, agent_id: 'agent-2' } as typeof decision.outcome }
  })
  const ok = await story.first(status(200))
  assert.ok(ok.kind === 'status')
  assert.equal(ok.headers?.get('X-Patchcord-Agent'), 'agent-2')
  await story.first(heard => heard.kind === 'speaking')
  await call.hang_up()
  await live.edge.drain()
  assert.deepEqual([told()[0], told().at(-1)], ['opened ringing', 'completed caller_hung_up'])
  assert.equal(story.told.filter(status(180)).length, 1, 'one 180 is enough')
  assert.deepEqual(live.began.told, [['version-3', true]])
  await stream.close()
})

test('what the webhook rejects is declined', LIMIT, async () => {
  const { story, stream, question } = await ring()
  question.decide(refusing(603, 'webhook_rejected', 'organization-1'))
  await story.first(status(603))
  await live.edge.drain()
  assert.deepEqual(told(), ['opened ringing', 'failed webhook_rejected'])
  await stream.close()
})

test('who hangs up while the webhook is asked is gone, and the record says so', LIMIT, async () => {
  const { story, stream, call, question } = await ring()
  await call.hang_up()
  await story.first(status(487))
  await live.edge.drain()
  assert.equal(question.given_up(), true)
  assert.deepEqual(told(), ['opened ringing', 'cancelled cancelled'])
  question.decide(answering)
  await new Promise(resolve => setImmediate(resolve))
  assert.deepEqual(told(), ['opened ringing', 'cancelled cancelled'])
  assert.equal(live.edge.calls_in_flight(), 0)
  await stream.close()
})

test('draining waits for a call whose webhook is asked', LIMIT, async () => {
  const { story, stream, call, question } = await ring()
  let drained = false
  const draining = live.edge.drain().then(() => {
    drained = true
  })
  question.decide(answering)
  await story.first(status(200))
  assert.equal(drained, false)
  await call.hang_up()
  await draining
  await stream.close()
})

test('stopping while a webhook is asked: 503, and the record is closed', LIMIT, async () => {
  const other = await startEdge()
  other.settings.asks = true
  const { story, stream, question } = await ring(other)
  await other.edge.stop()
  await story.first(status(503))
  assert.equal(question.given_up(), true)
  assert.deepEqual(wordsOf(other.records.told), ['opened ringing', 'failed shut_down'])
  await stream.close()
})

test('a fault after the webhook has spoken is 500 for that call, and nobody else’s', LIMIT, async () => {
  const { story, stream, question } = await ring()
  live.settings.outbound = {
    get address(): string {
      throw new Error('a fault of ours')
    },
    transport: 'UDP',
    credentials: null,
  }
  const outcome = { kind: 'forward', target: '+15557654321', mode: 'redirect', trunk_id: 'trunk-1' } as const
  question.decide(call => ({ ...answering(call), outcome }))
  await story.first(status(500))
  await live.edge.drain()
  assert.deepEqual(told(), ['opened ringing', 'failed fault'])
  assert.ok(live.logged.some(line => line.includes('a fault of ours')))
  await stream.close()
})

test('a call that begins badly is told of its version', LIMIT, async () => {
  live.settings.asks = false
  live.settings.script = { ...SCRIPT, starting_message: 'unspeakable' }
  const { story, stream, call } = await callers.place(live.port, '+15551234567')
  await story.first(status(200))
  await call.hang_up()
  await live.edge.drain()
  assert.deepEqual(await live.began.first(() => true), ['version-3', false])
  await stream.close()
})
