/** Worker processes, started and watched. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { WorkerSettings } from '#tests/workflows/worker.ts'

export type WorkerProcess = {
  readonly child: ChildProcess
  /** How often it logged this. */
  said(message: string): number
  readonly ended: Promise<readonly unknown[]>
  /** Asks it to end, in order; wakes it if need be. Rejects when it does not end well. */
  end(): Promise<void>
}

/** Resolves once it takes work. */
export const startWorkerProcess = async <Settings = WorkerSettings>(
  settings: Settings,
  script = new URL('./worker.ts', import.meta.url),
): Promise<WorkerProcess> => {
  const flags = ['--disable-warning=ExperimentalWarning', script.pathname, JSON.stringify(settings)]
  const child = spawn(process.execPath, flags, { stdio: ['pipe', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.on('data', chunk => {
    text += chunk
  })
  const ended: Promise<readonly unknown[]> = once(child, 'close')
  const said = (message: string) => text.split(`"msg":"${message}"`).length - 1
  const end = async () => {
    child.kill('SIGTERM')
    child.kill('SIGCONT')
    const limit = setTimeout(() => child.kill('SIGKILL'), 20_000)
    const [code] = await ended
    clearTimeout(limit)
    if (code !== 0) throw new Error(`the worker ended with ${code}: ${text}`)
  }
  const deadline = Date.now() + 30_000
  while (said('at work') === 0) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`the worker did not start: ${text}`)
    await sleep(20)
  }
  return { child, said, ended, end }
}

/** Looks again and again until it holds; what it waits for takes seconds at most. */
export const until = async (
  what: string,
  holds: () => Promise<boolean> | boolean,
  limit_ms = 60_000,
): Promise<void> => {
  const deadline = Date.now() + limit_ms
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${limit_ms} ms`)
    await sleep(50)
  }
}
