/** `npm start` as people and service managers use it. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { findPostmaster } from '#store/embedded-processes.ts'
import { makeDataDir, makeTempDir } from '#tests/harness/cluster.ts'
import { freshDatabase } from '#tests/harness/database.ts'
import { type Program, processesOn, sentencesOf, startProgram } from '#tests/harness/program.ts'

const is_root = process.getuid?.() === 0
const NOBODY = 65534

const base = makeTempDir('start')
after(() => rmSync(base, { recursive: true, force: true }))

const newDataDir = (name: string): string => makeDataDir(base, name)
const postmasterOf = (data_dir: string): number | null => findPostmaster(join(data_dir, 'database/cluster'))

async function httpOf(program: Program): Promise<string> {
  const { http } = await program.logged('listening')
  assert.ok(typeof http === 'string')
  return http
}

async function assertNothingLeft(data_dir: string): Promise<void> {
  // a process that was killed, or orphaned, is gone only when the kernel and its new parent say so
  for (let tries = 0; tries < 100 && processesOn(data_dir).length > 0; tries++) await sleep(20)
  assert.deepEqual(processesOn(data_dir), [])
  assert.equal(postmasterOf(data_dir), null)
}

async function assertRefused(program: Program, expected: RegExp): Promise<void> {
  const ended = await program.ended
  const said = sentencesOf(ended)
  assert.equal(said.length, 1, `${ended.stdout}${ended.stderr}`)
  assert.match(said[0] ?? '', expected)
  assert.match(said[0] ?? '', /^[A-Z].*\.$/)
  assert.doesNotMatch(ended.stderr, /^\s+at /m)
  assert.equal(ended.code, 1)
}

test('ready; refuses a second start and a port in use; SIGTERM to npm alone ends all of it with 0', async () => {
  const data_dir = newDataDir('npm')
  const program = startProgram({ data_dir })
  const http = await httpOf(program)
  assert.equal((await fetch(`${http}/health/live`)).status, 200)
  assert.equal((await fetch(`${http}/health/ready`)).status, 200)

  const second = startProgram({ data_dir })
  const held = `held by another Patchcord: process ${program.pid()}, running since .*, serving ${http};`
  await assertRefused(second, new RegExp(held))

  const elsewhere = newDataDir('port')
  const { port } = new URL(http)
  const third = startProgram({ data_dir: elsewhere, by: 'node', env: { PORT: port } })
  await assertRefused(third, new RegExp(`^Cannot serve HTTP on 127.0.0.1:${port}: the port is in use`))
  await assertNothingLeft(elsewhere)

  program.child.kill('SIGTERM')
  assert.equal((await program.ended).code, 0)
  await assertNothingLeft(data_dir)
})

test('a SIP port in use', async t => {
  const data_dir = newDataDir('sip-port')
  const other = createServer().listen(0, '127.0.0.1')
  t.after(() => other.close())
  await once(other, 'listening')
  const address = other.address()
  assert.ok(address !== null && typeof address === 'object')
  const program = startProgram({ data_dir, by: 'node', env: { SIP_PORT: String(address.port) } })
  await assertRefused(program, new RegExp(`^Cannot serve SIP on 127.0.0.1:${address.port}: the port is in use`))
  await assertNothingLeft(data_dir)
})

test('SIGTERM to the group twice at once, and SIGINT to the group: both end with 0', async () => {
  const data_dir = newDataDir('group')
  const first = startProgram({ data_dir })
  await httpOf(first)
  first.signalGroup('SIGTERM')
  first.signalGroup('SIGTERM')
  assert.equal((await first.ended).code, 0)
  await assertNothingLeft(data_dir)

  const second = startProgram({ data_dir })
  await httpOf(second)
  second.signalGroup('SIGINT')
  assert.equal((await second.ended).code, 0)
  await assertNothingLeft(data_dir)
})

test('killed with -9, group and all: the next start adopts the database; npm killed alone: the program ends by itself', async () => {
  const data_dir = newDataDir('killed')
  const first = startProgram({ data_dir })
  await httpOf(first)
  const postmaster = postmasterOf(data_dir)
  first.signalGroup('SIGKILL')
  await first.ended
  assert.equal(postmasterOf(data_dir), postmaster)

  const second = startProgram({ data_dir })
  await second.logged('adopted the database server that an earlier process left running')
  await httpOf(second)
  second.child.kill('SIGKILL')
  await second.logged('stopped')
  await assertNothingLeft(data_dir)
})

test('killed with -9, database and all: the next start recovers', async () => {
  const data_dir = newDataDir('crashed')
  const first = startProgram({ data_dir, by: 'node' })
  await httpOf(first)
  const postmaster = postmasterOf(data_dir)
  assert.ok(postmaster !== null)
  first.signalGroup('SIGKILL')
  process.kill(postmaster, 'SIGKILL')
  await first.ended
  const second = startProgram({ data_dir, by: 'node' })
  await httpOf(second)
  second.child.kill('SIGTERM')
  assert.equal((await second.ended).code, 0)
  await assertNothingLeft(data_dir)
})

test('wrong configuration: each fault one sentence, nothing is opened', async () => {
  const data_dir = join(base, 'never-made')
  const ended = await startProgram({ data_dir, by: 'node', env: { PORT: 'http', LOG_LEVEL: 'loud' } }).ended
  assert.equal(ended.code, 1)
  assert.deepEqual(sentencesOf(ended), [
    'PORT is "http", but must be a port number from 0 to 65535 (0: any free one).',
    'LOG_LEVEL is "loud", but must be one of trace, debug, info, warn, error, fatal, silent.',
  ])
})

const SECRET_KEY = 'ab'.repeat(32)

const asDatabaseUrl = (host: string, database: string): string =>
  `postgres:///${database}?host=${encodeURIComponent(host)}&port=5432&user=patchcord`

test('DATABASE_URL: nothing there, nobody answering, no such database', async t => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1')
  t.after(() => silent.close())
  await once(silent, 'listening')
  const address = silent.address()
  assert.ok(address !== null && typeof address === 'object')
  const fresh = await freshDatabase()
  const cases = [
    {
      url: 'postgres://ann:secret@127.0.0.1:1/x',
      expected: /DATABASE_URL postgres:\/\/ann:\*\*\*@127.0.0.1:1\/x cannot be used: nothing listens there/,
    },
    { url: `postgres://ann@127.0.0.1:${address.port}/x`, expected: /no answer within 4 seconds/ },
    { url: asDatabaseUrl(fresh.address.host ?? '', 'absent'), expected: /the server has no such database/ },
    { url: 'postgres://ann@127.0.0.1/x?sslrootcert=/no/such/file', expected: /cannot be used: ENOENT.*no.such.file/ },
  ]
  const refuse = ({ url, expected }: (typeof cases)[number], n: number) =>
    assertRefused(
      startProgram({ data_dir: newDataDir(`url-${n}`), by: 'node', env: { DATABASE_URL: url, SECRET_KEY } }),
      expected,
    )
  await Promise.all(cases.map(refuse))
  await fresh.drop()
})

test('a database newer than the program is left as it is', async () => {
  const fresh = await freshDatabase()
  const client = new pg.Client(fresh.address)
  await client.connect()
  await client.query(`insert into schema_migrations (version, name) values (9999, '9999_later.sql')`)
  const env = { SECRET_KEY, DATABASE_URL: asDatabaseUrl(fresh.address.host ?? '', fresh.address.database ?? '') }
  await assertRefused(startProgram({ data_dir: newDataDir('newer'), by: 'node', env }), /schema 9999.*newer Patchcord/)
  await client.end()
  await fresh.drop()
})

/** As root, what an ordinary user would meet is tried as `nobody`; else we are one already. */
const ordinary = is_root ? { uid: NOBODY, gid: NOBODY, home: join(base, 'home') } : undefined
const reachable = ordinary === undefined || spawnSync(process.execPath, ['--version'], ordinary).status === 0
const skip = !reachable && 'this checkout is in a directory that only root may enter'

