/** Two hundred calls, sixty at once, sound both ways: none fails, and each has its record. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { breakGround, endedCalls, makeAgent } from '#tests/calls/patchcord.ts'
import { runSipp } from '#tests/peers/sipp.ts'
import { skipWithout } from '#tests/peers/tools.ts'

const NUMBER = '+15550110001'
const CALLS = 100
const AT_ONCE = 30
const HOLD_MS = 2500
/** A packet every 20 ms; half of them, for a machine that has other things to do as well. */
const PACKETS_AT_LEAST = HOLD_MS / 20 / 2

test('200 calls, 60 at once, by number and by sip:<agent-id>@…', { skip: skipWithout('sipp') }, async t => {
  const ground = await breakGround()
  t.after(() => ground.clear())
  const patchcord = await ground.start()
  const message = 'Good morning. This call may be one of many.'
  const by_number = await makeAgent(patchcord, { name: 'By number', messages: [message], numbers: [NUMBER] })
  const by_id = await makeAgent(patchcord, { name: 'By id', messages: [message], deployed_as_sip: true })
  const load = {
    scenario: 'call',
    remote: patchcord.sip,
    calls: CALLS,
    at_once: AT_ONCE,
    calls_per_second: 30,
    hold_ms: HOLD_MS,
    time_limit_ms: 60_000,
  }
  const runs = [
    { agent_id: by_number, service: NUMBER, rule: 'number' },
    { agent_id: by_id, service: by_id, rule: 'sip_endpoint' },
  ]
  await Promise.all(
    runs.map(async ({ agent_id, service, rule }) => {
      const result = await runSipp({ ...load, service })
      assert.deepEqual([result.succeeded, result.failed], [CALLS, 0], result.errors)
      const records = await endedCalls(patchcord, `agent_id=${agent_id}`, CALLS)
      assert.equal(records.length, CALLS)
      for (const { status, end_reason, media, routing } of records) {
        assert.deepEqual([status, end_reason, routing.rule], ['completed', 'caller_hung_up', rule])
        assert.ok(
          media !== null && media.packets_sent >= PACKETS_AT_LEAST && media.packets_received >= PACKETS_AT_LEAST,
          JSON.stringify(media),
        )
      }
    }),
  )
})
