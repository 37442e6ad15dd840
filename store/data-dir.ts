/** The directory that a Patchcord keeps its things in: made when missing, checked, and held by one process at a time. */
import { accessSync, chmodSync, constants, existsSync, mkdirSync, realpathSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { holdDataDir } from '#store/data-dir-lock.ts'
import { StorageError } from '#store/storage-error.ts'

export type DataDirLock = {
  /** The directory's real path. */
  readonly path: string
  /** Where this process serves HTTP: told to whoever finds the directory held. */
  announce(http: string): void
  release(): Promise<void>
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error)

/**
 * mkdir -p: the first directory made, if any. Node's own, `recursive`, never comes back where a directory exists and yet
 * can hold no other (ENOENT in /proc; Node 24.21).
 */
function makeParents(path: string): string | undefined {
  if (existsSync(path)) return undefined
  const parent = dirname(path)
  const first_made = makeParents(parent)
  mkdirSync(path)
  return first_made ?? path
}

/**
 * Root's parents must let the database's user through even under umask 077; the directory itself lets it
 * through but not look around. Anybody else's directory is theirs alone.
 */
function makeDirectory(path: string, is_root: boolean): void {
  const first_made = makeParents(path)
  if (first_made === undefined) return
  chmodSync(path, is_root ? 0o711 : 0o700)
  if (!is_root || first_made === path) return
  for (let made = dirname(path); made.length >= first_made.length; made = dirname(made)) chmodSync(made, 0o755)
}

/** Makes the directory when it is missing. Returns its real path; throws `StorageError` when it cannot be written to. */
export function prepareDataDir(dir: string): string {
  const path = resolve(dir)
  const uid = process.getuid?.() ?? 0
  try {
    makeDirectory(path, uid === 0)
    if (!statSync(path).isDirectory()) throw new StorageError(`DATA_DIR ${path} is not a directory.`)
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    if (error instanceof StorageError) throw error
    if (codeOf(error) === 'EEXIST' || codeOf(error) === 'ENOTDIR')
      throw new StorageError(`DATA_DIR ${path} cannot be made: a part of that path is a file, not a directory.`)
    if (codeOf(error) === 'ENOENT')
      throw new StorageError(`DATA_DIR ${path} cannot be made there: name another directory.`)
    throw new StorageError(
      `DATA_DIR ${path} is not writable for user id ${uid} (${codeOf(error)}): name a directory that it may write to.`,
    )
  }
  return realpathSync(path)
}

/** Prepares the directory and holds it until `release` or the end of this process, however that comes. */
export async function openDataDir(dir: string): Promise<DataDirLock> {
  const path = prepareDataDir(dir)
  return { path, ...(await holdDataDir(path)) }
}
