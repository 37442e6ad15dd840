import { test } from 'node:test'
import { surviveOutage } from '#tests/calls/outage.ts'
import { skipWithout } from '#tests/peers/tools.ts'

test('the database dies, freezes and dies again with a restart of the voice process: no call fails, none is forgotten', {
  skip: skipWithout('sipp'),
}, async t => {
  const { calls } = await surviveOutage({ calls_per_second: 8, down_ms: 1500, frozen_ms: 2500, hold_ms: 1000 })
  t.diagnostic(`${calls} calls`)
})
