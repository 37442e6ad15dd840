/** The role that requests run as, on servers where the program's user may do little. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import pg from 'pg'
import { createAgent, getAgent } from '#app/agents.ts'
import { boundTo } from '#app/context.ts'
import { addMember } from '#app/members.ts'
import { createOrganization } from '#app/organizations.ts'
import type { DatabaseAddress } from '#store/address.ts'
import { openDatabase } from '#store/database.ts'
import { migrate } from '#store/migrate.ts'
import { createSecretBox } from '#store/secret-box.ts'
import { StorageError } from '#store/storage-error.ts'
import { openTenants } from '#store/tenants.ts'
import { NOBODY_OUTSIDE, TEST_SECRET_KEY, testClock, testLog, testWorkflows } from '#tests/harness/app.ts'
import { startThrowawayCluster, type ThrowawayCluster } from '#tests/harness/cluster.ts'
import { fillDefaults } from '#wire/parse-agent-config.ts'

let cluster: ThrowawayCluster
before(async () => {
  cluster = await startThrowawayCluster()
})
after(() => cluster.stop())

const asAdministrator = async (...statements: readonly string[]): Promise<void> => {
  const client = new pg.Client(cluster.address)
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}

/** A database that this new user owns, and nothing else. */
const databaseOf = async (user: string, may = ''): Promise<DatabaseAddress> => {
  await asAdministrator(`create role ${user} login ${may}`, `create database of_${user} owner ${user}`)
  return { ...cluster.address, user, database: `of_${user}` }
}

/** What the sentence says to run. */
const sqlIn = (error: unknown): string => {
  assert.ok(error instanceof StorageError, String(error))
  const [, statements = ''] = /have an administrator run: (.+)$/.exec(error.message) ?? []
  return statements
}

const refusedMigration = (address: DatabaseAddress): Promise<string> =>
  migrate(address).then(() => assert.fail('it was migrated'), sqlIn)

test('a user who may make no role is told what an administrator must run; it works, and organizations are apart', async () => {
  const address = await databaseOf('plain')
  const statements = await refusedMigration(address)
  assert.match(statements, /^create role patchcord_app .+; grant patchcord_app to plain;$/)
  await asAdministrator(statements)
  assert.ok((await migrate(address)) > 0)
  assert.equal(await migrate(address), 0)

  const db = openDatabase(address, { max_connections: 2 })
  const tenants = openTenants(address, { max_connections: 2 })
  const app = {
    ...{ db, system: db, tenants, clock: testClock(), log: testLog(), routing: { changed: async () => {} } },
    ...NOBODY_OUTSIDE,
    ...{
      sip_public_host: 'sip.example.test',
      sip_transports: ['udp'],
      default_config: fillDefaults({}),
    },
    ...{ secrets: createSecretBox(TEST_SECRET_KEY), callers: new Map(), workflows: testWorkflows(db) },
  }
  const make = (slug: string) => createOrganization(app, { name: slug, slug, allowed_addresses: [] })
  const ours = await make('ours')
  const theirs = await make('theirs')
  const bound = boundTo(app, ours.organization.id)
  const input = { name: 'Ours', description: null, active: true, is_demo: false, metadata: {} }
  const agent = await createAgent(bound, ours.caller, input)
  await addMember(bound, ours.caller, { email: 'ann@example.test', name: 'Ann' }, 'admin')
  assert.equal((await getAgent(bound, ours.caller, agent.id)).agent.name, 'Ours')
  const agents = async (of: typeof db) => (await sql`select from agents`.execute(of)).rows.length
  assert.deepEqual(
    [await agents(db), await agents(bound.db), await agents(tenants.of(theirs.organization.id))],
    [1, 1, 0],
  )
  await tenants.close()
  await db.destroy()
})

test('a second user of the same server needs the grant alone', async () => {
  const address = await databaseOf('second')
  const statements = await refusedMigration(address)
  assert.equal(statements, 'grant patchcord_app to second;')
  await asAdministrator(statements)
  assert.ok((await migrate(address)) > 0)
})

test('a role that row-level security does not bind is refused', async () => {
  const address = await databaseOf('third')
  await asAdministrator('alter role patchcord_app bypassrls', 'grant patchcord_app to third')
  const statements = await refusedMigration(address)
  await asAdministrator(statements)
  assert.ok((await migrate(address)) > 0)
})

test('a user who may make roles makes it', async () => {
  await asAdministrator(
    'drop database of_plain',
    'drop database of_second',
    'drop database of_third',
    'drop role patchcord_app',
  )
  const address = await databaseOf('maker', 'createrole')
  assert.ok((await migrate(address)) > 0)
})

test('two that start at once on two databases make one role', async () => {
  await asAdministrator('drop database of_maker', 'drop role patchcord_app')
  const addresses = [await databaseOf('left', 'superuser'), await databaseOf('right', 'superuser')]
  const counts = await Promise.all(addresses.map(migrate))
  assert.ok(counts.every(count => count > 0))
})
