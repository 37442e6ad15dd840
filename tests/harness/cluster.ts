/** A PostgreSQL of the tests' own, in the temp folder, which ends with the process that started it, kill -9 included. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
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

/** Names the run's server in the environment of every test process. */
export const RUN_CLUSTER_VARIABLE = 'PATCHCORD_TEST_DATABASE'

/** null: this test file is run alone. */
export function runCluster(): DatabaseAddress | null {
  const given = process.env[RUN_CLUSTER_VARIABLE]
  return given === undefined ? null : JSON.parse(given)
}

const quiet = { info: () => {}, warn: console.error, error: console.error }

/** A directory in the temp folder that the database's user can pass through. */
export function makeTempDir(name: string): string {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), `patchcord-${name}-`)))
  chmodSync(dir, 0o711)
  return dir
}

/**
 * A data directory for a server of its own, and where the run's cluster is known, with a link to the programs copied
 * there: 60 MB and 1000 files less to write and to delete.
 */
export function makeDataDir(parent: string, name: string): string {
  const data_dir = join(parent, name)
  mkdirSync(data_dir, { mode: 0o711 })
  const host = runCluster()?.host
  if (host === undefined) return data_dir
  const shared = dirname(host)
  for (const entry of readdirSync(shared).filter(entry => entry.startsWith('postgresql-')))
    symlinkSync(join(shared, entry), join(data_dir, entry))
  return data_dir
}

/** durable: fsync on, for benchmarks. It needs no `stop` for tidiness: it ends with this process. */
export async function startThrowawayCluster(durable = false): Promise<ThrowawayCluster> {
  const data_dir = makeTempDir('db')
  const server = await startEmbedded({ data_dir, log: quiet, durable }).catch(error => {
    rmSync(data_dir, { recursive: true, force: true })
    throw error
  })
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
