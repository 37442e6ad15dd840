/** The house's laws, each a function from files to complaints. They only ever tighten. */
import { dirname, join } from 'node:path'
import { importsOf, roomOf, type SourceFile, stripToCode } from '#tests/house/sources.ts'

type Rule = (file: SourceFile) => readonly string[]

const MAX_LINES = 400

/** Who may import whom. A trailing file name narrows the permission to that file. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  core: ['core'],
  store: ['store', 'core'],
  app: ['app', 'core', 'store'],
  workflows: ['workflows', 'core', 'store', 'app'],
  adapters: ['adapters', 'core', 'app', 'wire'],
  wire: ['wire', 'core'],
  http: ['http', 'core', 'wire', 'app'],
  voice: ['voice', 'core', 'app/ports.ts'],
  server: ['server', 'core', 'store', 'app', 'workflows', 'adapters', 'wire', 'http', 'voice'],
  // What the public API gives, and nothing else.
  cli: ['cli'],
  tests: ['tests', 'bench', 'core', 'store', 'app', 'workflows', 'adapters', 'wire', 'http', 'voice', 'cli', 'server'],
  bench: ['bench', 'tests', 'core', 'store', 'app', 'workflows', 'adapters', 'wire', 'http', 'voice', 'server'],
}

const isCode = (file: SourceFile): boolean => /\.(ts|mjs)$/.test(file.path)
const isRoom = (file: SourceFile): boolean => roomOf(file.path) in ARROWS && file.path.endsWith('.ts')
const isProduct = (file: SourceFile): boolean => isRoom(file) && !/^(tests|bench)\//.test(file.path)

const arrows: Rule = file => {
  if (!isRoom(file)) return []
  const allowed = ARROWS[roomOf(file.path)] ?? []
  return importsOf(file.text).flatMap(name => {
    if (name.startsWith('#')) {
      const target = name.slice(1)
      return allowed.includes(roomOf(target)) || allowed.includes(target) ? [] : [`imports ${name}`]
    }
    if (name.startsWith('.')) {
      const target = join(dirname(file.path), name)
      return roomOf(target) === roomOf(file.path) ? [] : [`imports ${name}; across rooms only #room/file.ts`]
    }
    return roomOf(file.path) === 'core' ? [`imports ${name}; core imports nothing but core`] : []
  })
}

const IMPURE = /\bDate\.now\b|\bnew Date\(\s*\)|\bMath\.random\b|\bperformance\b|\bprocess\./g

const pureCore: Rule = file => {
  if (roomOf(file.path) !== 'core') return []
  return [...stripToCode(file.text).matchAll(IMPURE)].map(match => `uses ${match[0]}; core is handed time and chance`)
}

/** The server's configuration, and what a person's shell gives a command. */
const READS_ENVIRONMENT = ['server', 'cli']

const environment: Rule = file =>
  isProduct(file) && !READS_ENVIRONMENT.includes(roomOf(file.path)) && /\bprocess\.env\b/.test(stripToCode(file.text))
    ? ['reads the environment; only server/config.ts knows its variables']
    : []

/** Use cases whose business reaches beyond the caller's organization; all others work with `app.db` alone. */
const BEYOND_ORGANIZATIONS = /^app\/(authenticate|context|members|organizations|personal-tokens)\.ts$/

const tenants: Rule = file => {
  const inside = /^(app|http)\//.test(file.path) && !BEYOND_ORGANIZATIONS.test(file.path)
  const [found] = inside ? (/\b(app\.system|app\.tenants|beyondOrganization)\b/.exec(stripToCode(file.text)) ?? []) : []
  return found === undefined ? [] : [`uses ${found}; a request works on its organization's rows`]
}

const length: Rule = file => {
  const lines = file.text.trimEnd().split('\n').length
  return isCode(file) && lines > MAX_LINES ? [`has ${lines} lines, more than ${MAX_LINES}`] : []
}

const names: Rule = file =>
  isCode(file) && /(^|\/)(index|utils?|helpers?|common|misc)(\.|\/)/.test(file.path)
    ? ['is named after nothing it holds']
    : []

const UNFINISHED = new RegExp(`\\b(${['TO', 'FIX'].map((start, n) => start + ['DO', 'ME'][n]).join('|')})\\b`)
/** Things of one machine or one day, which mean nothing to whoever clones this. */
const ELSEWHERE = new RegExp(
  [`\\.\\./${'shared'}`, `/${'work'}/`, `registry\\.(npm|yarn)`, `artifact${'ory'}`].join('|'),
)

const mentions: Rule = file => [
  ...(UNFINISHED.test(file.text) ? ['leaves something for later'] : []),
  ...(ELSEWHERE.test(file.text) ? [`mentions ${ELSEWHERE.exec(file.text)?.[0]}`] : []),
]

export const RULES: Readonly<Record<string, Rule>> = { arrows, pureCore, environment, tenants, length, names, mentions }

/** `path: complaint` for everything that is not tidy. */
export const complaints = (rule: Rule, files: readonly SourceFile[]): string[] =>
  files.flatMap(file => rule(file).map(complaint => `${file.path}: ${complaint}`))
