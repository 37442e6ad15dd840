/** The database's files: made once, by initdb, in a sibling directory that is renamed when it is complete. */
import { execFile } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ServerUser } from '#store/embedded-user.ts'
import { StorageError } from '#store/storage-error.ts'

const MAJOR = '18'
export const SUPERUSER = 'patchcord'

/** The directory of everything that belongs to the server's user: the cluster, its socket and its log. */
export const databaseDir = (data_dir: string): string => join(data_dir, 'database')
export const clusterDir = (data_dir: string): string => join(databaseDir(data_dir), 'cluster')

function requireSameMajor(cluster: string): void {
  const made_by = readFileSync(join(cluster, 'PG_VERSION'), 'utf8').trim()
  if (made_by === MAJOR) return
  throw new StorageError(
    `The database in ${cluster} was made by PostgreSQL ${made_by}, and this Patchcord brings PostgreSQL ${MAJOR}: ` +
      'start the Patchcord that made it, or name another DATA_DIR.',
  )
}

async function initdb(bin: string, target: string, user: ServerUser, durable: boolean): Promise<void> {
  const args = ['-D', target, '-U', SUPERUSER, '-A', 'trust', '-E', 'UTF8', '--no-instructions']
  // PostgreSQL's own C.UTF-8: the same order of text on every machine, whatever its C library
  args.push('--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8')
  if (!durable) args.push('--no-sync')
  try {
    await promisify(execFile)(join(bin, 'initdb'), args, {
      ...user,
      cwd: '/',
      env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
    })
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : ''
    const reason = said.split('\n').find(line => line.includes('error:')) ?? (said || String(error))
    throw new StorageError(
      `PostgreSQL could not make its files in ${target}: ${reason.replace(/^initdb: error: /, '')}`,
    )
  }
}

/**
 * Makes the cluster when there is none and returns its directory. The caller holds the data directory. Throws
 * `StorageError` when it was made by another PostgreSQL, or cannot be made.
 */
export async function prepareCluster(
  data_dir: string,
  bin: string,
  user: ServerUser,
  durable: boolean,
): Promise<string> {
  const parent = databaseDir(data_dir)
  const cluster = clusterDir(data_dir)
  if (existsSync(join(cluster, 'PG_VERSION'))) {
    requireSameMajor(cluster)
    return cluster
  }
  mkdirSync(parent, { recursive: true })
  if (user.uid !== undefined) chownSync(parent, user.uid, user.gid)
  chmodSync(parent, 0o700)
  for (const name of readdirSync(parent).filter(name => name.startsWith('cluster.new')))
    rmSync(join(parent, name), { recursive: true, force: true })
  const draft = `${cluster}.new-${process.pid}`
  await initdb(bin, draft, user, durable)
  renameSync(draft, cluster)
  return cluster
}
