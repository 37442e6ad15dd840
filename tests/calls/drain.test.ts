/** SIGTERM while people are talking: they finish, nobody new is taken, and then the program is gone with 0. */
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { test } from 'node:test'
import { breakGround, endedCalls, makeAgent } from '#tests/calls/patchcord.ts'
import { makeTempDir } from '#tests/harness/cluster.ts'
import { callWithBaresip } from '#tests/peers/baresip.ts'
import { placeRawCall } from '#tests/peers/raw-call.ts'
import { skipWithout } from '#tests/peers/tools.ts'

const NUMBER = '+15550140001'

test('calls in flight finish on SIGTERM, new ones get 503, exit 0', { skip: skipWithout('baresip') }, async t => {
  const ground = await breakGround()
  const directory = makeTempDir('drain')
  t.after(async () => {
    await ground.clear()
    rmSync(directory, { recursive: true, force: true })
  })
  const patchcord = await ground.start()
  await makeAgent(patchcord, { name: 'Talker', messages: ['One moment, please.'], numbers: [NUMBER] })
  const { promise: up, resolve } = Promise.withResolvers<void>()
  const uri = `sip:${NUMBER}@127.0.0.1:${patchcord.sip.port}`
  const from = '+15550240001'
  const call = callWithBaresip({ directory, uri, from, hold_ms: 4000, on_established: resolve })
  await Promise.race([up, call])
  let gone = false
  patchcord.ended.then(() => {
    gone = true
  })
  patchcord.child.kill('SIGTERM')
  // The signal is taken by one thread, calls by another: the first answers may still be of the time before.
  let status = 0
  for (let attempt = 0; attempt < 50 && status !== 503; attempt++)
    status = (await placeRawCall(patchcord.sip.port, NUMBER)).status
  assert.equal(status, 503)
  assert.equal(gone, false)
  const { established, ended_by, output } = await call
  assert.deepEqual([established, ended_by], [true, 'us'], output)
  const { code, signal } = await patchcord.ended
  assert.deepEqual([code, signal], [0, null])

  const again = await ground.start()
  const [record] = await endedCalls(again, `user_id=${encodeURIComponent(from)}`, 1)
  assert.deepEqual([record?.status, record?.end_reason], ['completed', 'caller_hung_up'])
  assert.ok((record?.media?.packets_sent ?? 0) > 100)
  again.child.kill('SIGTERM')
  assert.equal((await again.ended).code, 0)
})
