/** Numbers that nobody answers: told elsewhere by 302, joined to a telephone by a bridge, or spoken to. Played by SIPp and baresip. */
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { breakGround, endedCalls, type Ground, type Patchcord, registerNumber } from '#tests/calls/patchcord.ts'
import { makeTempDir } from '#tests/harness/cluster.ts'
import { callWithBaresip } from '#tests/peers/baresip.ts'
import { freeUdpPort } from '#tests/peers/free-port.ts'
import { runSipp, type SippRun } from '#tests/peers/sipp.ts'
import { skipWithout } from '#tests/peers/tools.ts'
import { transcribe, wordScore, wordsOf } from '#tests/peers/transcribe.ts'

const NUMBER = '+15550170001'
const TARGET = '+15550170099'
const skip = skipWithout('sipp')
const directory = makeTempDir('forwarding')
let ground: Ground
let patchcord: Patchcord
let trunk_id: string
let next_caller = 15_550_270_000

before(async () => {
  ground = await breakGround()
  patchcord = await ground.start({ OUTBOUND_ALLOW: '127.0.0.0/8' })
  await registerNumber(patchcord, NUMBER)
  trunk_id = (await patchcord.ask<readonly { id: string }[]>('GET', '/core/trunks'))[0]?.id ?? ''
})
after(async () => {
  await ground.clear()
  rmSync(directory, { recursive: true, force: true })
})

const setRouting = (routing: object): Promise<unknown> =>
  patchcord.ask('PATCH', `/core/phone-numbers/${encodeURIComponent(NUMBER)}/routing`, {
    ...{ forward: null, message: null },
    ...routing,
  })

/** `port`: where the trunk calls out to, on loopback; null: nowhere. */
const setTrunk = (forwarding: 'redirect' | 'bridge', port: number | null): Promise<unknown> =>
  patchcord.ask('PUT', `/core/trunks/${trunk_id}`, {
    inbound_config: { allowed_addresses: ['127.0.0.1'], forwarding },
    outbound_config: port === null ? null : { address: `127.0.0.1:${port}` },
  })

const play = async (run: Omit<SippRun, 'remote' | 'service' | 'from'>) => {
  const from = `+${next_caller++}`
  const result = await runSipp({ ...run, service: NUMBER, remote: patchcord.sip, from })
  assert.deepEqual([result.succeeded, result.failed], [run.calls ?? 1, 0], result.errors)
  return endedCalls(patchcord, `user_id=${encodeURIComponent(from)}`, run.calls ?? 1)
}

test('302 names the number at the trunk that calls out, or a SIP URI as it is', { skip }, async () => {
  const port = await freeUdpPort()
  await setTrunk('redirect', port)
  await setRouting({ forward: TARGET })
  const [call] = await play({ scenario: 'redirected', keys: { contact: `sip:${TARGET}@127.0.0.1:${port}` } })
  assert.deepEqual([call?.status, call?.end_reason], ['transferred', 'forwarded'])
  assert.equal(call?.routing.trace.at(-1)?.reason, 'forwarded')
  await setRouting({ forward: 'sip:desk@example.com' })
  await play({ scenario: 'redirected', keys: { contact: 'sip:desk@example.com' } })
})

/** A caller, and at the far end of the trunk a telephone: both played by SIPp. */
const bridge = async (caller: string, called: string, hold_ms = 800) => {
  const port = await freeUdpPort()
  await setTrunk('bridge', port)
  await setRouting({ forward: TARGET })
  const telephone = runSipp({
    ...{ scenario: called, service: 'target', remote: patchcord.sip, local_port: port },
    ...{ hold_ms, time_limit_ms: 20_000 },
  })
  const [calls, { succeeded, failed, errors }] = await Promise.all([play({ scenario: caller, hold_ms }), telephone])
  assert.deepEqual([succeeded, failed], [1, 0], errors)
  return [calls[0]?.status, calls[0]?.end_reason]
}

const BRIDGES = [
  ['the caller hangs up', 'call', 'called', 'transferred', 'forwarded'],
  ['the telephone hangs up', 'bye-from-callee', 'called-hangs-up', 'transferred', 'forwarded'],
  ['the caller cancels while it rings', 'cancelled', 'called-cancelled', 'cancelled', 'cancelled'],
  ['the telephone is busy', 'refused-486', 'called-busy', 'unanswered', 'forward_busy'],
] as const
for (const [name, caller, called, status, reason] of BRIDGES)
  test(`a bridge: ${name}`, { skip }, async () => {
    assert.deepEqual(await bridge(caller, called), [status, reason])
  })

test('a bridge that cannot reach its telephone: 480', { skip }, async () => {
  await setTrunk('bridge', null)
  await setRouting({ forward: 'sip:desk@10.1.2.3' })
  const [call] = await play({ scenario: 'refused-480' })
  assert.deepEqual([call?.status, call?.end_reason], ['failed', 'forward_address_denied'])
})

test('a message is spoken, and then hung up', {
  skip: skipWithout('baresip', 'sox', 'pocketsphinx_continuous'),
}, async () => {
  const message = 'We are closed today. Please call again tomorrow morning.'
  await setRouting({ message })
  const from = '+15550271001'
  const uri = `sip:${NUMBER}@127.0.0.1:${patchcord.sip.port}`
  const call = await callWithBaresip({ directory, uri, from, hold_ms: 15_000 })
  assert.deepEqual([call.established, call.ended_by], [true, 'far_end'], call.output)
  assert.ok(call.heard_wav !== null)
  const heard = await transcribe(call.heard_wav, [message])
  assert.ok(wordScore(wordsOf(message), heard) >= 0.7, heard.join(' '))
  const [record] = await endedCalls(patchcord, `user_id=${encodeURIComponent(from)}`, 1)
  assert.deepEqual([record?.status, record?.end_reason], ['completed', 'message_spoken'])
})
