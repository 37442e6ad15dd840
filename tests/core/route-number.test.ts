/** The steps from the clock on: what a number does with a call. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { IncomingCall } from '#core/call.ts'
import type { RouteReason } from '#core/route-trace.ts'
import type { WebhookFailure, WebhookOutcome } from '#core/webhook.ts'
import {
  AGENT,
  agent,
  always,
  assignment,
  call,
  decide,
  entry,
  OTHER,
  replied,
  said,
  schedule,
  state,
  THIRD,
  type World,
  world,
} from '#tests/core/routing-world.ts'

const failed = (failure: WebhookFailure): WebhookOutcome => ({ kind: 'failed', failure, took_ms: 2000, attempts: 1 })

const WEBHOOK = { webhook: { url: 'https://example.com/', timeout_ms: 2000, secret: null } }
const TWO = [agent(AGENT, [1, 2]), agent(OTHER, [1])]
const PAUSED = [agent(AGENT, [1], { active: false }), agent(OTHER, [1])]
const CLOSED = always(false, 'Christmas')
const TIMED = { schedule_id: 'hours' }
const OUTSIDE = { ...always(true), until_ms: 1 }

type Case = {
  readonly name: string
  readonly world: World
  readonly call?: Partial<IncomingCall>
  readonly engine_up?: false
  readonly failing?: readonly string[]
  readonly webhook?: WebhookOutcome
  /** `agent:version`; a forward's target; a message; or the SIP status. */
  readonly expect: string | number
  /** From the clock on, without the codec. */
  readonly trace: readonly RouteReason[]
}

const WEBHOOK_FAILURES: readonly WebhookFailure[] = [
  'webhook_timed_out',
  'webhook_unreachable',
  'webhook_address_denied',
  'webhook_redirected',
  'webhook_status',
  'webhook_too_large',
  'webhook_malformed',
]

