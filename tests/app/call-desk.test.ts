import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ASKING_LIMIT, createCallDesk } from '#app/call-desk.ts'
import { createCallHealth } from '#app/call-health.ts'
import type { AskingCall, RoutedCall } from '#app/ports.ts'
import { type RoutingTable, setAgent, setNumber } from '#core/routing-table.ts'
import type { WebhookOutcome, WebhookQuestion } from '#core/webhook.ts'
import { AGENT, agent, call, NUMBER, OTHER, replied, version, type World, world } from '#tests/core/routing-world.ts'

const ASKED: World = { routing: { webhook: { url: 'http://h.example/', timeout_ms: 2000, secret: null } } }

/** A desk whose webhook answers when the test says so. */
const openDesk = (table: RoutingTable, remember: (agent_id: string, version: number | null) => void = () => {}) => {
  const asked: { readonly question: WebhookQuestion; readonly answer: (outcome: WebhookOutcome) => void }[] = []
  const clock = { now_ms: 1000, now_us: 0 }
  const remembered: unknown[] = []
  const desk = createCallDesk({
    table,
    recorder: { record: () => {} },
    // Each look at the clock finds it three microseconds on.
    clock: { now_ms: () => clock.now_ms, now_us: () => (clock.now_us += 3) },
    health: createCallHealth({ clock: { now_ms: () => clock.now_ms }, engine_up: () => true }),
    webhook: { ask: question => new Promise(answer => asked.push({ question, answer })) },
    remember: async (organization_id, agent_id, version) => {
      remembered.push([organization_id, agent_id, version])
      remember(agent_id, version)
    },
    draining: () => false,
    authenticate: () => assert.fail('nobody asks for credentials'),
  })
  const asking = (): AskingCall => {
    const routed = desk.route(call())
    assert.ok(routed.kind === 'asking')
    return routed
  }
  return { desk, asked, clock, remembered, asking }
}

const answerOf = ({ decision }: RoutedCall) => {
  assert.ok(decision.outcome.kind === 'answer', JSON.stringify(decision.outcome))
  return [decision.outcome.agent_id, decision.outcome.version]
}

test('a call without a webhook is decided at once, with its script', () => {
  const routed = openDesk(world({})).desk.route(call())
  assert.ok(routed.kind === 'routed')
  assert.deepEqual(answerOf(routed), [AGENT, 1])
  assert.equal(routed.script?.starting_message, 'v1')
  assert.equal(routed.decided_in_us, 3)
})

test('the webhook’s word decides; the time it took is not the decision’s', async () => {
  const table = world({ ...ASKED, agents: [agent(AGENT, [1]), agent(OTHER, [1, 2])] })
  const { asked, asking, remembered } = openDesk(table)
  const waiting = asking()
  assert.deepEqual(asked[0]?.question.agent, { agent_id: AGENT, version: 1 })
  asked[0]?.answer(replied({ override_agent: { agent_id: OTHER } }))
  const routed = await waiting.routed
  assert.deepEqual(answerOf(routed), [OTHER, 2])
  assert.equal(routed.script?.starting_message, 'v2')
  assert.equal(routed.decided_in_us, 6)
  assert.deepEqual(remembered, [], 'the table knows it')
  assert.equal(asked.length, 1)
})

test('variables of the webhook fill the starting message', async () => {
  const greeting = version(AGENT, 1)
  const script = { ...greeting.script, starting_message: 'Hello {{name}}.', variables: { name: 'you' } }
  const named = { ...greeting, script }
  const table = world({
    ...ASKED,
    agents: [agent(AGENT, [1], { versions: new Map([[1, named]]), latest_published: named })],
  })
  const { asked, asking } = openDesk(table)
  const [first, second] = [asking(), asking()]
  asked[0]?.answer(replied({ dynamic_variables: { name: 'Ann' } }))
  asked[1]?.answer({ kind: 'failed', failure: 'webhook_timed_out', took_ms: 2000, attempts: 1 })
  assert.equal((await first.routed).script?.starting_message, 'Hello Ann.')
  assert.equal((await second.routed).script?.starting_message, 'Hello you.')
})

test('whom the table does not know is fetched; the version that is fetched answers', async () => {
  const table = world(ASKED)
  const { asked, asking, remembered } = openDesk(table, () => setAgent(table, OTHER, agent(OTHER, [3])))
  const waiting = asking()
  asked[0]?.answer(replied({ override_agent: { agent_id: OTHER }, override_version: 3 }))
  assert.deepEqual(answerOf(await waiting.routed), [OTHER, 3])
  assert.deepEqual(remembered, [['org', OTHER, 3]])
})

test('a version of the drawn agent that the table does not hold is fetched as well', async () => {
  const table = world(ASKED)
  const { asked, asking, remembered } = openDesk(table, () => setAgent(table, AGENT, agent(AGENT, [1, 2])))
  const waiting = asking()
  asked[0]?.answer(replied({ override_version: 2 }))
  assert.deepEqual(answerOf(await waiting.routed), [AGENT, 2])
  assert.deepEqual(remembered, [['org', AGENT, 2]])
})

