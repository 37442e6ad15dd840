/** Two processes that answer calls follow a third that takes changes: told by notifications, and without them by looking. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { breakGround, eventually, makeAgent, type Patchcord, publishOnto } from '#tests/calls/patchcord.ts'
import { placeRawCall } from '#tests/peers/raw-call.ts'

const NUMBER = '+15550150001'

test('both route by a publish, also when whoever listens for notifications is cut off each time', async t => {
  const ground = await breakGround()
  t.after(() => ground.clear())
  const api = await ground.start({ ROLES: 'api' })
  const agent_id = await makeAgent(api, { name: 'A', messages: ['One.', 'Two.', 'Three.'], numbers: [NUMBER] })
  const edges = [await ground.start({ ROLES: 'voice' }), await ground.start({ ROLES: 'voice' })]
  const answers = async (edge: Patchcord) => (await placeRawCall(edge.sip.port, NUMBER)).version
  const both = (version: number) =>
    Promise.all(
      edges.map(edge =>
        eventually(
          `version ${version}`,
          () => answers(edge),
          found => found === version,
        ),
      ),
    )
  await both(1)
  await publishOnto(api, agent_id, 2, [NUMBER])
  await both(2)
  const { db } = ground.test_app.app
  const cutOff = async (): Promise<number> => {
    const { rows } = await sql<{ done: boolean }>`select pg_terminate_backend(pid) as done from pg_stat_activity
      where datname = current_database() and query like 'listen %'`.execute(db)
    return rows.length
  }
  await eventually('both to listen', cutOff, count => count === 2)
  await publishOnto(api, agent_id, 3, [NUMBER])
  await both(3)
  await cutOff()
  await publishOnto(api, agent_id, 1, [NUMBER])
  await both(1)
})

test('a process of several roles routes by a publish as soon as it is answered', async t => {
  const ground = await breakGround()
  t.after(() => ground.clear())
  const patchcord = await ground.start()
  const agent_id = await makeAgent(patchcord, { name: 'A', messages: ['One.', 'Two.'], numbers: [NUMBER] })
  for (const version of [2, 1, 2, 1]) {
    await publishOnto(patchcord, agent_id, version, [NUMBER])
    assert.equal((await placeRawCall(patchcord.sip.port, NUMBER)).version, version)
  }
})