function ordinaryDir(name: string, mode: number): string {
  const dir = join(base, name)
  mkdirSync(dir)
  if (ordinary !== undefined) chownSync(dir, ordinary.uid, ordinary.gid)
  chmodSync(dir, mode)
  return dir
}

test('DATA_DIR that may not be written to', { skip }, async () => {
  const closed = ordinaryDir('read-only', 0o500)
  const options = { by: 'node' as const, ...(ordinary === undefined ? {} : { user: ordinary }) }
  await assertRefused(
    startProgram({ data_dir: closed, ...options }),
    /^DATA_DIR .*read-only is not writable for user id \d+ \(EACCES\)/,
  )
  const below = join(closed, 'below')
  await assertRefused(
    startProgram({ data_dir: below, ...options }),
    /^DATA_DIR .*below is not writable for user id \d+ \(EACCES\)/,
  )
})

test('an ordinary user, through npm, from nothing to ready and back', { skip }, async () => {
  if (ordinary !== undefined) ordinaryDir('home', 0o700)
  const data_dir = join(ordinaryDir('ordinary', 0o755), 'data')
  const program = startProgram({ data_dir, ...(ordinary === undefined ? {} : { user: ordinary }) })
  const http = await httpOf(program)
  assert.equal((await fetch(`${http}/health/ready`)).status, 200)
  program.signalGroup('SIGTERM')
  assert.equal((await program.ended).code, 0)
  await assertNothingLeft(data_dir)
})
