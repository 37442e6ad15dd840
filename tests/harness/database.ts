/**
 * A database for each test, migrated and empty: a copy of one template. Under `npm test` the template's server is
 * started once (setup.ts) and named in the environment; a test file run alone starts one for itself.
 */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { DatabaseAddress } from '#store/address.ts'
import { migrate } from '#store/migrate.ts'
import { RUN_CLUSTER_VARIABLE, runCluster, startThrowawayCluster } from '#tests/harness/cluster.ts'
import { prepareQueue } from '#workflows/queue.ts'

export type FreshDatabase = { readonly address: DatabaseAddress; drop(): Promise<void> }

const TEMPLATE = 'patchcord_template'
/** PostgreSQL: the template has a session open on it. */
const OBJECT_IN_USE = '55006'
const COPY_ATTEMPTS = 50

async function run(address: DatabaseAddress, sql: string): Promise<void> {
  const client = new pg.Client({ ...address, database: 'postgres' })
  client.on('error', () => {})
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

async function makeTemplate(address: DatabaseAddress): Promise<void> {
  await run(address, `create database ${TEMPLATE}`)
  await migrate({ ...address, database: TEMPLATE })
  await prepareQueue({ ...address, database: TEMPLATE })
}

/** Starts the run's server, with the template in it, for this process and those that it starts. durable: fsync on, for benchmarks. */
export async function startForAllTests(durable = false): Promise<{ stop(): Promise<void> }> {
  const cluster = await startThrowawayCluster(durable)
  await makeTemplate(cluster.address)
  process.env[RUN_CLUSTER_VARIABLE] = JSON.stringify(cluster.address)
  return cluster
}

let own: Promise<DatabaseAddress> | null = null

async function startOwn(): Promise<DatabaseAddress> {
  const { address } = await startThrowawayCluster()
  await makeTemplate(address)
  return address
}

function server(): Promise<DatabaseAddress> {
  const given = runCluster()
  if (given !== null) return Promise.resolve(given)
  own ??= startOwn()
  return own
}

async function copyTemplate(address: DatabaseAddress, name: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      // FILE_COPY: 43 ms without fsync, against 71 ms for WAL_LOG
      return await run(address, `create database ${name} template ${TEMPLATE} strategy file_copy`)
    } catch (error) {
      const busy = error instanceof pg.DatabaseError && error.code === OBJECT_IN_USE
      if (!busy || attempt === COPY_ATTEMPTS) throw error
      await sleep(20)
    }
  }
}

/** An empty, migrated database. `drop` ends whatever sessions are still open on it. */
export async function freshDatabase(): Promise<FreshDatabase> {
  const address = await server()
  const name = `test_${process.pid}_${randomBytes(6).toString('hex')}`
  await copyTemplate(address, name)
  return {
    address: { ...address, database: name },
    drop: () => run(address, `drop database ${name} with (force)`),
  }
}
