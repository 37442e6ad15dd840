/** Runs an outside program under a time limit; it and whatever it started are gone when the promise settles. */
import { spawn } from 'node:child_process'

/** Enough for any report a peer prints; what comes after is dropped, so that a chatty one cannot fill memory. */
const OUTPUT_LIMIT_BYTES = 1 << 20

export type ChildResult = {
  /** null when a signal ended it. */
  readonly exit_code: number | null
  readonly timed_out: boolean
  /** Standard output and standard error, interleaved as they came. */
  readonly output: string
}

export type ChildOptions = {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  readonly time_limit_ms: number
  /** Ends it earlier, with SIGTERM and a second later SIGKILL. */
  readonly signal?: AbortSignal
  /** Called with every piece of output as it comes; may write to the program's standard input. */
  readonly on_output?: (output_so_far: string, stdin: NodeJS.WritableStream) => void
}

const killGroup = (pid: number | undefined, signal: 'SIGTERM' | 'SIGKILL'): void => {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // Already gone.
  }
}

/** Rejects only when the program cannot be started at all. */
export const runChild = (options: ChildOptions): Promise<ChildResult> =>
  new Promise((resolve, reject) => {
    const child = spawn(options.command, options.args, {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.env === undefined ? {} : { env: options.env }),
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    })
    let output = ''
    let timed_out = false
    const timers: NodeJS.Timeout[] = []
    const limit = setTimeout(() => {
      timed_out = true
      killGroup(child.pid, 'SIGKILL')
    }, options.time_limit_ms)
    timers.push(limit)
    const abort = (): void => {
      killGroup(child.pid, 'SIGTERM')
      timers.push(setTimeout(() => killGroup(child.pid, 'SIGKILL'), 1000))
    }
    options.signal?.addEventListener('abort', abort, { once: true })
    if (options.signal?.aborted) abort()
    const settle = (): void => {
      for (const timer of timers) clearTimeout(timer)
      options.signal?.removeEventListener('abort', abort)
    }
    const onData = (chunk: Buffer): void => {
      if (output.length < OUTPUT_LIMIT_BYTES) output += chunk.toString('utf8')
      options.on_output?.(output, child.stdin)
    }
    child.stdout.on('data', onData)
    child.stderr.on('data', onData)
    // A program that ends while we write to it is an ordinary end, told by its exit code.
    child.stdin.on('error', () => {})
    child.on('error', error => {
      settle()
      reject(error)
    })
    child.on('close', exit_code => {
      settle()
      killGroup(child.pid, 'SIGKILL')
      resolve({ exit_code, timed_out, output })
    })
  })
