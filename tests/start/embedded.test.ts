/** The embedded database in the states that crashes and machines leave it in. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import pg from 'pg'
import type { DatabaseAddress } from '#store/address.ts'
import { openDataDir, prepareDataDir } from '#store/data-dir.ts'
import { type EmbeddedServer, startEmbedded } from '#store/embedded.ts'
import { clusterDir } from '#store/embedded-cluster.ts'
import { isServerProcess, untilGone } from '#store/embedded-processes.ts'
import { findAccount } from '#store/embedded-user.ts'
import { makeDataDir, makeTempDir } from '#tests/harness/cluster.ts'

const quiet = { info: () => {}, warn: () => {}, error: () => {} }
const is_root = process.getuid?.() === 0

const base = makeTempDir('embedded')
after(() => rmSync(base, { recursive: true, force: true }))

const start = (data_dir: string): Promise<EmbeddedServer> => startEmbedded({ data_dir, log: quiet, durable: false })

async function query(address: DatabaseAddress, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client(address)
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

/** A server whose parent was killed with -9. Returns its postmaster. */
async function leftRunning(data_dir: string): Promise<number> {
  const script = join(import.meta.dirname, 'dies-leaving-server.ts')
  const parent = spawn(process.execPath, [script, data_dir], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [said] = await once(parent.stdout, 'data')
  await once(parent, 'exit')
  assert.equal(parent.signalCode, 'SIGKILL')
  return Number(said)
}

async function killHard(postmaster: number, data_dir: string): Promise<void> {
  process.kill(postmaster, 'SIGKILL')
  assert.ok(await untilGone(postmaster, clusterDir(data_dir), 5000))
}

/** Where the server of a directory answers; for a path that fits a socket address. */
const addressOf = (data_dir: string): DatabaseAddress => ({
  host: join(data_dir, 'database'),
  port: 5432,
  user: 'patchcord',
  database: 'patchcord',
})

/** A process of the database's own user, whose pid the postmaster's file might name after a reboot. */
function bystander(uid: number, gid: number): ChildProcess {
  return spawn('sleep', ['60'], is_root ? { uid, gid, stdio: 'ignore' } : { stdio: 'ignore' })
}

test('left running by a killed process: adopted with its data, and stopped', async () => {
  const data_dir = prepareDataDir(makeDataDir(base, 'life, with a space'))
  const postmaster = await leftRunning(data_dir)
  await query(addressOf(data_dir), 'create table kept as select 7 as seven')
  const server = await start(data_dir)
  assert.equal(server.pid(), postmaster)
  const seen = `select seven, current_setting('jit') jit, current_setting('fsync') fsync, current_setting('listen_addresses') tcp from kept`
  assert.deepEqual(await query(server.address, seen), [{ seven: 7, jit: 'off', fsync: 'on', tcp: '' }])
  await server.stop()
  assert.equal(isServerProcess(postmaster, clusterDir(data_dir)), false)
})

test('only its own user, and root, can reach the socket; it never runs as root', async () => {
  const data_dir = prepareDataDir(makeDataDir(base, 'private'))
  const server = await start(data_dir)
  const dir = statSync(join(data_dir, 'database'))
  assert.equal(dir.mode & 0o777, 0o700)
  assert.equal(statSync(join(data_dir, 'database/.s.PGSQL.5432')).mode & 0o777, 0o700)
  assert.notEqual(dir.uid, 0)
  assert.equal(statSync(`/proc/${server.pid()}`).uid, dir.uid)
  await server.stop()
})

test('a postmaster killed while a session computes: the leftovers are cleared and nothing committed is lost', async () => {
  const data_dir = prepareDataDir(makeDataDir(base, 'killed'))
  const postmaster = await leftRunning(data_dir)
  const address = addressOf(data_dir)
  await query(address, 'create table kept as select 7 as seven')
  const busy = query(address, 'select count(*) from generate_series(1, 1e12)').catch(() => 'ended')
  const active = `select 1 from pg_stat_activity where state = 'active' and query like '%1e12%' and pid <> pg_backend_pid()`
  let sessions = 0
  while (sessions === 0) sessions = (await query(address, active)).length
  await killHard(postmaster, data_dir)
  const again = await start(data_dir)
  assert.equal(await busy, 'ended')
  assert.deepEqual(await query(again.address, 'select seven from kept'), [{ seven: 7 }])
  await again.stop()
})

test('a pid file that names somebody else is no obstacle, and that process is left alone', async () => {
  const data_dir = prepareDataDir(makeDataDir(base, 'recycled'))
  await killHard(await leftRunning(data_dir), data_dir)
  const owner = statSync(clusterDir(data_dir))
  const other = bystander(owner.uid, owner.gid)
  await once(other, 'spawn')
  const file = join(clusterDir(data_dir), 'postmaster.pid')
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^\d+/, String(other.pid)))
  const again = await start(data_dir)
  assert.equal(other.exitCode ?? other.signalCode, null)
  await again.stop()
  other.kill()
  await once(other, 'exit')
})

