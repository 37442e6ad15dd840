/** What the dry run's table holds, and what its webhook is asked; who answers is said by tests/route. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { createAgent } from '#app/agents.ts'
import { boundTo } from '#app/context.ts'
import { explainRoute, type RouteQuestion } from '#app/explain-route.ts'
import { changeRouting } from '#app/number-routing.ts'
import { registerNumber } from '#app/phone-numbers.ts'
import { publish } from '#app/publish.ts'
import { Refused } from '#app/refused.ts'
import { createSchedule } from '#app/schedules.ts'
import { createVersion } from '#app/versions.ts'
import { makeNumberSecret } from '#app/webhook-secrets.ts'
import type { ScheduleRules } from '#core/schedule.ts'
import type { WebhookOutcome, WebhookQuestion } from '#core/webhook.ts'
import { startTestApp, type TestApp } from '#tests/harness/app.ts'

const NUMBER = '+15551234567'
const UNSEEN = '+15551234568'

let t: TestApp
let agent_id: string
let outcome: WebhookOutcome
const asked: WebhookQuestion[] = []

const makeAgent = async (caller: TestApp['caller'], numbers: readonly string[]): Promise<string> => {
  const fields = { name: 'Anna', description: null, active: true, is_demo: false, metadata: {} }
  const { id } = await createAgent(t.app, caller, fields)
  await createVersion(t.app, caller, id, { config: t.app.default_config, brings_instructions: false })
  await publish(t.app, caller, id, 1, { phone_numbers: numbers, unassign_phone_numbers: [], direction: 'inbound' })
  return id
}

before(async () => {
  const inbound_webhook = {
    ask: async (question: WebhookQuestion) => {
      asked.push(question)
      return outcome
    },
  }
  t = await startTestApp({ inbound_webhook })
  for (const phone_number of [NUMBER, UNSEEN])
    await registerNumber(t.app, t.caller, { phone_number, base_number: null, trunk_id: null })
  agent_id = await makeAgent(t.caller, [NUMBER])
})
beforeEach(() => {
  asked.length = 0
  outcome = { kind: 'failed', failure: 'webhook_timed_out', took_ms: 2000, attempts: 1 }
})
after(() => t.close())

const ask = (question: Partial<RouteQuestion> = {}, number = NUMBER) =>
  explainRoute(boundTo(t.app, t.caller.organization_id), t.caller, number, {
    direction: 'inbound',
    caller: '+4930123456',
    at_ms: null,
    call_id: null,
    x_headers: {},
    ask_webhook: false,
    proposal: {},
    ...question,
  })

/** From the clock on. */
const reasons = async (question: Partial<RouteQuestion>) =>
  (await ask(question)).decision.trace.flatMap(({ step, reason }) =>
    step === 'source' || step === 'media' ? [] : [reason],
  )
const CLOSED = ['schedule_closed', 'after_hours_nobody']

const berlin = (rules: Partial<ScheduleRules>) => ({
  name: 'hours',
  timezone: 'Europe/Berlin',
  weekly: [],
  dates: [],
  after_hours: null,
  ...rules,
})
const NIGHT = berlin({ weekly: [{ days: ['sun'], start: '02:30', end: '03:30', name: 'night' }] })

test('a schedule is computed for the time that is asked about, however far it is', async () => {
  const schedule = await createSchedule(t.app, t.caller, NIGHT)
  await changeRouting(t.app, t.caller, NUMBER, { time_routing_enabled: true, schedule_id: schedule.id })
  const at = (text: string) => reasons({ at_ms: Date.parse(text) })
  // Clocks go from 02:00 to 03:00: it opens at the first instant that exists.
  assert.deepEqual(await at('2027-03-28T01:00:00Z'), ['schedule_open', 'alone'])
  assert.deepEqual(await at('2027-03-28T00:59:59Z'), CLOSED)
  assert.deepEqual(await at('2051-01-01T02:00:00Z'), ['schedule_open', 'alone'])
  assert.deepEqual(await at('1999-01-03T01:45:00Z'), ['schedule_open', 'alone'])
  await changeRouting(t.app, t.caller, NUMBER, { time_routing_enabled: false })
})

