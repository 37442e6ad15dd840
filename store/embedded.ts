/**
 * The PostgreSQL that Patchcord brings along: on a Unix socket below DATA_DIR, no TCP port, fsync on. It is spawned
 * directly and detached: a signal to our process group must not take the database away from calls that are being
 * finished, and a parent that is killed leaves a server that the next start adopts. (Under pg_ctl the postmaster is an
 * orphan; killed, it may stay a zombie for ever, and then refuses to start again.)
 */
import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, renameSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { DatabaseAddress } from '#store/address.ts'
import { installBinaries, removeOldBinaries } from '#store/embedded-binaries.ts'
import { databaseDir, prepareCluster, SUPERUSER } from '#store/embedded-cluster.ts'
import {
  clearDeadServer,
  findPostmaster,
  isServerProcess,
  programOf,
  signal,
  untilGone,
} from '#store/embedded-processes.ts'
import { chooseServerUser, type ServerUser } from '#store/embedded-user.ts'
import { StorageError } from '#store/storage-error.ts'

export type EmbeddedLog = {
  info(fields: Record<string, unknown>, message: string): void
  warn(fields: Record<string, unknown>, message: string): void
  error(fields: Record<string, unknown>, message: string): void
}

export type EmbeddedOptions = {
  /** The real path of a directory that the caller holds (`openDataDir`). */
  readonly data_dir: string
  readonly log: EmbeddedLog
  /** false: for a database that is thrown away; nothing is waited for until it is on disk. */
  readonly durable?: boolean
}

export type EmbeddedServer = {
  readonly address: DatabaseAddress
  /** The postmaster's process id. */
  readonly pid: () => number
  /** A clean shutdown, waited for. Sessions that are still open are ended (57P01). */
  stop(): Promise<void>
  /** Asks for a clean shutdown and does not wait: for a process that is about to exit. */
  interrupt(): void
}

type Cluster = {
  readonly bin: string
  readonly dir: string
  readonly log_file: string
  readonly user: ServerUser
  readonly address: DatabaseAddress
  readonly settings: Readonly<Record<string, string>>
  readonly log: EmbeddedLog
}

const PORT = 5432
const SOCKET_NAME = `.s.PGSQL.${PORT}`
const DATABASE = 'patchcord'
const CONNECT_TIMEOUT_MS = 2000
const READY_POLL_MS = 10
const PATIENCE_LOG_MS = 5000
/** Fast shutdown writes a checkpoint; only then is the server told to drop everything and recover at the next start. */
const STOP_TIMEOUT_MS = 30_000
const WATCH_MS = 500
const LOG_FILE_MAX_BYTES = 5_000_000
/** `sun_path` holds 108 bytes with its closing NUL. */
const SOCKET_PATH_MAX_BYTES = 107

/** Few processes and little memory for a database that serves one program: 30 MB with ten idle connections. */
const SETTINGS = {
  listen_addresses: '',
  // relative to the cluster: no limit on the length of DATA_DIR, no quoting of what is in it
  unix_socket_directories: '..',
  unix_socket_permissions: '0700',
  port: String(PORT),
  max_connections: '60',
  shared_buffers: '64MB',
  io_method: 'sync',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_logical_replication_workers: '0',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
}

const THROWN_AWAY = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' }

/** A socket path that is too long is reached through an open directory's file descriptor, in this process only. */
function socketHost(dir: string): { host: string; close(): void } {
  if (Buffer.byteLength(join(dir, SOCKET_NAME)) <= SOCKET_PATH_MAX_BYTES) return { host: dir, close: () => {} }
  const fd = openSync(dir, 'r')
  return { host: `/proc/self/fd/${fd}`, close: () => closeSync(fd) }
}

async function withClient<T>(address: DatabaseAddress, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ ...address, connectionTimeoutMillis: CONNECT_TIMEOUT_MS })
  client.on('error', () => {})
  try {
    await client.connect()
    return await use(client)
  } finally {
    await client.end().catch(() => {})
  }
}

async function answers(address: DatabaseAddress): Promise<boolean> {
  try {
    await withClient({ ...address, database: 'postgres' }, client => client.query('select 1'))
    return true
  } catch {
    return false
  }
}

/** Recovery after a crash takes as long as it takes: waits while the server lives. False: it has ended. */
async function untilReady(cluster: Cluster, pid: number): Promise<boolean> {
  const began_ms = performance.now()
  let told_ms = began_ms
  while (isServerProcess(pid, cluster.dir)) {
    if (await answers(cluster.address)) return true
    if (performance.now() - told_ms > PATIENCE_LOG_MS) {
      told_ms = performance.now()
      const waited_s = Math.round((told_ms - began_ms) / 1000)
      cluster.log.warn({ pid, waited_s, log_file: cluster.log_file }, 'the database is not ready yet; waiting')
    }
    await sleep(READY_POLL_MS)
  }
  return false
}

async function shutDown(pid: number, dir: string): Promise<void> {
  // SIGINT is fast shutdown; SIGTERM would wait for every session to leave by itself
  signal(pid, 'SIGINT')
  if (await untilGone(pid, dir, STOP_TIMEOUT_MS)) return
  signal(pid, 'SIGQUIT')
  if (!(await untilGone(pid, dir, STOP_TIMEOUT_MS)))
    throw new StorageError(`PostgreSQL (process ${pid}) does not stop.`)
}

