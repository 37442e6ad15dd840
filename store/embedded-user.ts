/** Which user PostgreSQL's processes run as. It refuses to run as root, and as a user that the machine has no name for. */
import { readFileSync, statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { StorageError } from '#store/storage-error.ts'

/** What `child_process` is given: nothing when the server runs as ourselves. */
export type ServerUser = { readonly uid: number; readonly gid: number } | Record<string, never>

const ACCOUNTS = ['postgres', 'nobody']

/** passwd(5) lines are `name:password:uid:gid:…`. */
export function findAccount(passwd: string, names: readonly string[]): ServerUser | null {
  const lines = passwd.split('\n').map(line => line.split(':'))
  for (const name of names) {
    const line = lines.find(fields => fields[0] === name)
    const uid = Number(line?.[2])
    const gid = Number(line?.[3])
    if (uid > 0 && Number.isInteger(uid) && Number.isInteger(gid)) return { uid, gid }
  }
  return null
}

function requireNamedUser(): void {
  try {
    userInfo()
  } catch {
    throw new StorageError(
      `User id ${process.getuid?.()} has no entry in /etc/passwd, and the embedded PostgreSQL refuses to run as such a user: ` +
        'run as a named user, or set DATABASE_URL.',
    )
  }
}

/** As root: whoever owns the database already, else `postgres`, else `nobody`. Throws `StorageError` when nobody can. */
export function chooseServerUser(database_dir: string): ServerUser {
  if (process.getuid?.() !== 0) {
    requireNamedUser()
    return {}
  }
  const existing = statSync(database_dir, { throwIfNoEntry: false })
  if (existing !== undefined && existing.uid !== 0) return { uid: existing.uid, gid: existing.gid }
  const account = findAccount(readFileSync('/etc/passwd', 'utf8'), ACCOUNTS)
  if (account !== null) return account
  throw new StorageError(
    'The embedded PostgreSQL refuses to run as root, and there is no user postgres or nobody: set DATABASE_URL.',
  )
}
