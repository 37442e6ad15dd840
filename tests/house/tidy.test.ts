import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { importsOf, readSources, root, stripToCode } from '#tests/house/sources.ts'
import { complaints, RULES } from '#tests/house/tidy-rules.ts'

const files = readSources()

for (const [name, rule] of Object.entries(RULES))
  test(`tidy: ${name}`, () => assert.deepEqual(complaints(rule, files), []))

/** One offender for each clause of each rule: a law that cannot be broken is not checked. */
const OFFENDERS: readonly (readonly [rule: string, path: string, text: string])[] = [
  ['arrows', 'core/a.ts', `import { b } from '#store/b.ts'`],
  ['arrows', 'core/a.ts', `import { readFileSync } from 'node:fs'`],
  ['arrows', 'core/a.ts', `import fastify from 'fastify'`],
  ['arrows', 'store/a.ts', `import type {\n  B,\n  C,\n} from '#app/ports.ts'`],
  ['arrows', 'app/a.ts', `const b = await import('#http/b.ts')`],
  ['arrows', 'wire/a.ts', `export { b } from '#app/b.ts'`],
  ['arrows', 'http/a.ts', `import { db } from '#store/database.ts'`],
  ['arrows', 'voice/sip/a.ts', `import { publish } from '#app/publish.ts'`],
  ['arrows', 'server/a.ts', `import '#tests/b.ts'`],
  ['arrows', 'app/a.ts', `import { b } from '../core/b.ts'`],
  ['pureCore', 'core/a.ts', 'const now = Date.now()'],
  ['pureCore', 'core/a.ts', 'const now = new Date()'],
  ['pureCore', 'core/a.ts', 'const x = Math.random()'],
  ['pureCore', 'core/a.ts', 'const t = performance.now()'],
  ['pureCore', 'core/a.ts', 'const u = process.env.HOME'],
  ['environment', 'voice/a.ts', 'const home = process.env.HOME'],
  ['tenants', 'app/a.ts', 'const rows = await list(app.system)'],
  ['tenants', 'http/a.ts', 'beyondOrganization(app, tx, work)'],
  ['length', 'core/a.ts', 'a\n'.repeat(401)],
  ['names', 'app/index.ts', ''],
  ['names', 'app/utils.ts', ''],
  ['mentions', 'docs/a.md', `TO${'DO'}: later`],
  ['mentions', 'docs/a.md', `see ../${'shared'}/design.md`],
  ['mentions', 'a.json', `https://registry.${'npm'}js.org/x`],
]

test('each rule catches its offenders', () => {
  for (const [name, path, text] of OFFENDERS) {
    const rule = RULES[name]
    assert.ok(rule)
    assert.equal(
      complaints(rule, [{ path, text }]).length,
      1,
      `${name} does not catch ${JSON.stringify(text)} in ${path}`,
    )
  }
})

test('what is allowed is not complained about', () => {
  const innocent = [
    { path: 'voice/sip/a.ts', text: `import type { Log } from '#app/ports.ts'\nimport { b } from '#core/b.ts'` },
    { path: 'core/a.ts', text: `// not Date.now()\nconst text = 'Math.random'\nconst at = new Date(now_ms)` },
    { path: 'http/a.ts', text: `import { b } from './b.ts'\nimport fastify from 'fastify'` },
  ]
  for (const rule of Object.values(RULES)) assert.deepEqual(complaints(rule, innocent), [])
})

test('imports and code are told from strings and comments', () => {
  assert.deepEqual(importsOf(`/* import a from 'a' */\n// import b from 'b'\nimport c from 'c'`), ['c'])
  assert.equal(stripToCode(`a('x') // y\nb`), `a('') \nb`)
})

type Manifest = { readonly [kind: string]: Readonly<Record<string, string>> | undefined }

function dependencies(): [string, string][] {
  const manifest: Manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const kinds = ['dependencies', 'devDependencies', 'optionalDependencies']
  return kinds.flatMap(kind => Object.entries(manifest[kind] ?? {}))
}

test('every dependency is pinned, and has its line in docs/dependencies.md', () => {
  const loose = dependencies().filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
  assert.deepEqual(loose, [])
  const documented = readFileSync(join(root, 'docs/dependencies.md'), 'utf8').matchAll(
    /^\| `([^`]+)` \| [^|]+ \| [^|]+ \| [^|]+ \|$/gm,
  )
  const names = dependencies().map(([name]) => name)
  assert.deepEqual([...documented].map(match => match[1]).sort(), names.sort())
})

test('the lock file names packages, not where one machine got them from', () => {
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8')
  assert.ok(!lock.includes('"resolved"'))
})

type Locked = { readonly optionalDependencies?: Readonly<Record<string, string>> }

test('the lock file names every platform: without an entry each, `npm ci` refuses the whole file', () => {
  const lock: { packages: Record<string, Locked> } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const missing = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      name => !(`node_modules/${name}` in lock.packages) && !(`${path}/node_modules/${name}` in lock.packages),
    ),
  )
  assert.deepEqual(missing, [])
})
