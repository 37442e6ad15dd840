/** The server's processes as /proc shows them: PostgreSQL's own pid file is believed only where /proc agrees. */
import { readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** No Linux process has this id: pid_max is at most 2^22. */
const NO_PID = 2_147_483_647
const POLL_MS = 10

function readLink(path: string): string | null {
  try {
    return readlinkSync(path)
  } catch {
    return null
  }
}

/** Path of the program that `pid` runs; null when the process is gone, a zombie, or not ours to look at. */
export const programOf = (pid: number): string | null => readLink(`/proc/${pid}/exe`)

/** A live process of this cluster. PostgreSQL's processes all have the data directory as their working directory. */
export function isServerProcess(pid: number, cluster_dir: string): boolean {
  const program = programOf(pid)?.replace(/ \(deleted\)$/, '')
  return program?.endsWith('/bin/postgres') === true && readLink(`/proc/${pid}/cwd`) === cluster_dir
}

const pidFile = (cluster_dir: string): string => join(cluster_dir, 'postmaster.pid')

function readPidFile(cluster_dir: string): string | null {
  try {
    return readFileSync(pidFile(cluster_dir), 'utf8')
  } catch {
    return null
  }
}

/** The postmaster of this cluster, when it lives. */
export function findPostmaster(cluster_dir: string): number | null {
  const pid = Number.parseInt(readPidFile(cluster_dir) ?? '', 10)
  return pid > 0 && isServerProcess(pid, cluster_dir) ? pid : null
}

/**
 * After a crash: makes the cluster startable when its postmaster is dead. PostgreSQL refuses to start while the pid in
 * its pid file, or in its socket's lock file, is alive as *any* process of the same user (a recycled pid, or a zombie
 * that nobody reaps), and while a backend of the dead postmaster still computes. The pid file stays, for the server
 * checks its shared memory by it; the lock file only guards a directory that is ours alone.
 */
export async function clearDeadServer(cluster_dir: string, socket_file: string): Promise<void> {
  rmSync(`${socket_file}.lock`, { force: true })
  const text = readPidFile(cluster_dir)
  if (text !== null) writeFileSync(pidFile(cluster_dir), text.replace(/^-?\d+/, String(NO_PID)))
  const leftovers = readdirSync('/proc')
    .map(Number)
    .filter(pid => pid > 0 && isServerProcess(pid, cluster_dir))
  for (const pid of leftovers) signal(pid, 'SIGKILL')
  for (const pid of leftovers) await untilGone(pid, cluster_dir, 10_000)
}

export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // it has ended by itself
  }
}

/** Whether it ended in time. */
export async function untilGone(pid: number, cluster_dir: string, timeout_ms: number): Promise<boolean> {
  for (let waited_ms = 0; isServerProcess(pid, cluster_dir); waited_ms += POLL_MS) {
    if (waited_ms >= timeout_ms) return false
    await sleep(POLL_MS)
  }
  return true
}
