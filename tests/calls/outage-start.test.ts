/** Starting to answer calls where the database is not there yet, or not any more. */
import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { eventually, makeAgent, startOn } from '#tests/calls/patchcord.ts'
import { TEST_SECRET_KEY } from '#tests/harness/app.ts'
import { makeTempDir } from '#tests/harness/cluster.ts'
import { startFailingCluster } from '#tests/harness/failing-cluster.ts'
import { startProgram } from '#tests/harness/program.ts'
import { freeUdpPort } from '#tests/peers/free-port.ts'
import { placeRawCall } from '#tests/peers/raw-call.ts'

const NUMBER = '+15550160001'
const CREDENTIAL = 'ak_outage-test.0123456789abcdef'

const isReady = async (http: unknown): Promise<boolean> => (await fetch(`${http}/health/ready`)).ok

test('without a database and without a table on disk it waits, is not ready, and answers once it can', async t => {
  const directory = makeTempDir('outage-start')
  const cluster = await startFailingCluster()
  t.after(async () => {
    await cluster.clear()
    rmSync(directory, { recursive: true, force: true })
  })
  const ground = { address: cluster.address, credential: CREDENTIAL }
  const api = await startOn(ground, directory, { ROLES: 'api', BOOTSTRAP_KEY: CREDENTIAL })
  t.after(() => api.child.kill('SIGKILL'))
  await makeAgent(api, { name: 'A', messages: ['One.'], numbers: [NUMBER] })
  await cluster.kill()
  // Not a table: as if there were none.
  writeFileSync(join(directory, 'data', 'routing-table'), 'half a table')
  const { host, port, user, database } = cluster.address
  const SIP_PORT = String(await freeUdpPort())
  const voice = startProgram({
    data_dir: join(directory, 'data'),
    by: 'node',
    env: {
      ROLES: 'voice',
      SIP_PORT,
      SECRET_KEY: TEST_SECRET_KEY.toString('hex'),
      DATABASE_URL: `postgres:///${database}?host=${encodeURIComponent(host ?? '')}&port=${port}&user=${user}`,
    },
  })
  t.after(() => voice.child.kill('SIGKILL'))
  const { http, sip } = await voice.logged('listening')
  assert.equal(sip, null)
  assert.equal(await isReady(http), false)
  await cluster.start()
  await eventually(
    'readiness',
    () => isReady(http),
    ready => ready,
  )
  assert.equal((await placeRawCall(Number(SIP_PORT), NUMBER)).version, 1)
  await cluster.kill()
  voice.child.kill('SIGTERM')
  assert.equal((await voice.ended).code, 0)
})

test('one that waits can be stopped', async t => {
  const directory = makeTempDir('outage-stop')
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  const voice = startProgram({
    data_dir: join(directory, 'data'),
    by: 'node',
    env: {
      ROLES: 'voice',
      SECRET_KEY: TEST_SECRET_KEY.toString('hex'),
      DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
    },
  })
  t.after(() => voice.child.kill('SIGKILL'))
  await voice.logged('listening')
  voice.child.kill('SIGTERM')
  assert.equal((await voice.ended).code, 0)
})
