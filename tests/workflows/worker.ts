/** A process that does background work, and nothing else; killed and stopped by tests. Logs to stdout. */

import { createLog } from '#server/log.ts'
import type { DatabaseAddress } from '#store/address.ts'
import { openDatabase } from '#store/database.ts'
import { createSecretBox } from '#store/secret-box.ts'
import { openTenants } from '#store/tenants.ts'
import { NOBODY_OUTSIDE, TEST_SECRET_KEY, testWorkflows } from '#tests/harness/app.ts'
import { type Moment, sampleRegistry } from '#tests/workflows/sample.ts'
import { startWorker } from '#workflows/worker.ts'

export type WorkerSettings = {
  readonly address: DatabaseAddress
  readonly concurrency: number
  readonly run_ms: number
  /** Dies there, the first time. */
  readonly die_at: Moment | null
}

const settings: WorkerSettings = JSON.parse(process.argv[2] ?? '')
const { address, concurrency, run_ms, die_at } = settings
// A test that is killed must not leave workers behind.
process.stdin.on('end', () => process.exit(1)).resume()

const registry = sampleRegistry({
  run_ms,
  at: moment => {
    if (moment === die_at) process.kill(process.pid, 'SIGKILL')
  },
})
const db = openDatabase(address, { max_connections: 2 })
const tenants = openTenants(address, { max_connections: concurrency * 2 })
const log = createLog('info')
const app = {
  ...NOBODY_OUTSIDE,
  ...{ db, system: db, tenants, clock: { now_ms: Date.now }, log, routing: { changed: async () => {} } },
  ...{ sip_public_host: 'sip.example.test', sip_transports: ['udp'], default_config: {} },
  ...{
    secrets: createSecretBox(TEST_SECRET_KEY),
    callers: new Map(),
    workflows: testWorkflows(db, registry),
  },
}
const worker = await startWorker({ app, address, registry, concurrency })
process.on('SIGTERM', async () => {
  await worker.stop(5000)
  await tenants.close()
  await db.destroy()
  process.exit(0)
})
log.info({}, 'at work')