/** A server that an earlier process left running, when it is of this very version and serves; else null, and none runs. */
async function adopt(cluster: Cluster): Promise<number | null> {
  for (;;) {
    const pid = findPostmaster(cluster.dir)
    if (pid === null) {
      await clearDeadServer(cluster.dir, join(dirname(cluster.dir), SOCKET_NAME))
      return null
    }
    if (programOf(pid) !== join(cluster.bin, 'postgres')) await shutDown(pid, cluster.dir)
    else if (await untilReady(cluster, pid)) {
      cluster.log.info({ pid }, 'adopted the database server that an earlier process left running')
      return pid
    }
  }
}

function lastWords(log_file: string): string {
  const lines = readFileSync(log_file, 'utf8').trimEnd().split('\n').slice(-20)
  const fatal = lines.findLast(line => /FATAL|PANIC|error while loading/.test(line)) ?? lines.at(-1) ?? ''
  return fatal.replace(/^.*?(?=FATAL|PANIC)/, '')
}

async function launch(cluster: Cluster): Promise<number> {
  if ((statSync(cluster.log_file, { throwIfNoEntry: false })?.size ?? 0) > LOG_FILE_MAX_BYTES)
    renameSync(cluster.log_file, `${cluster.log_file}.old`)
  const log_fd = openSync(cluster.log_file, 'a', 0o600)
  const settings = Object.entries(cluster.settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const child = spawn(join(cluster.bin, 'postgres'), ['-D', cluster.dir, ...settings], {
    ...cluster.user,
    detached: true,
    cwd: cluster.dir,
    stdio: ['ignore', log_fd, log_fd],
    env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
  })
  closeSync(log_fd)
  const failed = new Promise<never>((_, reject) => child.once('error', reject))
  child.unref()
  const pid = child.pid
  if (pid === undefined) return failed
  if (await untilReady(cluster, pid)) return pid
  throw new StorageError(
    `PostgreSQL ended while starting: ${lastWords(cluster.log_file)} (its log: ${cluster.log_file}).`,
  )
}

/** A session that was just killed is gone from /proc a moment before the kernel lets go of its memory (seen under load). */
const MEMORY_HELD = /pre-existing shared memory block/
const MEMORY_TIMEOUT_MS = 10_000

async function bringUp(cluster: Cluster): Promise<number> {
  const began_ms = performance.now()
  for (;;) {
    try {
      return (await adopt(cluster)) ?? (await launch(cluster))
    } catch (error) {
      const is_held = error instanceof StorageError && MEMORY_HELD.test(error.message)
      if (!is_held || performance.now() - began_ms > MEMORY_TIMEOUT_MS) throw error
      await sleep(READY_POLL_MS)
    }
  }
}

async function createDatabase(address: DatabaseAddress): Promise<void> {
  await withClient({ ...address, database: 'postgres' }, async client => {
    const found = await client.query('select 1 from pg_database where datname = $1', [DATABASE])
    if (found.rowCount === 0) await client.query(`create database ${DATABASE}`)
  })
}

/** Starts it again when it ends by itself (killed, out of memory): calls go on meanwhile, from memory. */
function watch(cluster: Cluster, pid: number): { pid(): number; stop(): Promise<void> } {
  let current = pid
  let restart: Promise<void> | null = null
  const timer = setInterval(() => {
    if (restart !== null || isServerProcess(current, cluster.dir)) return
    cluster.log.error({ pid: current, log_file: cluster.log_file }, 'the database server has ended; starting it again')
    restart = bringUp(cluster)
      .then(
        started => {
          current = started
          cluster.log.info({ pid: started }, 'the database server is back')
        },
        error =>
          cluster.log.error({ error: String(error) }, 'the database server could not be started again; trying on'),
      )
      .then(() => {
        restart = null
      })
  }, WATCH_MS)
  timer.unref()
  const stop = async () => {
    clearInterval(timer)
    await restart
  }
  return { pid: () => current, stop }
}

/**
 * Makes what is missing, starts the server or adopts one that was left running, and creates the database `patchcord`.
 * Throws `StorageError` when that is not possible.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const { data_dir, log, durable = true } = options
  const user = chooseServerUser(databaseDir(data_dir))
  const bin = installBinaries(data_dir, user, durable)
  const dir = await prepareCluster(data_dir, bin, user, durable)
  const socket = socketHost(databaseDir(data_dir))
  const address = { host: socket.host, port: PORT, user: SUPERUSER, password: '', database: DATABASE, ssl: false }
  const settings = durable ? SETTINGS : { ...SETTINGS, ...THROWN_AWAY }
  const log_file = join(data_dir, 'database.log')
  const cluster = { bin, dir, user, address, settings, log, log_file }
  const pid = await bringUp(cluster)
  removeOldBinaries(data_dir, bin)
  await createDatabase(address)
  const watched = watch(cluster, pid)
  return {
    address,
    pid: watched.pid,
    stop: async () => {
      await watched.stop()
      await shutDown(watched.pid(), dir)
      socket.close()
    },
    interrupt: () => signal(watched.pid(), 'SIGINT'),
  }
}
