/** A publish decides who answers the next call, and never touches one that is up. */
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { test } from 'node:test'
import {
  breakGround,
  type CallRecord,
  endedCalls,
  eventually,
  makeAgent,
  type Patchcord,
  publishOnto,
} from '#tests/calls/patchcord.ts'
import { makeTempDir } from '#tests/harness/cluster.ts'
import { type BaresipResult, callWithBaresip } from '#tests/peers/baresip.ts'
import { placeRawCall } from '#tests/peers/raw-call.ts'
import { skipWithout } from '#tests/peers/tools.ts'
import { transcribe, wordScore, wordsOf } from '#tests/peers/transcribe.ts'

const NUMBER = '+15550130001'
const FIRST = 'Welcome to the garden market. Please tell me your order number.'
const SECOND = 'Good evening. We have moved to another building near the river.'

const closerTo = async (wav: string): Promise<'first' | 'second'> => {
  const heard = await transcribe(wav, [FIRST, SECOND])
  const [first, second] = [wordScore(wordsOf(FIRST), heard), wordScore(wordsOf(SECOND), heard)]
  assert.ok(Math.max(first, second) >= 0.6, `first ${first}, second ${second}: "${heard.join(' ')}"`)
  return first > second ? 'first' : 'second'
}

const callOf = async (patchcord: Patchcord, from: string): Promise<CallRecord | undefined> =>
  (await patchcord.ask<readonly CallRecord[]>('GET', `/core/conversations?user_id=${encodeURIComponent(from)}`))[0]

test('a call that is up stays with its version, the next one hears the new one, and back', {
  skip: skipWithout('baresip', 'sox', 'pocketsphinx_continuous'),
}, async t => {
  const ground = await breakGround()
  const directory = makeTempDir('heard')
  t.after(async () => {
    await ground.clear()
    rmSync(directory, { recursive: true, force: true })
  })
  const patchcord = await ground.start()
  const agent_id = await makeAgent(patchcord, { name: 'Market', messages: [FIRST, SECOND], numbers: [NUMBER] })
  const uri = `sip:${NUMBER}@127.0.0.1:${patchcord.sip.port}`
  const dial = (from: string, hold_ms: number, on_established?: () => void) =>
    callWithBaresip({ directory, uri, from, hold_ms, ...(on_established === undefined ? {} : { on_established }) })
  const version = async (from: string): Promise<number | undefined> =>
    (await endedCalls(patchcord, `user_id=${encodeURIComponent(from)}`, 1))[0]?.version
  const heard = async (call: BaresipResult) => {
    assert.ok(call.established && call.heard_wav !== null, call.output)
    return closerTo(call.heard_wav)
  }

  const { promise: up, resolve: isUp } = Promise.withResolvers<void>()
  const { promise: next_up, resolve: isNextUp } = Promise.withResolvers<void>()
  const long = dial('+15550230001', 8000, isUp)
  await Promise.race([up, long])
  await publishOnto(patchcord, agent_id, 2, [NUMBER])
  const next = dial('+15550230002', 6000, isNextUp)
  const during = await eventually(
    'the first call in progress',
    () => callOf(patchcord, '+15550230001'),
    call => call?.status === 'in_progress',
  )
  await Promise.race([next_up, next])
  await publishOnto(patchcord, agent_id, 1, [NUMBER])
  const last = dial('+15550230003', 6000)
  const calls = await Promise.all([long, next, last])

  assert.equal(during?.version, 1)
  assert.deepEqual(await Promise.all(['+15550230001', '+15550230002', '+15550230003'].map(version)), [1, 2, 1])
  assert.deepEqual(
    calls.map(call => call.ended_by),
    ['us', 'us', 'us'],
  )
  assert.deepEqual(await Promise.all(calls.map(heard)), ['first', 'second', 'first'])
})

test('a call placed as soon as a publish has answered is answered by what was published, a hundred times', async t => {
  const ground = await breakGround()
  t.after(() => ground.clear())
  const patchcord = await ground.start()
  const agent_id = await makeAgent(patchcord, { name: 'Market', messages: [FIRST, SECOND], numbers: [NUMBER] })
  for (let round = 0; round < 100; round++) {
    const published = 1 + (round % 2)
    await publishOnto(patchcord, agent_id, published, [NUMBER])
    const { version } = await placeRawCall(patchcord.sip.port, NUMBER)
    assert.equal(version, published, `round ${round}`)
  }
})
