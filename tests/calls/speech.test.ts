/** What a caller hears, transcribed by an ear that knows nothing of Patchcord; and what Patchcord hears of the caller's keys. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import {
  breakGround,
  type CallRecord,
  endedCalls,
  type Ground,
  makeAgent,
  type Patchcord,
} from '#tests/calls/patchcord.ts'
import { makeTempDir } from '#tests/harness/cluster.ts'
import { callWithBaresip } from '#tests/peers/baresip.ts'
import { skipWithout } from '#tests/peers/tools.ts'
import { transcribe, wordScore, wordsOf } from '#tests/peers/transcribe.ts'

const NUMBER = '+15550120001'
const MESSAGE = 'Hello, you have reached Riverside Dental. How can I help you today?'
/** What a right recording scores at least, and a wrong one at most; seen: 0.85 and more, 0.2 and less. */
const RIGHT = 0.7

let ground: Ground
let patchcord: Patchcord
let agent_id: string
let directory: string

before(async () => {
  directory = makeTempDir('heard')
  ground = await breakGround()
  patchcord = await ground.start()
  agent_id = await makeAgent(patchcord, {
    name: 'Riverside',
    messages: [MESSAGE],
    numbers: [NUMBER],
    deployed_as_sip: true,
  })
})

after(async () => {
  await ground.clear()
  rmSync(directory, { recursive: true, force: true })
})

const assertSaid = async (wav: string): Promise<void> => {
  const heard = await transcribe(wav, [MESSAGE])
  const score = wordScore(wordsOf(MESSAGE), heard)
  assert.ok(score >= RIGHT, `${score}: heard "${heard.join(' ')}"`)
}

describe('heard', { concurrency: 3 }, () => {
  const calls = [
    { name: 'by number, over UDP', transport: 'udp', user: () => NUMBER, from: '+15550209001' },
    { name: 'by sip:<agent-id>@…, over TCP', transport: 'tcp', user: () => agent_id, from: '+15550209002' },
  ] as const
  for (const { name, transport, user, from } of calls) {
    test(`baresip ${name}: the greeting, and the keys`, {
      skip: skipWithout('baresip', 'sox', 'pocketsphinx_continuous'),
    }, async () => {
      const uri = `sip:${user()}@127.0.0.1:${patchcord.sip.port}`
      const call = await callWithBaresip({ directory, uri, transport, from, hold_ms: 6500, dtmf: '12#' })
      assert.deepEqual([call.established, call.ended_by], [true, 'us'], call.output)
      assert.ok(call.heard_wav !== null)
      await assertSaid(call.heard_wav)
      const [record] = await endedCalls(patchcord, `user_id=${encodeURIComponent(from)}`, 1)
      const { conversation } = await patchcord.ask<CallRecord>('GET', `/core/conversations/${record?.id}`)
      const items = (conversation ?? []).map(({ who, kind, text }) => ({ who, kind, text }))
      assert.deepEqual(
        items.filter(item => item.who === 'agent'),
        [{ who: 'agent', kind: 'speech', text: MESSAGE }],
      )
      assert.equal(
        items
          .filter(item => item.kind === 'dtmf')
          .map(item => item.text)
          .join(''),
        '12#',
      )
    })
  }

  test('npm run call: the greeting, saved', { skip: skipWithout('sox', 'pocketsphinx_continuous') }, async () => {
    const wav = join(directory, 'call.wav')
    const args = ['run', 'call', '--', NUMBER, '--host', `127.0.0.1:${patchcord.sip.port}`, '--record', wav]
    const { stdout } = await promisify(execFile)('npm', args, {
      cwd: join(import.meta.dirname, '../..'),
      timeout: 40_000,
    })
    assert.match(stdout, new RegExp(`by agent ${agent_id}, version 1`))
    await assertSaid(wav)
  })
})
