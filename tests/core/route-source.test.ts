/** The first step of a route: whose calls are taken, and at whose extensions they may arrive. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CallSource, IncomingCall } from '#core/call.ts'
import { toExtension } from '#core/e164.ts'
import { parseRange } from '#core/ip.ts'
import type { RouteState } from '#core/route.ts'
import type { Proof } from '#core/route-source.ts'
import type { RouteReason } from '#core/route-trace.ts'
import {
  emptyRoutingTable,
  PLAIN_ROUTING,
  setAgent,
  setNumber,
  setTrunk,
  type TrunkRoute,
  toAssignment,
} from '#core/routing-table.ts'
import { HEALTHY } from '#core/serve.ts'
import { decide } from '#tests/core/routing-world.ts'

const AGENT = '0190a000-0000-7000-8000-00000000000a'
const CARRIER = '192.0.2.7'

type Order = {
  readonly accepts?: string
  readonly username?: string
  readonly transports?: TrunkRoute['transports']
  readonly organization?: string
}

const trunk = (id: string, { accepts, username, transports = ['udp', 'tcp', 'tls'], organization = 'org' }: Order) => {
  const range = accepts === undefined ? null : parseRange(accepts)
  const credentials = username === undefined ? null : { username, md5: 'm', sha256: 's' }
  const rest = { forwarding: 'redirect', outbound: null } as const
  return { id, organization_id: organization, accepts: range ? [range] : [], transports, credentials, ...rest }
}

/** A table of `trunks`; two organizations with numbers and extensions, all answered by one agent of each. */
const tableOf = (trunks: Readonly<Record<string, Order>>) => {
  const table = emptyRoutingTable()
  for (const [id, order] of Object.entries(trunks)) setTrunk(table, id, trunk(id, order))
  for (const [index, organization_id] of ['org', 'other'].entries()) {
    const agent_id = index === 0 ? AGENT : 'other-agent'
    const times = { silence_timeout_seconds: 1, max_duration_seconds: 1 }
    const script = { starting_message: null, variables: {}, voice: 'slt', ...times }
    const version = { id: `${agent_id}#1`, agent_id, version: 1, script }
    const agent = { id: agent_id, organization_id, name: agent_id, active: true, sip_endpoint: { version: null } }
    setAgent(table, agent_id, { ...agent, latest_published: version, versions: new Map([[1, version]]) })
    const inbound = toAssignment(organization_id, agent_id, [{ agent_id, version: 1, weight_bp: 10_000, arm: 'a' }])
    for (const phone_number of index === 0
      ? ['+15551234567', '100', '200', '4930123', '+4930124']
      : ['+15557654321', '100', '+4930123'])
      setNumber(table, `${organization_id} ${phone_number}`, {
        id: `${organization_id} ${phone_number}`,
        organization_id,
        phone_number,
        trunk_id: 'trunk',
        inbound,
        outbound: null,
        routing: PLAIN_ROUTING,
      })
  }
  return table
}

/** Plays the digest server: `username` is taken as proven. */
const authenticate = (call: IncomingCall, asking: readonly TrunkRoute[]): Proof => {
  const [claim] = call.authorization
  if (claim === undefined) return { kind: 'refused', reason: 'credentials_missing' }
  if (claim === 'old') return { kind: 'refused', reason: 'credentials_stale' }
  if (claim === 'guess') return { kind: 'refused', reason: 'credentials_blocked' }
  const trunks = asking.filter(each => each.credentials?.username === claim)
  return trunks.length > 0 ? { kind: 'proven', trunks } : { kind: 'refused', reason: 'credentials_wrong' }
}

type Case = {
  readonly name: string
  readonly trunks: Readonly<Record<string, Order>>
  readonly user?: string
  readonly source?: Partial<CallSource>
  readonly claim?: string
  /** `organization` of who answers; or status and reason. */
  readonly expect: string | readonly [number, RouteReason]
}

