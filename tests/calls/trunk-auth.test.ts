/** A trunk that asks for credentials, called by SIPp, baresip and our own caller; changed while the program runs. */
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { breakGround, endedCalls, type Ground, makeAgent, type Patchcord } from '#tests/calls/patchcord.ts'
import { makeTempDir } from '#tests/harness/cluster.ts'
import { callWithBaresip } from '#tests/peers/baresip.ts'
import { runSipp } from '#tests/peers/sipp.ts'
import { skipWithout } from '#tests/peers/tools.ts'
import { type CallerOptions, placeCall } from '#voice/caller.ts'

const NUMBER = '+15550160001'
const EXTENSION = '4711'
const RIGHT = { username: 'carrier', password: 'correct-horse' }
const directory = makeTempDir('trunk-auth')
let ground: Ground
let patchcord: Patchcord
let trunk_id: string

const setInbound = (inbound_config: object): Promise<unknown> =>
  patchcord.ask('PUT', `/core/trunks/${trunk_id}`, { inbound_config })

before(async () => {
  ground = await breakGround()
  patchcord = await ground.start()
  await makeAgent(patchcord, { name: 'Guarded', messages: ['Hello, you proved who you are.'], numbers: [NUMBER] })
  await patchcord.ask('POST', '/core/phone-numbers', { extension: EXTENSION, base_number: NUMBER })
  trunk_id = (await patchcord.ask<readonly { id: string }[]>('GET', '/core/trunks'))[0]?.id ?? ''
  const { username: auth_username, password: auth_password } = RIGHT
  await setInbound({ allowed_addresses: ['127.0.0.1'], auth_username, auth_password })
})

after(async () => {
  await ground.clear()
  rmSync(directory, { recursive: true, force: true })
})

const options = (more: Partial<CallerOptions> = {}): CallerOptions => ({
  target: `sip:${NUMBER}@127.0.0.1:${patchcord.sip.port}`,
  next_hop: patchcord.sip,
  transport: 'udp',
  from: '+15550260001',
  credentials: RIGHT,
  say: null,
  dtmf: '',
  seconds: 0.1,
  record: false,
  ...more,
})

const outcomeOf = async (more: Partial<CallerOptions> = {}): Promise<number> => {
  const result = await placeCall(options(more), () => {}, new AbortController().signal)
  return result.kind === 'answered' ? 200 : result.kind === 'refused' ? result.status : 0
}

test('SHA-256 where the operator says so, and MD5 is not taken any more', async () => {
  const strict = await ground.start({ SIP_DIGEST_ALGORITHMS: 'SHA-256' })
  const target = `sip:${NUMBER}@127.0.0.1:${strict.sip.port}`
  assert.equal(await outcomeOf({ target, next_hop: strict.sip }), 200)
  if (sipp !== false) return
  const result = await runSipp({
    scenario: 'call-auth',
    remote: strict.sip,
    service: NUMBER,
    credentials: RIGHT,
  }).catch(() => null)
  assert.notEqual(result?.succeeded, 1)
  strict.child.kill('SIGTERM')
  await strict.ended
})

const sipp = skipWithout('sipp')
for (const transport of ['udp', 'tcp'] as const) {
  test(`SIPp proves itself over ${transport}; its call is recorded with how`, { skip: sipp }, async () => {
    const from = `+1555026${transport === 'udp' ? '1' : '2'}000`
    const result = await runSipp({
      scenario: 'call-auth',
      remote: patchcord.sip,
      service: NUMBER,
      from,
      transport,
      calls: 5,
      credentials: RIGHT,
    })
    assert.deepEqual([result.succeeded, result.failed], [5, 0], result.errors)
    const calls = await endedCalls(patchcord, `user_id=${encodeURIComponent(from)}`, 5)
    assert.equal(calls.length, 5, 'a challenge is no call')
    assert.equal(calls[0]?.routing.trace[0]?.reason, 'credentials_accepted')
  })
}

test('SIPp with a wrong password is asked again', { skip: sipp }, async () => {
  const credentials = { ...RIGHT, password: 'correct-house' }
  const result = await runSipp({ scenario: 'refused-401', remote: patchcord.sip, service: NUMBER, credentials })
  assert.deepEqual([result.succeeded, result.failed], [1, 0], result.errors)
})

test('SIPp from an address that is not the trunk’s is not even asked', { skip: sipp }, async () => {
  const stranger = { scenario: 'refused-403', remote: patchcord.sip, service: NUMBER, from_host: '127.0.0.2' }
  const result = await runSipp({ ...stranger, credentials: RIGHT })
  assert.deepEqual([result.succeeded, result.failed], [1, 0], result.errors)
})

test('baresip proves itself, and is refused with a wrong password', { skip: skipWithout('baresip') }, async () => {
  const uri = `sip:${NUMBER}@127.0.0.1:${patchcord.sip.port}`
  const from = '+15550263001'
  const right = await callWithBaresip({ directory, uri, from, hold_ms: 800, credentials: RIGHT })
  assert.equal(right.established, true, right.output)
  const wrong = await callWithBaresip({
    directory,
    uri,
    from,
    hold_ms: 500,
    time_limit_ms: 4000,
    credentials: { ...RIGHT, password: 'wrong' },
  })
  assert.equal(wrong.established, false, wrong.output)
})

test('our own caller: with credentials, without, wrong; by extension; over TCP', async () => {
  assert.equal(await outcomeOf(), 200)
  assert.equal(await outcomeOf({ transport: 'tcp' }), 200)
  assert.equal(await outcomeOf({ credentials: null }), 401)
  assert.equal(await outcomeOf({ credentials: { ...RIGHT, username: 'nobody' } }), 401)
  assert.equal(await outcomeOf({ target: `sip:${EXTENSION}@127.0.0.1:${patchcord.sip.port}` }), 480, 'an empty slot')
  assert.equal(await outcomeOf({ target: `sip:4712@127.0.0.1:${patchcord.sip.port}` }), 404)
})

test('a new password, a transport, no credentials: each is routed by when the answer is given', async () => {
  await setInbound({ allowed_addresses: ['127.0.0.1'], auth_username: 'carrier', auth_password: 'another password' })
  assert.equal(await outcomeOf(), 401)
  assert.equal(await outcomeOf({ credentials: { ...RIGHT, password: 'another password' } }), 200)
  await setInbound({ allowed_addresses: ['127.0.0.1'], transports: ['tcp'] })
  assert.equal(await outcomeOf({ credentials: null }), 403)
  assert.equal(await outcomeOf({ credentials: null, transport: 'tcp' }), 200)
  await patchcord.ask('DELETE', `/core/phone-numbers/${EXTENSION}`)
  await patchcord.ask('DELETE', `/core/phone-numbers/${encodeURIComponent(NUMBER)}`)
  assert.equal(await outcomeOf({ transport: 'tcp' }), 404)
})
