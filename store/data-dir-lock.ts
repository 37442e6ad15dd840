/**
 * One holder per data directory: a Unix socket in Linux's abstract namespace, named after the directory. The kernel
 * frees it with its holder, kill -9 included, so there is no stale state to clean up; children do not inherit it; and
 * whoever connects is told who holds it. It keeps apart the processes of one network namespace, that is of one machine
 * or container. It must be taken before the database is made: three concurrent initdb on one empty folder delete each
 * other's files.
 */
import { createHash } from 'node:crypto'
import { connect, createServer } from 'node:net'
import { StorageError } from '#store/storage-error.ts'

type Holder = { readonly pid: number; readonly since: string; readonly http: string | null }

const HOLDER_ANSWER_TIMEOUT_MS = 1000
const HOLDER_MAX_BYTES = 4096

const socketName = (path: string): string =>
  `\0patchcord:${createHash('sha256').update(path).digest('hex').slice(0, 32)}`

function parseHolder(text: string): Holder | null {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || !('pid' in value) || !('since' in value)) return null
    if (typeof value.pid !== 'number' || typeof value.since !== 'string') return null
    const http = 'http' in value && typeof value.http === 'string' ? value.http : null
    return { pid: value.pid, since: value.since, http }
  } catch {
    return null
  }
}

/** null: the holder does not say (it hangs, or it has just ended). */
function askHolder(name: string): Promise<Holder | null> {
  return new Promise(resolve => {
    let text = ''
    const socket = connect(name)
    socket.setTimeout(HOLDER_ANSWER_TIMEOUT_MS, () => socket.destroy())
    socket.on('data', chunk => {
      text += chunk
      if (text.length > HOLDER_MAX_BYTES) socket.destroy()
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(parseHolder(text)))
  })
}

function heldSentence(path: string, holder: Holder | null): string {
  if (holder === null)
    return `DATA_DIR ${path} is held by another Patchcord process, which does not say who it is; stop it first.`
  const where = holder.http === null ? '' : `, serving ${holder.http}`
  return (
    `DATA_DIR ${path} is held by another Patchcord: process ${holder.pid}, running since ${holder.since}${where}; ` +
    'stop it first, or start this one with a DATA_DIR of its own.'
  )
}

/** `path` is a real path. Throws `StorageError` when another process holds it. */
export async function holdDataDir(path: string): Promise<{ announce(http: string): void; release(): Promise<void> }> {
  if (process.platform !== 'linux')
    throw new StorageError(`The embedded database runs on Linux only, not on ${process.platform}: set DATABASE_URL.`)
  const name = socketName(path)
  let holder: Holder = {
    pid: process.pid,
    since: new Date(Math.round(performance.timeOrigin)).toISOString(),
    http: null,
  }
  const server = createServer(socket => {
    socket.on('error', () => {})
    socket.end(JSON.stringify(holder))
  })
  const held = await new Promise<boolean>((resolve, reject) => {
    server.once('error', error => ('code' in error && error.code === 'EADDRINUSE' ? resolve(false) : reject(error)))
    server.listen(name, () => resolve(true))
  })
  if (!held) throw new StorageError(heldSentence(path, await askHolder(name)))
  return {
    announce: http => {
      holder = { ...holder, http }
    },
    release: () => new Promise(resolve => server.close(() => resolve())),
  }
}