const BY_ADDRESS = { carrier: { accepts: `${CARRIER}/32` } }
const BY_NAME = { phones: { username: 'ann' } }
const BY_BOTH = { both: { accepts: `${CARRIER}/32`, username: 'ann' } }
const SHARED = { ours: { accepts: CARRIER }, theirs: { accepts: CARRIER, username: 'bob', organization: 'other' } }
const BESIDE = { ours: { accepts: CARRIER }, theirs: { username: 'bob', organization: 'other' } }
const ELSEWHERE = { address: '198.51.100.1' }

const CASES: readonly Case[] = [
  { name: 'an address that is listed', trunks: BY_ADDRESS, expect: 'org' },
  { name: 'an address that is not', trunks: BY_ADDRESS, source: ELSEWHERE, expect: [403, 'source_not_accepted'] },
  { name: 'neither addresses nor credentials', trunks: { none: {} }, expect: [403, 'source_not_accepted'] },
  {
    name: 'a transport that the trunk does not take',
    trunks: { carrier: { accepts: CARRIER, transports: ['tcp'] } },
    expect: [403, 'source_not_accepted'],
  },
  {
    name: 'a transport that it takes',
    trunks: { carrier: { accepts: CARRIER, transports: ['tcp'] } },
    source: { transport: 'tcp' },
    expect: 'org',
  },
  { name: 'credentials, none sent', trunks: BY_NAME, source: ELSEWHERE, expect: [401, 'credentials_missing'] },
  { name: 'credentials, right', trunks: BY_NAME, source: ELSEWHERE, claim: 'ann', expect: 'org' },
  { name: 'credentials, wrong', trunks: BY_NAME, claim: 'eve', expect: [401, 'credentials_wrong'] },
  { name: 'credentials, stale', trunks: BY_NAME, claim: 'old', expect: [401, 'credentials_stale'] },
  { name: 'credentials, too many wrong', trunks: BY_NAME, claim: 'guess', expect: [403, 'credentials_blocked'] },
  {
    name: 'asked before the number is looked at',
    trunks: BY_NAME,
    user: '+15550000000',
    expect: [401, 'credentials_missing'],
  },
  {
    name: 'a transport that the asking trunk does not take: nobody can accept',
    trunks: { phones: { username: 'ann', transports: ['tls'] } },
    expect: [403, 'source_not_accepted'],
  },
  { name: 'both are set, and both match', trunks: BY_BOTH, claim: 'ann', expect: 'org' },
  { name: 'both are set, and the name is not sent', trunks: BY_BOTH, expect: [401, 'credentials_missing'] },
  {
    name: 'both are set, and the address is another: the name is not even asked for',
    trunks: BY_BOTH,
    source: ELSEWHERE,
    claim: 'ann',
    expect: [403, 'source_not_accepted'],
  },
  {
    name: 'proven, an unknown number',
    trunks: BY_NAME,
    claim: 'ann',
    user: '+15550000000',
    expect: [404, 'number_unknown'],
  },
  {
    name: 'proven, another organization’s number',
    trunks: BY_NAME,
    claim: 'ann',
    user: '+15557654321',
    expect: [404, 'number_unknown'],
  },
  { name: 'a shared address: ours without being asked', trunks: SHARED, expect: 'org' },
  { name: 'a shared address: ours, whatever is claimed', trunks: SHARED, claim: 'eve', expect: 'org' },
  {
    name: 'a shared address: theirs is asked for',
    trunks: SHARED,
    user: '+15557654321',
    expect: [401, 'credentials_missing'],
  },
  {
    name: 'a shared address: so is what nobody has, so that it is not told apart',
    trunks: SHARED,
    user: '+15550000000',
    expect: [401, 'credentials_missing'],
  },
  { name: 'a shared address: theirs, proven', trunks: SHARED, user: '+15557654321', claim: 'bob', expect: 'other' },
  {
    name: 'a trunk without addresses is asked for from an address of another',
    trunks: BESIDE,
    user: '+15557654321',
    claim: 'bob',
    expect: 'other',
  },
  {
    name: 'a shared address: blocked for theirs',
    trunks: SHARED,
    user: '+15557654321',
    claim: 'guess',
    expect: [403, 'credentials_blocked'],
  },
  {
    name: 'an organization’s second trunk asks for nothing that the first does not give',
    trunks: { carrier: { accepts: CARRIER }, phones: { username: 'ann' } },
    user: '+15550000000',
    expect: [404, 'number_unknown'],
  },
  { name: 'an extension', trunks: BY_ADDRESS, user: '100', expect: 'org' },
  { name: 'an extension with parameters', trunks: BY_ADDRESS, user: '100;phone-context=x', expect: 'org' },
  { name: 'an extension that is not there', trunks: BY_ADDRESS, user: '101', expect: [404, 'number_unknown'] },
  { name: 'an extension has no plus sign', trunks: BY_ADDRESS, user: '+4930123', expect: [404, 'number_unknown'] },
  {
    name: '7 digits: the extension, though somebody has the number',
    trunks: BY_ADDRESS,
    user: '4930123',
    expect: 'org',
  },
  { name: '7 digits: else the number', trunks: BY_ADDRESS, user: '4930124', expect: 'org' },
  {
    name: 'another organization’s extension of the same digits',
    trunks: { theirs: { accepts: CARRIER, organization: 'other' } },
    user: '100',
    expect: 'other',
  },
  {
    name: 'another organization’s extension is not ours',
    trunks: { theirs: { accepts: CARRIER, organization: 'other' } },
    user: '200',
    expect: [404, 'number_unknown'],
  },
  {
    name: 'a shared address and a shared extension: who proves, says whose',
    trunks: SHARED,
    user: '100',
    claim: 'bob',
    expect: 'other',
  },
  { name: 'a shared address and a shared extension: else the open one', trunks: SHARED, user: '100', expect: 'org' },
  {
    name: 'two open trunks and a shared extension: the elder',
    trunks: { b: { accepts: CARRIER }, a: { accepts: CARRIER, organization: 'other' } },
    user: '100',
    expect: 'other',
  },
]

