/** A PostgreSQL of the tests' own, in the temp folder, which ends with the process that started it, kill -9 included. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, realpathSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseAddress } from '#store/address.ts'
import { startEmbedded } from '#store/embedded.ts'

export type ThrowawayCluster = {
  /** The superuser on an empty database. */
  readonly address: DatabaseAddress
  stop(): Promise<void>
}

/** Waits for the end of its stdin, that is of its parent, then stops the server and removes its files. */
const UNDERTAKER = `trap "" INT TERM HUP
read -r x
kill -INT "$1" 2>/dev/null
n=0
while kill -0 "$1" 2>/dev/null && [ $n -lt 100 ]; do n=$((n+1)); sleep 0.05; done
rm -rf "$2"`

const quiet = { info: () => {}, warn: console.error, error: console.error }

/** A directory in the temp folder that the database's user can pass through. */
export function makeTempDir(name: string): string {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), `patchcord-${name}-`)))
  chmodSync(dir, 0o711)
  return dir
}

/** durable: fsync on, for benchmarks. It needs no `stop` for tidiness: it ends with this process. */
export async function startThrowawayCluster(durable = false): Promise<ThrowawayCluster> {
  const data_dir = makeTempDir('db')
  const server = await startEmbedded({ data_dir, log: quiet, durable })
  const undertaker = spawn('/bin/sh', ['-c', UNDERTAKER, 'sh', String(server.pid()), data_dir], {
    detached: true,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  undertaker.unref()
  if (undertaker.stdin instanceof Socket) undertaker.stdin.unref()
  return {
    address: server.address,
    stop: async () => {
      await server.stop()
      const gone = once(undertaker, 'exit')
      undertaker.ref()
      undertaker.stdin.end()
      await gone
    },
  }
}
