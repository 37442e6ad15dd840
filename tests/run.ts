/** `npm test`: the test peers, then every test; or, with arguments, `npm test -- tests/sip/*.test.ts`, just those. */
import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installPeers } from '#tests/peers/install.ts'

const root = join(import.meta.dirname, '..')
const TEST_TIMEOUT_MS = 240_000

const FLAGS = [
  '--test',
  // Node's default is one fewer than there are cores, that is one test file at a time on two
  '--test-concurrency=2',
  `--test-timeout=${TEST_TIMEOUT_MS}`,
  '--test-reporter=spec',
  '--test-global-setup=tests/harness/setup.ts',
  '--disable-warning=ExperimentalWarning',
]

function runTests(patterns: readonly string[]): Promise<number> {
  const cache = join(tmpdir(), `patchcord-compile-cache-${process.getuid?.() ?? 0}`)
  const child = spawn(process.execPath, [...FLAGS, ...patterns], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: cache },
  })
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(name, () => child.kill(name))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', code => resolve(code ?? 1))
  })
}

installPeers()
const named = process.argv.slice(2)
process.exitCode = await runTests(named.length > 0 ? named : ['tests/**/*.test.ts'])
