import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { IncomingCall } from '#core/call.ts'
import type { RouteReason } from '#core/route-trace.ts'
import { type AssignmentEntry, setNumber, setTrunk } from '#core/routing-table.ts'
import {
  AGENT,
  agent,
  call,
  decide,
  entry,
  NUMBER,
  OTHER,
  state,
  type World,
  world,
} from '#tests/core/routing-world.ts'

type Case = {
  readonly name: string
  readonly world?: World
  readonly call?: Partial<IncomingCall>
  readonly draining?: boolean
  /** A version number, or the refusal's SIP status. */
  readonly answer: { readonly version: number; readonly agent?: string } | { readonly refused: number }
  readonly trace: readonly RouteReason[]
}

const SIP_AGENT = { agents: [agent(AGENT, [1, 2], { sip_endpoint: { version: null } })] }
const foreign = (changes: Partial<IncomingCall> = {}): Partial<IncomingCall> => ({
  source: { address: '10.0.0.1', port: 5060, transport: 'udp' },
  ...changes,
})

const CASES: readonly Case[] = [
  {
    name: 'a number answers with the version its slot names',
    answer: { version: 1 },
    trace: ['source_accepted', 'number_found', 'alone', 'codec_agreed'],
  },
  {
    name: 'the number as a trunk writes it',
    call: { user: '0015551234567' },
    answer: { version: 1 },
    trace: ['source_accepted', 'number_found', 'alone', 'codec_agreed'],
  },
  {
    name: 'an entry that follows takes the latest published',
    world: { agents: [agent(AGENT, [1, 3])], slot: [entry(AGENT, null)] },
    answer: { version: 3 },
    trace: ['source_accepted', 'number_found', 'alone', 'codec_agreed'],
  },
  {
    name: 'a pinned entry stays when a later version is published',
    world: { agents: [agent(AGENT, [1, 3])] },
    answer: { version: 1 },
    trace: ['source_accepted', 'number_found', 'alone', 'codec_agreed'],
  },
  {
    name: 'a source that no trunk accepts',
    call: { source: { address: '192.0.2.9', port: 1, transport: 'udp' } },
    answer: { refused: 403 },
    trace: ['source_not_accepted'],
  },
  {
    name: 'the source comes before the number',
    call: { source: { address: '192.0.2.9', port: 1, transport: 'udp' }, user: 'nobody' },
    answer: { refused: 403 },
    trace: ['source_not_accepted'],
  },
  {
    name: 'the source comes before draining',
    call: { source: { address: '192.0.2.9', port: 1, transport: 'udp' } },
    draining: true,
    answer: { refused: 403 },
    trace: ['source_not_accepted'],
  },
  {
    name: 'a source that is no address',
    call: { source: { address: '', port: 1, transport: 'udp' } },
    answer: { refused: 403 },
    trace: ['source_not_accepted'],
  },
  {
    name: 'a trunk without addresses accepts nobody',
    world: { accepts: '' },
    answer: { refused: 403 },
    trace: ['source_not_accepted'],
  },
  { name: 'draining', draining: true, answer: { refused: 503 }, trace: ['source_accepted', 'draining'] },
  {
    name: 'an unknown number',
    call: { user: '+15550000000' },
    answer: { refused: 404 },
    trace: ['source_accepted', 'number_unknown'],
  },
  {
    name: 'no user at all',
    call: { user: '' },
    answer: { refused: 404 },
    trace: ['source_accepted', 'number_unknown'],
  },
  {
    name: 'a name is no number',
    call: { user: 'constructor' },
    answer: { refused: 404 },
    trace: ['source_accepted', 'number_unknown'],
  },
  {
    name: "another organization's number looks unknown",
    call: foreign(),
    answer: { refused: 404 },
    trace: ['source_accepted', 'number_unknown'],
  },
  {
    name: 'an empty slot',
    world: { slot: null },
    answer: { refused: 480 },
    trace: ['source_accepted', 'number_found', 'slot_empty'],
  },
  {
    name: 'an inactive agent',
    world: { agents: [agent(AGENT, [1], { active: false })] },
    answer: { refused: 480 },
    trace: ['source_accepted', 'number_found', 'agent_inactive', 'no_entry_available'],
  },
  {
    name: 'an agent that is gone',
    world: { agents: [] },
    answer: { refused: 480 },
    trace: ['source_accepted', 'number_found', 'agent_missing', 'no_entry_available'],
  },
  {
    name: 'a follower of an agent without publications',
    world: { agents: [agent(AGENT, [])], slot: [entry(AGENT, null)] },
    answer: { refused: 480 },
    trace: ['source_accepted', 'number_found', 'version_not_published', 'no_entry_available'],
  },
  {
    name: 'the next entry serves when the first cannot',
    world: {
      agents: [agent(AGENT, [1], { active: false }), agent(OTHER, [2])],
      slot: [entry(AGENT, 1, 5000), entry(OTHER, 2, 5000)],
    },
    answer: { version: 2, agent: OTHER },
    trace: ['source_accepted', 'number_found', 'agent_inactive', 'alone', 'codec_agreed'],
  },
  {
    name: 'no common codec',
    call: { codecs: [] },
    answer: { refused: 488 },
    trace: ['source_accepted', 'number_found', 'alone', 'no_common_codec'],
  },
  {
    name: 'no offer',
    call: { codecs: null },
    answer: { version: 1 },
    trace: ['source_accepted', 'number_found', 'alone', 'no_offer'],
  },
  {
    name: 'a SIP endpoint follows the latest published',
    world: SIP_AGENT,
    call: { user: AGENT },
    answer: { version: 2 },
    trace: ['source_accepted', 'sip_endpoint_found', 'deployed', 'codec_agreed'],
  },
  {
    name: 'the agent id in capitals',
    world: SIP_AGENT,
    call: { user: AGENT.toUpperCase() },
    answer: { version: 2 },
    trace: ['source_accepted', 'sip_endpoint_found', 'deployed', 'codec_agreed'],
  },
  {
    name: 'a SIP endpoint that pins',
    world: { agents: [agent(AGENT, [1, 2], { sip_endpoint: { version: 1 } })] },
    call: { user: AGENT },
    answer: { version: 1 },
    trace: ['source_accepted', 'sip_endpoint_found', 'deployed', 'codec_agreed'],
  },
  {
    name: 'an agent that is not deployed',
    call: { user: AGENT },
    answer: { refused: 404 },
    trace: ['source_accepted', 'sip_endpoint_unknown'],
  },
  {
    name: "another organization's SIP endpoint looks unknown",
    world: SIP_AGENT,
    call: foreign({ user: AGENT }),
    answer: { refused: 404 },
    trace: ['source_accepted', 'sip_endpoint_unknown'],
  },
  {
    name: 'a deployed agent that is not active',
    world: { agents: [agent(AGENT, [1], { active: false, sip_endpoint: { version: null } })] },
    call: { user: AGENT },
    answer: { refused: 480 },
    trace: ['source_accepted', 'sip_endpoint_found', 'agent_inactive', 'no_entry_available'],
  },
]

