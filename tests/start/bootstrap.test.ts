/** The first start: what it makes, all of it or nothing. */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { authenticate } from '#app/authenticate.ts'
import type { App } from '#app/context.ts'
import { listNumbers } from '#app/phone-numbers.ts'
import { bootstrap } from '#server/bootstrap.ts'
import { type Config, readConfig } from '#server/config.ts'
import { openDatabase } from '#store/database.ts'
import { anyOrganization } from '#store/organizations.ts'
import { createSecretBox } from '#store/secret-box.ts'
import { openTenants } from '#store/tenants.ts'
import { NOBODY_OUTSIDE, TEST_SECRET_KEY, testClock, testLog, testWorkflows } from '#tests/harness/app.ts'
import { makeTempDir } from '#tests/harness/cluster.ts'
import { freshDatabase } from '#tests/harness/database.ts'
import { fillDefaults } from '#wire/parse-agent-config.ts'

const base = makeTempDir('bootstrap')
after(() => rmSync(base, { recursive: true, force: true }))

function configIn(name: string): Config {
  const data_dir = join(base, name)
  mkdirSync(data_dir, { recursive: true })
  const result = readConfig({ DATA_DIR: data_dir }, { is_root: false, working_dir: '/' })
  assert.ok(result.ok)
  return result.config
}

const keyFileIn = (name: string): string => join(base, name, 'bootstrap-key')

/** A migrated database without an organization. */
async function emptyApp(): Promise<App & AsyncDisposable> {
  const fresh = await freshDatabase()
  const db = openDatabase(fresh.address, { max_connections: 4 })
  const tenants = openTenants(fresh.address, { max_connections: 1 })
  return {
    db,
    system: db,
    tenants,
    secrets: createSecretBox(TEST_SECRET_KEY),
    clock: testClock(),
    log: testLog(),
    routing: { changed: async () => {} },
    ...NOBODY_OUTSIDE,
    sip_public_host: 'sip.example.test:5060',
    sip_transports: ['udp', 'tcp'],
    default_config: fillDefaults({}),
    workflows: testWorkflows(db),
    callers: new Map(),
    [Symbol.asyncDispose]: async () => {
      await tenants.close()
      await db.destroy()
      await fresh.drop()
    },
  }
}

/** The version that the example number's slot names. */
async function exampleVersion(app: App, credential: string): Promise<number | null | undefined> {
  const caller = await authenticate(app, credential)
  assert.ok(caller)
  const { items } = await listNumbers(app, caller, { limit: 10, after: null }, {})
  assert.deepEqual(
    items.map(number => number.phone_number),
    ['+15551234567'],
  )
  return items[0]?.inbound[0]?.version
}

test('a start that fails at its last step leaves nothing but the key, which the next one takes', async () => {
  await using app = await emptyApp()
  const config = configIn('cut')
  await sql`create function fail() returns trigger language plpgsql as $$ begin raise exception 'cut'; end $$`.execute(
    app.db,
  )
  await sql`create trigger cut before insert on audit_log for each row when (new.action = 'version.publish')
    execute function fail()`.execute(app.db)
  await assert.rejects(bootstrap(app, config), /cut/)
  assert.equal(await anyOrganization(app.db), undefined)
  const kept = readFileSync(keyFileIn('cut'), 'utf8').trim()

  await sql`drop trigger cut on audit_log`.execute(app.db)
  const made = await bootstrap(app, config)
  assert.equal(made?.credential, kept)
  assert.equal(await exampleVersion(app, kept), 1)
  assert.equal(await bootstrap(app, config), null)
})

test('two starts at once make one organization; the other one leaves no key behind that opens nothing', async () => {
  await using app = await emptyApp()
  const made = await Promise.all([bootstrap(app, configIn('one')), bootstrap(app, configIn('other'))])
  const [only, ...more] = made.filter(result => result !== null)
  assert.ok(only)
  assert.deepEqual(more, [])
  assert.deepEqual(['one', 'other'].map(keyFileIn).filter(existsSync), [only.key_file])
  assert.equal(await exampleVersion(app, only.credential), 1)
})

test('a key file that holds no whole key is written anew', async () => {
  await using app = await emptyApp()
  const config = configIn('short')
  writeFileSync(keyFileIn('short'), 'ak_0123456789abcdef')
  const made = await bootstrap(app, config)
  assert.equal(await exampleVersion(app, made?.credential ?? ''), 1)
})
