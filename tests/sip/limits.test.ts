/** The rate limit and the timers, and a port that is taken. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openEndpoint } from '#tests/sip/endpoint.ts'
import { isLoopback, rateLimit } from '#voice/sip/rate-limit.ts'
import { timerWheel } from '#voice/sip/timers.ts'
import { listenSip } from '#voice/sip/user-agent.ts'

test('a second at once, then the rate; each source has its own', () => {
  let now = 0
  const pass = rateLimit(10, () => now)
  const taken = (address: string, times: number) =>
    Array.from({ length: times }, () => pass(address)).filter(Boolean).length
  assert.equal(taken('10.0.0.1', 25), 10)
  now += 500
  assert.equal(taken('10.0.0.1', 25), 5)
  assert.equal(taken('10.0.0.2', 25), 10)
  now += 60_000
  assert.equal(taken('10.0.0.1', 25), 10, 'no more than a second is saved up')
})

test('loopback is exempt, 0 is no limit, and the sources that are kept are bounded', () => {
  const pass = rateLimit(1, () => 0)
  for (const address of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'])
    assert.ok(pass(address) && pass(address) && isLoopback(address))
  const unlimited = rateLimit(0, () => 0)
  assert.ok(unlimited('10.0.0.1') && unlimited('10.0.0.1'))
  assert.ok(pass('10.0.0.1') && !pass('10.0.0.1'))
  for (let number = 0; number < 10_000; number += 1) pass(`source ${number}`)
  assert.ok(pass('10.0.0.1'), 'the oldest is forgotten')
})

test('the wheel: in order, never early, cleared ones never, later rounds too', async () => {
  const timers = timerWheel()
  const start_ms = timers.now_ms()
  const fired: [number, number][] = []
  const delays = [60, 0, 25, 130]
  const wanted = new Promise<void>(resolve => {
    for (const delay_ms of delays)
      timers.set(delay_ms, () => {
        fired.push([delay_ms, timers.now_ms() - start_ms])
        if (fired.length === delays.length) resolve()
      })
  })
  timers.clear(timers.set(40, () => assert.fail('was cleared')))
  timers.set(2048 * 20 + 60, () => assert.fail('the next round of the wheel, the same slot as 60 ms'))
  await wanted
  assert.deepEqual(
    fired.map(([delay_ms]) => delay_ms),
    [0, 25, 60, 130],
  )
  for (const [delay_ms, at_ms] of fired) assert.ok(at_ms >= delay_ms, `${delay_ms} fired at ${at_ms}`)
  timers.close()
})

test('a port that is taken rejects with EADDRINUSE, for UDP and for TCP', async () => {
  const endpoint = await openEndpoint(() => assert.fail())
  const { port } = endpoint.agent.local
  await assert.rejects(
    listenSip({ host: '127.0.0.1', port, rate_limit_pps: 0 }, () => assert.fail()),
    { code: 'EADDRINUSE' },
  )
  await endpoint.close()
})