test('a server that ends by itself is started again', async () => {
  const data_dir = prepareDataDir(makeDataDir(base, 'watched'))
  const back = Promise.withResolvers<void>()
  const info = (_: unknown, message: string) => (/is back/.test(message) ? back.resolve() : undefined)
  const server = await startEmbedded({ data_dir, log: { ...quiet, info }, durable: false })
  const before = server.pid()
  process.kill(before, 'SIGKILL')
  await back.promise
  assert.notEqual(server.pid(), before)
  assert.deepEqual(await query(server.address, 'select 1 as one'), [{ one: 1 }])
  await server.stop()
})

test('an interrupted initdb and an interrupted copy are done again', async () => {
  const data_dir = prepareDataDir(join(base, 'interrupted'))
  mkdirSync(join(data_dir, 'postgresql-18.4.0-beta.17.new/bin'), { recursive: true })
  mkdirSync(join(data_dir, 'database/cluster.new-1'), { recursive: true })
  const server = await start(data_dir)
  await server.stop()
  assert.ok(!existsSync(join(data_dir, 'database/cluster.new-1')))
  assert.ok(!existsSync(join(data_dir, 'postgresql-18.4.0-beta.17.new')))
})

test('a path longer than a socket address may be', async () => {
  const data_dir = prepareDataDir(makeDataDir(base, 'l'.repeat(100)))
  const server = await start(data_dir)
  assert.deepEqual(await query(server.address, 'select 1 as one'), [{ one: 1 }])
  await server.stop()
})

test('files of another PostgreSQL are refused, and not touched', async () => {
  const data_dir = prepareDataDir(makeDataDir(base, 'older'))
  mkdirSync(clusterDir(data_dir), { recursive: true })
  writeFileSync(join(clusterDir(data_dir), 'PG_VERSION'), '17\n')
  await assert.rejects(start(data_dir), {
    name: 'StorageError',
    message: /made by PostgreSQL 17, and this Patchcord brings PostgreSQL 18/,
  })
  assert.equal(readFileSync(join(clusterDir(data_dir), 'PG_VERSION'), 'utf8'), '17\n')
})

test('below a directory that the server may not pass through', {
  skip: !is_root && 'only root runs the server as another user',
}, async () => {
  const closed = join(base, 'closed')
  mkdirSync(closed)
  chmodSync(closed, 0o700)
  const data_dir = prepareDataDir(join(closed, 'data'))
  await assert.rejects(start(data_dir), (error: Error) => {
    assert.equal(error.name, 'StorageError')
    return error.message.includes(`may not pass through ${closed}:`)
  })
})

test('a data directory has one holder, who is named to the others, and is free when let go', async () => {
  const dir = join(base, 'held')
  const lock = await openDataDir(dir)
  lock.announce('http://127.0.0.1:8080')
  const expected = `held by another Patchcord: process ${process.pid}, running since .*, serving http://127.0.0.1:8080;`
  await assert.rejects(openDataDir(dir), { name: 'StorageError', message: new RegExp(expected) })
  await lock.release()
  const next = await openDataDir(dir)
  await next.release()
})

test('where no directory can be made it says so, and comes back', () => {
  assert.throws(() => prepareDataDir('/proc/patchcord/data'), /DATA_DIR \/proc\/patchcord\/data cannot be made there/)
})

test('a data directory that is a file, or lies in one', () => {
  const file = join(base, 'file')
  writeFileSync(file, '')
  assert.throws(() => prepareDataDir(file), { name: 'StorageError' })
  assert.throws(() => prepareDataDir(join(file, 'below')), { name: 'StorageError' })
})

test('accounts are found by name, in the order asked for, and never root', () => {
  const passwd = 'root:x:0:0::/root:/bin/sh\nnobody:x:65534:65533::/:/bin/false\npg:x:101:104::/:/bin/sh\nbad:x:no:no\n'
  assert.deepEqual(findAccount(passwd, ['pg', 'nobody']), { uid: 101, gid: 104 })
  assert.deepEqual(findAccount(passwd, ['postgres', 'nobody']), { uid: 65534, gid: 65533 })
  assert.equal(findAccount(passwd, ['root']), null)
  assert.equal(findAccount(passwd, ['bad', 'absent']), null)
})