test('nobody is fetched when the budget is over, and the drawn version answers', async () => {
  const { asked, asking, clock, remembered } = openDesk(world(ASKED))
  const waiting = asking()
  clock.now_ms += 2000
  asked[0]?.answer(replied({ override_agent: { agent_id: OTHER } }))
  assert.deepEqual(answerOf(await waiting.routed), [AGENT, 1])
  assert.deepEqual(remembered, [])
})

test('a fetch that hangs is not waited for longer than the budget', async () => {
  const clock = { now_ms: 1000 }
  const desk = createCallDesk({
    table: world(ASKED),
    recorder: { record: () => {} },
    clock: { now_ms: () => clock.now_ms, now_us: () => 0 },
    health: createCallHealth({ clock: { now_ms: () => 0 }, engine_up: () => true }),
    webhook: {
      ask: async () => {
        clock.now_ms += 1999
        return replied({ override_agent: { agent_id: OTHER } })
      },
    },
    remember: () => new Promise(() => {}),
    draining: () => false,
    authenticate: () => assert.fail(),
  })
  const waiting = desk.route(call())
  assert.ok(waiting.kind === 'asking')
  assert.deepEqual(answerOf(await waiting.routed), [AGENT, 1])
})

test('what was drawn keeps its script though a publish takes it away meanwhile', async () => {
  const table = world({ ...ASKED, slot: [{ agent_id: AGENT, version: null, weight_bp: 10_000, arm: 'a' }] })
  const { asked, asking } = openDesk(table)
  const waiting = asking()
  setAgent(table, AGENT, agent(AGENT, [2]))
  asked[0]?.answer(replied({}))
  const routed = await waiting.routed
  assert.deepEqual(answerOf(routed), [AGENT, 1])
  assert.equal(routed.script?.starting_message, 'v1')
})

test('given up: the decision says so, and the webhook’s late word changes nothing', async () => {
  const { asked, asking, clock } = openDesk(world(ASKED))
  const waiting = asking()
  clock.now_ms += 700
  const { decision } = waiting.give_up()
  assert.deepEqual(decision.webhook, { kind: 'failed', failure: 'webhook_abandoned', took_ms: 700, attempts: 1 })
  assert.ok(decision.trace.some(step => step.reason === 'webhook_abandoned'))
  const steps = decision.trace.length
  asked[0]?.answer(replied({ reject: true }))
  await new Promise(resolve => setImmediate(resolve))
  assert.equal(decision.trace.length, steps)
})

test('beyond a thousand questions at once nobody is asked: the drawn version answers, and the trace says why', async () => {
  const { desk, asked, asking } = openDesk(world(ASKED))
  const waiting = Array.from({ length: ASKING_LIMIT }, asking)
  const refused = desk.route(call())
  assert.ok(refused.kind === 'routed')
  assert.deepEqual(answerOf(refused), [AGENT, 1])
  assert.ok(refused.decision.trace.some(step => step.reason === 'webhook_busy'))
  assert.equal(asked.length, ASKING_LIMIT)
  asked[0]?.answer(replied({}))
  await waiting[0]?.routed
  assert.equal(desk.route(call()).kind, 'asking', 'one has answered, another may be asked')
})

test('a version whose calls failed at their start three times is passed by, then tried by one call', () => {
  const { desk, clock } = openDesk(
    world({ routing: { default_agent_id: OTHER }, agents: [agent(AGENT, [1]), agent(OTHER, [1])] }),
  )
  for (let failed = 0; failed < 3; failed++) {
    const routed = desk.route(call())
    assert.ok(routed.kind === 'routed')
    assert.deepEqual(answerOf(routed), [AGENT, 1])
    desk.began(version(AGENT, 1).id, false)
  }
  const routed = desk.route(call())
  assert.ok(routed.kind === 'routed')
  assert.deepEqual(answerOf(routed), [OTHER, 1])
  assert.ok(routed.decision.trace.some(step => step.reason === 'agent_failing'))
  clock.now_ms += 30_000
  const next = [desk.route(call()), desk.route(call())].map(each => each.kind === 'routed' && answerOf(each)[0])
  assert.deepEqual(next, [AGENT, OTHER])
})

test('a caller who gives up while the webhook is asked does not use up the one call that may try', async () => {
  const { desk, clock, asked, asking } = openDesk(world(ASKED))
  for (let failed = 0; failed < 3; failed++) desk.began(version(AGENT, 1).id, false)
  clock.now_ms += 30_000
  asking().give_up()
  const waiting = asking()
  assert.deepEqual(asked.at(-1)?.question.agent, { agent_id: AGENT, version: 1 })
  asked.at(-1)?.answer(replied({}))
  assert.deepEqual(answerOf(await waiting.routed), [AGENT, 1])
})

test('a number that is gone is not asked about', () => {
  const table = world(ASKED)
  setNumber(table, 'n', null)
  const routed = openDesk(table).desk.route(call({ user: NUMBER }))
  assert.ok(routed.kind === 'routed' && routed.decision.outcome.kind === 'refuse')
})

test('how a trunk calls out', () => {
  const outbound = { address: 'sip.example', transport: 'UDP', credentials: null } as const
  const { desk } = openDesk(world({ trunk: { outbound } }))
  assert.deepEqual(desk.outbound('trunk'), outbound)
  assert.equal(desk.outbound('foreign'), null)
  assert.equal(desk.outbound('nobody'), null)
})