const STATE = { draining: false, now_ms: 0, health: HEALTHY } as const

for (const { name, trunks, user = '+15551234567', source, claim, expect } of CASES) {
  test(name, () => {
    const call: IncomingCall = {
      call_id: 'c',
      source: { address: CARRIER, port: 5060, transport: 'udp', ...source },
      user,
      request_uri: '',
      from_user: null,
      asserted_user: null,
      codecs: ['PCMU'],
      authorization: claim === undefined ? [] : [claim],
      x_headers: {},
    }
    const { outcome, organization_id } = decide(tableOf(trunks), call, { ...STATE, authenticate })
    assert.deepEqual(outcome.kind === 'refuse' ? [outcome.sip_status, outcome.reason] : organization_id, expect)
  })
}

test('where no trunk asks, nothing is checked', () => {
  const call = { source: { address: CARRIER, port: 1, transport: 'udp' }, user: '100', authorization: ['x'] } as const
  const rest = { call_id: '', request_uri: '', from_user: null, asserted_user: null, codecs: null, x_headers: {} }
  const state: RouteState = { ...STATE, authenticate: () => assert.fail('checked') }
  assert.equal(decide(tableOf(BY_ADDRESS), { ...call, ...rest }, state).outcome.kind, 'answer')
})

test('an extension is 2 to 8 digits', () => {
  const cases = {
    12: '12',
    12345678: '12345678',
    1: null,
    123456789: null,
    '+12': null,
    '1 2': '12',
    '': null,
    ab: null,
  }
  for (const [user, expected] of Object.entries(cases)) assert.equal(toExtension(user), expected, user)
})
