/** The real program in processes of its own: started as people start it, watched from outside. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export type ProgramOptions = {
  readonly data_dir: string
  /** `npm`: the whole chain of `npm start`; `node`: the program itself, half a second sooner. */
  readonly by?: 'npm' | 'node'
  /** Besides free ports, no example agent, and DATA_DIR. */
  readonly env?: Readonly<Record<string, string>>
  /** Killed after this long; default 30 s. */
  readonly time_limit_ms?: number
  /** Another user to run as; needs root. */
  readonly user?: { readonly uid: number; readonly gid: number; readonly home: string }
}

export type Ended = {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stderr: string
  readonly stdout: string
}

export type Program = {
  readonly child: ChildProcess
  /** The first log line with this message; rejects when the program ends without it. */
  logged(message: string): Promise<Record<string, unknown>>
  readonly ended: Promise<Ended>
  /** To the started process and everything in its group, as Ctrl-C does. */
  signalGroup(name: NodeJS.Signals): void
  /** The program's own process id, below npm. */
  pid(): number
}

const TIME_LIMIT_MS = 30_000

const root = join(import.meta.dirname, '../..')

/** The tests' own environment must not configure the program. */
function environment(options: ProgramOptions): Record<string, string> {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'NODE_COMPILE_CACHE'].flatMap(name => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  const other_user = options.user === undefined ? {} : { HOME: options.user.home, NODE_COMPILE_CACHE: '' }
  const own = { PORT: '0', SIP_PORT: '0', DEMO: '0', RATE_LIMIT_RPS: '0', DATA_DIR: options.data_dir }
  return { ...Object.fromEntries(kept), ...other_user, ...own, ...options.env }
}

export function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(/\s+/).map(Number).filter(Boolean)
  } catch {
    return []
  }
}

/** Live processes (no zombies) that were started with this DATA_DIR: the program, and npm above it. */
export function processesOn(data_dir: string): number[] {
  const mark = `DATA_DIR=${data_dir}\0`
  const inherits = (pid: number): boolean => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(mark)
    } catch {
      return false
    }
  }
  return readdirSync('/proc')
    .map(Number)
    .filter(pid => pid > 0 && pid !== process.pid && inherits(pid))
}

function parseLine(line: string): Record<string, unknown> | null {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}

export function startProgram(options: ProgramOptions): Program {
  const { by = 'npm', user } = options
  const [command, args] =
    by === 'npm' ? ['npm', ['start']] : [process.execPath, ['--disable-warning=ExperimentalWarning', 'server/main.ts']]
  const child = spawn(command, args, {
    cwd: root,
    detached: true,
    env: environment(options),
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(user === undefined ? {} : { uid: user.uid, gid: user.gid }),
  })
  // a program that hangs must fail its test, not stop the run
  const deadline = setTimeout(() => process.kill(-(child.pid ?? 0), 'SIGKILL'), options.time_limit_ms ?? TIME_LIMIT_MS)
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', chunk => {
    stdout += chunk
  })
  child.stderr.on('data', chunk => {
    stderr += chunk
  })
  const ended = once(child, 'close').then(([code, signal]) => {
    clearTimeout(deadline)
    return { code, signal, stderr, stdout }
  })
  const find = (message: string) =>
    stdout
      .split('\n')
      .map(parseLine)
      .find(line => line?.msg === message)
  return {
    child,
    ended,
    logged: async message => {
      let over = false
      ended.then(() => {
        over = true
      })
      for (let line = find(message); ; line = find(message)) {
        if (line !== undefined && line !== null) return line
        if (over) throw new Error(`the program ended without logging "${message}":\n${stdout}\n${stderr}`)
        await Promise.race([once(child.stdout, 'data'), ended])
      }
    },
    signalGroup: name => process.kill(-(child.pid ?? 0), name),
    pid: () => (by === 'npm' ? (childrenOf(child.pid ?? 0)[0] ?? 0) : (child.pid ?? 0)),
  }
}

/** What the program said to people: its own sentences on stderr, without npm's. */
export const sentencesOf = (ended: Ended): string[] =>
  ended.stderr.split('\n').flatMap(line => (line.startsWith('patchcord: ') ? [line.slice('patchcord: '.length)] : []))