for (const each of CASES) {
  test(each.name, () => {
    const decision = decide(world(each.world ?? {}), call(each.call), state({ draining: each.draining ?? false }))
    assert.deepEqual(
      decision.trace.map(step => step.reason),
      each.trace,
    )
    const { outcome } = decision
    if ('refused' in each.answer) {
      assert.equal(outcome.kind, 'refuse')
      assert.deepEqual(outcome.kind === 'refuse' && [outcome.sip_status, outcome.reason], [
        each.answer.refused,
        each.trace.at(-1),
      ])
    } else {
      assert.equal(outcome.kind, 'answer')
      assert.deepEqual(outcome.kind === 'answer' && [outcome.agent_id, outcome.version], [
        each.answer.agent ?? AGENT,
        each.answer.version,
      ])
    }
  })
}

test('the caller is the asserted one, else From, else nobody', () => {
  const callerOf = (changes: Partial<IncomingCall>) => decide(world({}), call(changes)).caller
  assert.equal(callerOf({ asserted_user: '0049301', from_user: '+4930123456' }), '0049301')
  assert.equal(callerOf({ from_user: '004930123456' }), '+4930123456')
  assert.equal(callerOf({ from_user: 'anonymous' }), null)
})

test('a trunk that is not trusted to assert who calls is not believed', () => {
  const callerOver = (trusts_asserted_identity: boolean) =>
    decide(world({ trunk: { trusts_asserted_identity } }), call({ asserted_user: '+15550002222' })).caller
  assert.equal(callerOver(true), '+15550002222')
  assert.equal(callerOver(false), '+4930123456')
})

test('a decision knows its organization only once the address is found', () => {
  const organization = (changes: Partial<IncomingCall>, slot: readonly AssignmentEntry[] | null = null) =>
    decide(world({ slot }), call(changes)).organization_id
  assert.equal(organization({}), 'org')
  assert.equal(organization({ user: '+15550000000' }), null)
  assert.equal(organization(foreign()), null)
})

test('a number that moves is found under its new name only, and a trunk that changes is believed at once', () => {
  const table = world({})
  const outcome = (changes: Partial<IncomingCall>) => decide(table, call(changes)).outcome.kind
  const known = table.numbers.get(NUMBER)
  assert.ok(known)
  setNumber(table, 'n', { ...known, phone_number: '+15559999999' })
  assert.equal(outcome({}), 'refuse')
  assert.equal(outcome({ user: '+15559999999' }), 'answer')
  setTrunk(table, 'trunk', null)
  assert.equal(outcome({ user: '+15559999999' }), 'refuse')
})

test('a number registered anew stays, though its old record is only dropped afterwards', () => {
  const table = world({})
  const known = table.numbers_by_id.get('n')
  assert.ok(known)
  setNumber(table, 'anew', { ...known, id: 'anew' })
  setNumber(table, 'n', null)
  assert.equal(decide(table, call({})).outcome.kind, 'answer')
})
