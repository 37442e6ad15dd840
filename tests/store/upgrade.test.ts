/** A database that an earlier program filled, brought to this one's schema. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import pg from 'pg'
import { SCOPES } from '#core/scopes.ts'
import { migrate } from '#store/migrate.ts'
import { freshDatabase } from '#tests/harness/database.ts'

const FOLDER = join(import.meta.dirname, '..', '..', 'sql')
/** The last one before there was background work. */
const EARLIER = 10
const ORGANIZATION = '0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d'
const FORMER_SCOPES = SCOPES.filter(scope => !/^(workflows|knowledge_bases):/.test(scope))

const asEarlier = async (client: pg.Client): Promise<void> => {
  await client.query('create table schema_migrations (version integer primary key, name text not null)')
  for (const file of readdirSync(FOLDER).sort()) {
    const version = Number(file.slice(0, 3))
    if (version > EARLIER) continue
    await client.query(readFileSync(join(FOLDER, file), 'utf8'))
    await client.query('insert into schema_migrations values ($1, $2)', [version, file])
  }
}

test('who might do everything may do what is new as well; nobody else', async test => {
  const fresh = await freshDatabase()
  const administrator = new pg.Client({ ...fresh.address, database: 'postgres' })
  await administrator.connect()
  const address = { ...fresh.address, database: `${fresh.address.database}_earlier` }
  await administrator.query(`create database ${address.database}`)
  const client = new pg.Client(address)
  await client.connect()
  test.after(async () => {
    await client.end()
    await administrator.query(`drop database ${address.database} with (force)`)
    await administrator.end()
    await fresh.drop()
  })
  await asEarlier(client)
  await client.query(`insert into organizations (id, name, slug) values ('${ORGANIZATION}', 'Ours', 'ours')`)
  const insert = (id: string, scopes: readonly string[]) =>
    client.query(
      `insert into api_keys (id, organization_id, name, secret_sha256, scopes) values ($1, $2, 'x', sha256('x'), $3)`,
      [id, ORGANIZATION, scopes],
    )
  await insert('everything', FORMER_SCOPES)
  await insert('reads', ['agents:read'])

  await migrate(address)
  const { rows } = await client.query<{ scopes: string[] }>('select scopes from api_keys order by id')
  assert.deepEqual(
    rows.map(({ scopes }) => scopes.sort()),
    [SCOPES.toSorted(), ['agents:read']],
  )
})