test('a proposed schedule turns time routing on, unless the proposal turns it off', async () => {
  const schedule = berlin({})
  assert.deepEqual(await reasons({ proposal: { schedule } }), CLOSED)
  assert.deepEqual(await reasons({ proposal: { schedule, routing: { time_routing_enabled: false } } }), ['alone'])
  // The one that it has, which is off.
  assert.deepEqual(await reasons({ proposal: { routing: { time_routing_enabled: true } } }), CLOSED)
})

test('a webhook is asked about the call as it would be, signed by the number’s secret, within its budget', async () => {
  const secret = await makeNumberSecret(t.app, t.caller, NUMBER)
  const routing = { webhook_url: 'https://example.com/in', webhook_timeout_ms: 700 }
  const { record } = await ask({ ask_webhook: true, x_headers: { 'x-a': '1' }, proposal: { routing } })
  const [question] = asked
  assert.ok(question)
  const { trunk_id, secret: key, ...rest } = question
  assert.equal(`whsec_${Buffer.from(key ?? '').toString('base64')}`, secret)
  assert.equal(trunk_id, record.trunk_id)
  assert.deepEqual(rest, {
    url: 'https://example.com/in',
    timeout_ms: 700,
    agent: { agent_id, version: 1 },
    from_number: '+4930123456',
    to_number: NUMBER,
    sip_headers: { 'x-a': '1' },
  })
  assert.deepEqual(record.webhook, { result: 'failed', failure: 'webhook_timed_out', took_ms: 2000, attempts: 1 })
})

test('a webhook is asked when that is wanted, and never about a call out', async () => {
  const proposal = { routing: { webhook_url: 'https://example.com/in' } }
  assert.deepEqual((await ask({ proposal })).record.webhook?.result, 'not_asked')
  await ask({ proposal, ask_webhook: true, direction: 'outbound' })
  assert.equal(asked.length, 0)
  await ask({ proposal, ask_webhook: true })
  assert.equal(asked[0]?.timeout_ms, t.app.webhook_timeout_ms)
})

test('whom a webhook names is looked for in the organization alone', async () => {
  const theirs = await t.organization('Theirs')
  const foreign = await makeAgent(theirs.caller, [])
  const naming = async (named: string) => {
    const reply = { override_agent: { agent_id: named }, override_version: null, dynamic_variables: {}, metadata: {} }
    outcome = { kind: 'replied', reply: { ...reply, reject: false }, took_ms: 1, attempts: 1 }
    const { decision } = await ask({
      ask_webhook: true,
      proposal: { inbound: [], routing: { webhook_url: 'https://example.com/in' } },
    })
    return decision.outcome.kind
  }
  assert.equal(await naming(agent_id), 'answer')
  assert.equal(await naming(foreign), 'refuse')
  const proposal = { inbound: [{ agent_id: foreign, version: null }] }
  await assert.rejects(ask({ proposal }), error => error instanceof Refused && error.refusal.code === 'agent_not_found')
})

test('another organization’s number is none', async () => {
  const theirs = await t.organization('Others')
  const app = boundTo(t.app, theirs.caller.organization_id)
  const question = { direction: 'inbound', caller: null, at_ms: null, call_id: null, x_headers: {} } as const
  await assert.rejects(
    explainRoute(app, theirs.caller, NUMBER, { ...question, ask_webhook: false, proposal: {} }),
    error => error instanceof Refused && error.refusal.code === 'number_not_found',
  )
})

test('a number that nothing was ever said about', async () => {
  const { decision, agent_name, at_ms } = await ask({}, UNSEEN)
  assert.equal(at_ms, t.clock.now_ms())
  assert.deepEqual([decision.outcome.kind, agent_name], ['refuse', null])
})
