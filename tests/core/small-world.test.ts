/**
 * Every call in a small world: each switch in each position, all at once, against the order of routing written down a
 * second time, as a list of who would answer next.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RouteOutcome } from '#core/route-decision.ts'
import type { ScheduleRoute } from '#core/routing-table.ts'
import type { WebhookOutcome, WebhookReply } from '#core/webhook.ts'
import {
  AGENT,
  agent,
  always,
  assignment,
  call,
  decide,
  entry,
  OTHER,
  schedule,
  state,
  THIRD,
  world,
} from '#tests/core/routing-world.ts'

const SWITCHES = {
  clock: ['off', 'open', 'agents', 'forward', 'message', 'nobody'],
  slot: ['empty', 'one', 'two'],
  agent: ['well', 'inactive', 'gone', 'unpublished', 'failing'],
  webhook: ['none', 'failed', 'replied', 'other', 'unknown', 'rejected'],
  inbound_routing: ['off', 'agent'],
  default_agent: ['none', 'well', 'inactive'],
  forward: ['none', 'redirect', 'bridge', 'bridge without trunk'],
  message: ['none', 'text'],
  engine: ['up', 'down'],
  codec: ['common', 'none'],
} as const
type Switches = { [Name in keyof typeof SWITCHES]: (typeof SWITCHES)[Name][number] }

function* positions(names = Object.keys(SWITCHES) as (keyof Switches)[]): Generator<Switches> {
  const [name, ...rest] = names
  if (name === undefined) {
    yield {} as Switches
    return
  }
  for (const others of positions(rest))
    for (const value of SWITCHES[name]) yield { ...others, [name]: value } as Switches
}

const DEFAULT = '0190a000-0000-7000-8000-00000000000d'
const NIGHT = '0190a000-0000-7000-8000-00000000000e'

const agents = (its: Switches) => [
  ...(its.agent === 'gone'
    ? []
    : [agent(AGENT, its.agent === 'unpublished' ? [] : [1], { active: its.agent !== 'inactive' })]),
  ...[agent(OTHER, [1]), agent(THIRD, [1]), agent(NIGHT, [1])],
  agent(DEFAULT, [1], { active: its.default_agent === 'well' }),
]

const AFTER_HOURS: Readonly<Record<string, ScheduleRoute['after_hours']>> = {
  open: { kind: 'message', text: 'never' },
  agents: { kind: 'agents', assignment: assignment([entry(NIGHT, 1)]) },
  forward: { kind: 'forward', target: '+4930111' },
  message: { kind: 'message', text: 'Closed.' },
  nobody: { kind: 'none' },
}

const REPLY: WebhookReply = {
  ...{ override_agent: null, override_version: null, dynamic_variables: {}, metadata: {}, reject: false },
}

const webhookOf = ({ webhook }: Switches): WebhookOutcome | undefined => {
  const replied = (reply: Partial<WebhookReply>): WebhookOutcome => ({
    ...{ kind: 'replied', took_ms: 1, attempts: 1 },
    reply: { ...REPLY, ...reply },
  })
  switch (webhook) {
    case 'none':
      return undefined
    case 'failed':
      return { kind: 'failed', failure: 'webhook_timed_out', took_ms: 1, attempts: 1 }
    case 'replied':
      return replied({})
    case 'other':
      return replied({ override_agent: { agent_id: THIRD } })
    case 'unknown':
      return replied({ override_agent: { agent_id: '0190a000-0000-7000-8000-0000000000ff' } })
    case 'rejected':
      return replied({ reject: true })
  }
}

const tableOf = (its: Switches) => {
  const after_hours = AFTER_HOURS[its.clock]
  const slot = { empty: null, one: [entry(AGENT, 1)], two: [entry(AGENT, 1, 5000), entry(OTHER, 1, 5000)] }[its.slot]
  const webhook = its.webhook === 'none' ? null : { url: 'https://example.com', timeout_ms: 2000, secret: null }
  const outbound = { address: '192.0.2.1', transport: 'UDP', credentials: null } as const
  return world({
    agents: agents(its),
    slot,
    trunk: {
      forwarding: its.forward.startsWith('bridge') ? 'bridge' : 'redirect',
      outbound: its.forward === 'bridge' ? outbound : null,
    },
    ...(after_hours ? { schedule: schedule(always(its.clock === 'open'), after_hours) } : {}),
    ...(its.inbound_routing === 'agent' ? { inbound_routing: { fallback_agent_id: OTHER } } : {}),
    routing: {
      schedule_id: its.clock === 'off' ? null : 'hours',
      webhook,
      default_agent_id: its.default_agent === 'none' ? null : DEFAULT,
      forward: its.forward === 'none' ? null : '+4930222',
      message: its.message === 'none' ? null : 'Nobody.',
    },
  })
}

/** Who may answer: agents as alternatives of one draw, a target, a text; a status ends it. */
type Next = readonly string[] | { readonly target: string } | { readonly text: string } | number