const CASES: readonly Case[] = [
  {
    name: 'an open schedule goes on to the slot',
    world: { routing: TIMED, schedule: schedule(always(true, 'Office'), { kind: 'message', text: 'Closed.' }) },
    expect: `${AGENT}:1`,
    trace: ['schedule_open', 'alone'],
  },
  {
    name: 'a schedule that nobody knows is open',
    world: { routing: TIMED },
    expect: `${AGENT}:1`,
    trace: ['schedule_unknown', 'alone'],
  },
  {
    name: 'so is one that was not compiled for now',
    world: { routing: TIMED, schedule: schedule(OUTSIDE, { kind: 'message', text: 'Closed.' }) },
    expect: `${AGENT}:1`,
    trace: ['schedule_unknown', 'alone'],
  },
  {
    name: 'a schedule that is not attached says nothing',
    world: { schedule: schedule(CLOSED, { kind: 'message', text: 'Closed.' }) },
    expect: `${AGENT}:1`,
    trace: ['alone'],
  },
  {
    name: 'closed: other agents',
    world: {
      agents: TWO,
      routing: TIMED,
      schedule: schedule(CLOSED, { kind: 'agents', assignment: assignment([entry(OTHER, 1)]) }),
    },
    expect: `${OTHER}:1`,
    trace: ['schedule_closed', 'after_hours_agents', 'alone'],
  },
  {
    name: 'closed: other agents that cannot serve, then the ladder',
    world: {
      agents: PAUSED,
      routing: { ...TIMED, default_agent_id: OTHER },
      schedule: schedule(CLOSED, { kind: 'agents', assignment: assignment([entry(AGENT, 1)]) }),
    },
    expect: `${OTHER}:1`,
    trace: ['schedule_closed', 'after_hours_agents', 'agent_inactive', 'no_entry_available', 'default_agent'],
  },
  {
    name: 'closed: forwarded',
    world: { routing: TIMED, schedule: schedule(CLOSED, { kind: 'forward', target: 'sip:night@example.com' }) },
    expect: 'sip:night@example.com',
    trace: ['schedule_closed', 'after_hours_forward'],
  },
  {
    name: 'closed: to be bridged by a trunk that calls nobody, then the ladder',
    world: {
      trunk: { forwarding: 'bridge' },
      routing: { ...TIMED, message: 'Nobody.' },
      schedule: schedule(CLOSED, { kind: 'forward', target: '+4930999' }),
    },
    expect: 'Nobody.',
    trace: ['schedule_closed', 'forward_without_trunk', 'message_spoken'],
  },
  {
    name: 'closed: a message',
    world: { routing: TIMED, schedule: schedule(CLOSED, { kind: 'message', text: 'Closed.' }) },
    expect: 'Closed.',
    trace: ['schedule_closed', 'after_hours_message'],
  },
  {
    name: 'closed: a message that no engine can speak, then the ladder',
    world: {
      routing: { ...TIMED, forward: '+4930999' },
      schedule: schedule(CLOSED, { kind: 'message', text: 'Closed.' }),
    },
    engine_up: false,
    expect: '+4930999',
    trace: ['schedule_closed', 'engine_down', 'forwarded'],
  },
  {
    name: 'closed and nobody named: the ladder, though the slot is full',
    world: { routing: TIMED, schedule: schedule(CLOSED, { kind: 'none' }) },
    expect: 480,
    trace: ['schedule_closed', 'after_hours_nobody'],
  },
  {
    name: 'a version whose calls fail falls, another serves',
    world: { agents: TWO, slot: [entry(AGENT, 1, 9000), entry(OTHER, 1, 1000)] },
    failing: [`${AGENT}#1`],
    expect: `${OTHER}:1`,
    trace: ['agent_failing', 'alone'],
  },
  {
    name: 'without an engine nobody serves, and calls are still forwarded',
    world: { routing: { default_agent_id: AGENT, forward: 'sip:x@example.com' } },
    engine_up: false,
    expect: 'sip:x@example.com',
    trace: ['engine_down', 'no_entry_available', 'engine_down', 'forwarded'],
  },
  {
    name: 'without an engine and a place to forward to, nothing is left',
    world: { routing: { message: 'Nobody.' } },
    engine_up: false,
    expect: 480,
    trace: ['engine_down', 'no_entry_available', 'engine_down'],
  },
  {
    name: 'the webhook leaves it as it is',
    world: { routing: WEBHOOK },
    webhook: replied(),
    expect: `${AGENT}:1`,
    trace: ['alone', 'webhook_replied'],
  },
  {
    name: 'a dry run asks no webhook',
    world: { routing: WEBHOOK },
    webhook: { kind: 'not_asked' },
    expect: `${AGENT}:1`,
    trace: ['alone', 'webhook_not_asked'],
  },
  ...WEBHOOK_FAILURES.map(failure => ({
    name: `${failure}: the drawn version answers`,
    world: { routing: WEBHOOK },
    webhook: failed(failure),
    expect: `${AGENT}:1`,
    trace: ['alone', failure] as const,
  })),
  {
    name: 'the webhook names another agent',
    world: { agents: TWO, routing: WEBHOOK },
    webhook: replied({ override_agent: { agent_id: OTHER } }),
    expect: `${OTHER}:1`,
    trace: ['alone', 'webhook_overrode'],
  },
  {
    name: 'the webhook names another version of the drawn agent',
    world: { agents: TWO, routing: WEBHOOK },
    webhook: replied({ override_version: 2 }),
    expect: `${AGENT}:2`,
    trace: ['alone', 'webhook_overrode'],
  },
  {
    name: 'the webhook names a draft',
    world: { agents: TWO, routing: WEBHOOK },
    webhook: replied({ override_agent: { agent_id: OTHER }, override_version: 7 }),
    expect: `${AGENT}:1`,
    trace: ['alone', 'version_not_published', 'override_unavailable', 'webhook_replied'],
  },
  {
    name: 'the webhook names an agent that is not active',
    world: { agents: [agent(AGENT, [1]), agent(OTHER, [1], { active: false })], routing: WEBHOOK },
    webhook: replied({ override_agent: { agent_id: OTHER } }),
    expect: `${AGENT}:1`,
    trace: ['alone', 'agent_inactive', 'override_unavailable', 'webhook_replied'],
  },
  {
    name: 'the webhook names nobody’s agent',
    world: { routing: WEBHOOK },
    webhook: replied({ override_agent: { agent_id: THIRD } }),
    expect: `${AGENT}:1`,
    trace: ['alone', 'agent_foreign', 'override_unavailable', 'webhook_replied'],
  },
  {
    name: 'the webhook names another organization’s agent, which looks like nobody’s',
    world: { agents: [agent(AGENT, [1]), agent(THIRD, [1], { organization_id: 'elsewhere' })], routing: WEBHOOK },
    webhook: replied({ override_agent: { agent_id: THIRD } }),
    expect: `${AGENT}:1`,
    trace: ['alone', 'agent_foreign', 'override_unavailable', 'webhook_replied'],
  },
  {
    name: 'the webhook names no id at all',
    world: { routing: WEBHOOK },
    webhook: replied({ override_agent: 'malformed' }),
    expect: `${AGENT}:1`,
    trace: ['alone', 'override_malformed', 'webhook_replied'],
  },
  {
    name: 'the webhook names a version of nobody',
    world: { slot: null, routing: WEBHOOK },
    webhook: replied({ override_version: 1 }),
    expect: 480,
    trace: ['slot_empty', 'override_malformed', 'webhook_replied'],
  },
  {
    name: 'the webhook fills an empty slot',
    world: { slot: null, routing: WEBHOOK },
    webhook: replied({ override_agent: { agent_id: AGENT } }),
    expect: `${AGENT}:1`,
    trace: ['slot_empty', 'webhook_overrode'],
  },
  {
    name: 'the webhook rejects the call, whatever is there to answer it',
    world: { routing: { ...WEBHOOK, default_agent_id: AGENT } },
    webhook: replied({ reject: true, override_agent: { agent_id: AGENT } }),
    expect: 603,
    trace: ['alone', 'webhook_rejected'],
  },
  {
    name: 'the webhook is asked after hours too, about who is drawn then',
    world: {
      agents: TWO,
      routing: { ...TIMED, ...WEBHOOK },
      schedule: schedule(CLOSED, { kind: 'agents', assignment: assignment([entry(OTHER, 1)]) }),
    },
    webhook: replied(),
    expect: `${OTHER}:1`,
    trace: ['schedule_closed', 'after_hours_agents', 'alone', 'webhook_replied'],
  },
  {
    name: 'an empty slot: the organization’s fallback agent',
    world: { slot: null, inbound_routing: { fallback_agent_id: AGENT }, routing: { default_agent_id: OTHER } },
    expect: `${AGENT}:1`,
    trace: ['slot_empty', 'inbound_routing_agent'],
  },
  {
    name: 'an empty slot: the organization’s fallback agent cannot serve, then the ladder',
    world: {
      agents: PAUSED,
      slot: null,
      inbound_routing: { fallback_agent_id: AGENT },
      routing: { default_agent_id: OTHER },
    },
    expect: `${OTHER}:1`,
    trace: ['slot_empty', 'agent_inactive', 'default_agent'],
  },
  {
    name: 'an empty slot: the organization’s webhook',
    world: { slot: null, inbound_routing: WEBHOOK },
    webhook: replied({ override_agent: { agent_id: AGENT } }),
    expect: `${AGENT}:1`,
    trace: ['slot_empty', 'webhook_overrode'],
  },
  {
    name: 'a slot that is full asks nothing of the organization, though nobody in it can serve',
    world: { agents: PAUSED, inbound_routing: { ...WEBHOOK, fallback_agent_id: OTHER } },
    expect: 480,
    trace: ['agent_inactive', 'no_entry_available'],
  },
  {
    name: 'the ladder: the default agent',
    world: { agents: PAUSED, routing: { default_agent_id: OTHER, forward: '+4930999', message: 'Nobody.' } },
    expect: `${OTHER}:1`,
    trace: ['agent_inactive', 'no_entry_available', 'default_agent'],
  },
  {
    name: 'the ladder: forward',
    world: { agents: PAUSED, routing: { default_agent_id: AGENT, forward: '+4930999', message: 'Nobody.' } },
    expect: '+4930999',
    trace: ['agent_inactive', 'no_entry_available', 'agent_inactive', 'forwarded'],
  },
  {
    name: 'the ladder: a SIP address needs no trunk to be bridged to',
    world: { slot: null, trunk: { forwarding: 'bridge' }, routing: { forward: 'sip:x@example.com' } },
    expect: 'sip:x@example.com',
    trace: ['slot_empty', 'forwarded'],
  },
  {
    name: 'the ladder: a number to be bridged to through a trunk that calls nobody, so the message',
    world: { slot: null, trunk: { forwarding: 'bridge' }, routing: { forward: '+4930999', message: 'Nobody.' } },
    expect: 'Nobody.',
    trace: ['slot_empty', 'forward_without_trunk', 'message_spoken'],
  },
  {
    name: 'the ladder: a message',
    world: { slot: null, routing: { message: 'Nobody.' } },
    expect: 'Nobody.',
    trace: ['slot_empty', 'message_spoken'],
  },
  { name: 'the ladder: nothing', world: { slot: null }, expect: 480, trace: ['slot_empty'] },
  {
    name: 'a message in no common codec',
    world: { slot: null, routing: { message: 'Nobody.' } },
    call: { codecs: [] },
    expect: 488,
    trace: ['slot_empty', 'message_spoken', 'no_common_codec'],
  },
  {
    name: 'a forwarded call needs no codec of ours',
    world: { slot: null, routing: { forward: '+4930999' } },
    call: { codecs: [] },
    expect: '+4930999',
    trace: ['slot_empty', 'forwarded'],
  },
]

for (const each of CASES) {
  test(each.name, () => {
    const health = { engine_up: each.engine_up ?? true, failing: new Set(each.failing) }
    const decision = decide(world(each.world), call(each.call), state({ health }), each.webhook)
    assert.equal(said(decision.outcome), each.expect)
    const reasons = decision.trace.map(step => step.reason).slice(2)
    assert.deepEqual(
      reasons.filter(reason => reason !== 'codec_agreed'),
      each.trace,
    )
    assert.deepEqual(decision.webhook, each.webhook ?? null)
  })
}
