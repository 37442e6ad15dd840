/** A PostgreSQL of a test's own that dies, freezes and comes back when the test says so. */
import { rmSync } from 'node:fs'
import type { DatabaseAddress } from '#store/address.ts'
import { type EmbeddedServer, startEmbedded } from '#store/embedded.ts'
import { makeDataDir, makeTempDir } from '#tests/harness/cluster.ts'
import { childrenOf } from '#tests/harness/program.ts'

export type FailingCluster = {
  readonly address: DatabaseAddress
  /** SIGKILL, and nobody starts it again. */
  kill(): Promise<void>
  /** After `kill`. */
  start(): Promise<void>
  /** SIGSTOP to all its processes: connections stay, and nothing answers. */
  freeze(): void
  thaw(): void
  clear(): Promise<void>
}

const quiet = { info: () => {}, warn: () => {}, error: () => {} }

export const startFailingCluster = async (): Promise<FailingCluster> => {
  const directory = makeTempDir('failing')
  const data_dir = makeDataDir(directory, 'data')
  // Durable: what it has confirmed must be there after SIGKILL.
  const start = (): Promise<EmbeddedServer> => startEmbedded({ data_dir, log: quiet, durable: true })
  let server = await start()
  const { address } = server
  let frozen: readonly number[] = []
  const signalAll = (pids: readonly number[], signal: NodeJS.Signals): void => {
    for (const pid of pids) {
      try {
        process.kill(pid, signal)
      } catch {
        // A session that has ended meanwhile.
      }
    }
  }
  return {
    address,
    kill: async () => {
      const pid = server.pid()
      // Its sessions first: a postmaster that dies alone lets them finish what they are at.
      signalAll([...childrenOf(pid), pid], 'SIGKILL')
      // Ends the watch that would bring it back.
      await server.stop().catch(() => {})
    },
    start: async () => {
      server = await start()
    },
    freeze: () => {
      const pid = server.pid()
      frozen = [pid, ...childrenOf(pid)]
      signalAll(frozen, 'SIGSTOP')
    },
    thaw: () => signalAll(frozen, 'SIGCONT'),
    clear: async () => {
      signalAll(frozen, 'SIGCONT')
      await server.stop().catch(() => {})
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