/** The order of routing as a list: the first that can. */
const orderOf = (its: Switches): readonly Next[] => {
  const closed = !['off', 'open'].includes(its.clock)
  const slot = { empty: [], one: [AGENT], two: [AGENT, OTHER] }[its.slot]
  const drawn = closed ? (its.clock === 'agents' ? [NIGHT] : []) : slot
  const asks = !closed || its.clock === 'agents'
  const by_webhook = its.webhook === 'rejected' ? [603] : its.webhook === 'other' ? [[THIRD]] : []
  return [
    ...(its.clock === 'forward' ? [{ target: '+4930111' }] : []),
    ...(its.clock === 'message' ? [{ text: 'Closed.' }] : []),
    ...(asks ? by_webhook : []),
    drawn,
    ...(!closed && its.slot === 'empty' && its.inbound_routing === 'agent' ? [[OTHER]] : []),
    ...(its.default_agent === 'none' ? [] : [[DEFAULT]]),
    ...(its.forward === 'none' ? [] : [{ target: '+4930222' }]),
    ...(its.message === 'none' ? [] : [{ text: 'Nobody.' }]),
    480,
  ]
}

const canServe = (its: Switches, id: string): boolean =>
  its.engine === 'up' && (id !== AGENT || its.agent === 'well') && (id !== DEFAULT || its.default_agent === 'well')

/** Everything that the decision may be; more than one where it is drawn. */
const expected = (its: Switches): readonly string[] => {
  const spoken = (answers: readonly string[]) => (its.codec === 'none' ? ['488'] : answers)
  for (const next of orderOf(its)) {
    if (typeof next === 'number') return [String(next)]
    if ('target' in next) {
      if (its.forward !== 'bridge without trunk') return [next.target]
    } else if ('text' in next) {
      if (its.engine === 'up') return spoken([next.text])
    } else {
      const able = next.filter(id => canServe(its, id))
      if (able.length > 0) return spoken(able)
    }
  }
  return []
}

const said = (outcome: RouteOutcome): string => {
  switch (outcome.kind) {
    case 'answer':
      return outcome.agent_id
    case 'forward':
      return outcome.target
    case 'message':
      return outcome.text
    case 'refuse':
      return String(outcome.sip_status)
  }
}

test('every call in a small world is answered by whom the order names, and its trace says so', () => {
  let worlds = 0
  for (const its of positions()) {
    const health = { engine_up: its.engine === 'up', failing: new Set(its.agent === 'failing' ? [`${AGENT}#1`] : []) }
    const of_call = call({ codecs: its.codec === 'common' ? ['PCMA'] : [] })
    const decision = decide(tableOf(its), of_call, state({ health }), webhookOf(its))
    const answer = said(decision.outcome)
    if (!expected(its).includes(answer)) assert.fail(`${answer}, not ${expected(its)}: ${JSON.stringify(its)}`)
    const { outcome, trace } = decision
    const last = trace.at(-1)
    if (outcome.kind === 'answer' && last?.reason !== 'codec_agreed') assert.fail(JSON.stringify(trace))
    if (outcome.kind === 'refuse' && !trace.some(step => step.reason === outcome.reason))
      assert.fail(`${outcome.reason} is not in ${JSON.stringify(trace)}`)
    worlds += 1
  }
  assert.equal(
    worlds,
    Object.values(SWITCHES).reduce((product, values) => product * values.length, 1),
  )
})
