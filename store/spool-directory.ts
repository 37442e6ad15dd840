/**
 * A directory that one living process writes into, and that the next one takes over: DATA_DIR/<name>/<id>, each held by the
 * lock of store/data-dir-lock.ts. On systems without such locks nothing is taken over.
 */
import { mkdir, readdir, realpath, rename, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { holdDataDir } from '#store/data-dir-lock.ts'
import { StorageError } from '#store/storage-error.ts'

export type SpoolDirectory = {
  readonly path: string
  /** Removes it if it is empty, and lets go of it. */
  leave(): Promise<void>
}

/** null: somebody holds it. */
const tryHold = async (path: string): Promise<(() => Promise<void>) | null> => {
  try {
    return (await holdDataDir(path)).release
  } catch (error) {
    if (error instanceof StorageError) return null
    throw error
  }
}

const held = (path: string, release: () => Promise<void>): SpoolDirectory => ({
  path,
  leave: async () => {
    await rmdir(path).catch(() => {})
    await release()
  },
})

const prepareRoot = async (root: string): Promise<string> => {
  await mkdir(root, { recursive: true, mode: 0o700 })
  return realpath(root)
}

/** Held before it exists: whoever looks around never finds it free. */
export const makeSpoolDirectory = async (root: string, id: string): Promise<SpoolDirectory> => {
  const path = join(await prepareRoot(root), id)
  const release = (await tryHold(path)) ?? (async () => {})
  await mkdir(path, { recursive: true, mode: 0o700 })
  return held(path, release)
}

/** Those whose process has ended, held from now on; oldest first where ids sort by time. */
export const takeOverSpoolDirectories = async (root: string): Promise<readonly SpoolDirectory[]> => {
  const path = await prepareRoot(root)
  const entries = await readdir(path, { withFileTypes: true })
  const names = entries.flatMap(entry => (entry.isDirectory() ? [entry.name] : [])).sort()
  const taken: SpoolDirectory[] = []
  for (const name of names) {
    const release = await tryHold(join(path, name))
    if (release !== null) taken.push(held(join(path, name), release))
  }
  return taken
}

const ENDING = '.spool'

export const spoolFile = (directory: string, index: number): string =>
  join(directory, `${String(index).padStart(8, '0')}${ENDING}`)

/** In the order in which they were written. */
export const listSpoolFiles = async (directory: string): Promise<readonly string[]> =>
  (await readdir(directory))
    .filter(name => name.endsWith(ENDING))
    .sort()
    .map(name => join(directory, name))

export const removeSpoolFile = (file: string): Promise<void> => rm(file, { force: true })

/** What does not open is kept for whoever has the key, and not looked at again. */
export const setSpoolFileAside = (file: string): Promise<void> => rename(file, `${file}.unreadable`)
