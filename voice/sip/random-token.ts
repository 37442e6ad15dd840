/** Tags, branches and Call-IDs: 64 random bits each (RFC 3261 19.3 asks for 32), and tags that need no memory. */
import { hash, randomBytes } from 'node:crypto'

const pool_bytes = 4096
let pool = ''
let used = 0

/** 16 hex digits. Drawn from a pool: a system call for each would cost more than the rest of a response. */
export function randomToken(): string {
  if (used >= pool.length) {
    pool = randomBytes(pool_bytes).toString('hex')
    used = 0
  }
  used += 16
  return pool.slice(used - 16, used)
}

const secret = randomBytes(16).toString('hex')

/** The same tag for the same request, so that an answer without a transaction repeats itself exactly (8.2.7). */
export function statelessTag(identity: string): string {
  return hash('sha1', secret + identity, 'hex').slice(0, 16)
}
