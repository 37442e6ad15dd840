/** A database that hangs between a publish's commit and its reading: the publish is answered, and routed by when it can be. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { breakGround, eventually, makeAgent, publishOnto } from '#tests/calls/patchcord.ts'
import { placeRawCall } from '#tests/peers/raw-call.ts'

const NUMBER = '+15550170001'

test('a publish whose change cannot be read yet is answered all the same, and comes with a later poll', async t => {
  const ground = await breakGround()
  t.after(() => ground.clear())
  const patchcord = await ground.start()
  const agent_id = await makeAgent(patchcord, { name: 'A', messages: ['One.', 'Two.'], numbers: [NUMBER] })
  const version = async () => (await placeRawCall(patchcord.sip.port, NUMBER)).version
  await ground.test_app.app.db.transaction().execute(async tx => {
    // Reloading an agent reads it, publishing does not.
    await sql`lock table sip_endpoints in access exclusive mode`.execute(tx)
    await publishOnto(patchcord, agent_id, 2, [NUMBER])
    assert.equal(await version(), 1, 'calls go on by what is known')
  })
  await eventually('version 2', version, found => found === 2, 20_000)
})
