/** The command as a person runs it, against an API that serves. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { makeTempDir } from '#tests/harness/cluster.ts'
import { ask } from '#tests/harness/http.ts'
import { startWorld, type World } from '#tests/harness/world.ts'
import { root } from '#tests/house/sources.ts'

const NUMBER = '+15551234567'
const EMPTY = '+15551234568'
const data_dir = makeTempDir('route-command')
let world: World
let url: string

before(async () => {
  world = await startWorld()
  url = await world.server.listen({ host: '127.0.0.1', port: 0 })
  const post = async (path: string, body: object) =>
    (await ask(world, 'admin', { method: 'POST', path, body })).body as { id: string }
  const { id } = await post('/core/agents', { name: 'Anna' })
  for (const phone_number of [NUMBER, EMPTY]) await post('/core/phone-numbers', { phone_number })
  await post(`/core/agents/${id}/versions`, { config: {} })
  await post(`/core/agents/${id}/versions/1/publish`, { phone_numbers: [NUMBER] })
  mkdirSync(data_dir, { recursive: true })
  writeFileSync(join(data_dir, 'bootstrap-key'), `${world.credentials.admin}\n`)
})
after(async () => {
  await world.close()
  rmSync(data_dir, { recursive: true, force: true })
})

type Ran = { readonly code: number; readonly out: string; readonly err: string }

/** `{url}` stands for where the API is. */
const run = (line: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> =>
  new Promise(resolve => {
    const command = [join(root, 'cli/route-command.ts'), ...line.map(word => word.replace('{url}', url))]
    const options = { cwd: data_dir, env: { PATH: process.env.PATH, DATA_DIR: data_dir, ...env }, timeout: 30_000 }
    execFile(process.execPath, command, options, (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out, err })
    })
  })

test('who answers, by the key of the data directory', async () => {
  const { code, out, err } = await run([NUMBER, '--from', '+4930123456', '--host', '{url}'])
  assert.equal(code, 0, err)
  assert.match(out, /^\+15551234567 called by \+4930123456 at 2026-/)
  assert.match(out, /✓ draw +the only one that can serve now \(agent Anna, version 1\)\n/)
  assert.match(out, /\n\nAnna, version 1 answers\.\n$/)
})

test('nobody answers', async () => {
  const { code, out } = await run([EMPTY, '--host', '{url}'])
  assert.equal(code, 1)
  assert.match(out, /✗ slot +this slot of the number is empty\n/)
  assert.match(out, /Nobody answers: 480, this slot of the number is empty\.\n$/)
})

test('the answer as it comes, by the key of the environment', async () => {
  const { port } = new URL(url)
  const env = { PATCHCORD_KEY: world.credentials.admin ?? '', PORT: port, DATA_DIR: '/nowhere' }
  const { code, out, err } = await run([NUMBER, '--at', '2026-12-24T09:30:00+01:00', '--json'], env)
  assert.equal(code, 0, err)
  const { at, outcome } = JSON.parse(out)
  assert.deepEqual([at, outcome.version], ['2026-12-24T08:30:00.000000Z', 1])
})

test('help', async () => {
  const { code, out } = await run(['--help'])
  assert.equal(code, 0)
  assert.match(out, /^usage: npm run route/)
})

const WRONG: readonly (readonly [
  name: string,
  line: readonly string[],
  sentence: RegExp,
  env?: Record<string, string>,
])[] = [
  ['a number that is none', ['kim'], /"kim" is neither.*usage:/s],
  ['a number of nobody', ['+15550000000', '--host', '{url}'], /not registered in this organization.*\+15550000000/],
  ['a key of nobody', [NUMBER, '--host', '{url}', '--key', 'ak_x.y'], /credential is unknown/],
  [
    'no key',
    [NUMBER, '--host', '{url}'],
    /no key is given: use --key.*\/nowhere\/bootstrap-key/,
    { DATA_DIR: '/nowhere' },
  ],
  ['a key that is none', [NUMBER, '--host', '{url}', '--key', 'a\nb'], /characters that no key has/],
  ['nobody there', [NUMBER, '--host', 'http://127.0.0.1:1'], /cannot be reached at http:\/\/127\.0\.0\.1:1.*npm start/],
  ['a fault', [NUMBER, '--host', '{url}', '--at', '1899-01-01T00:00:00Z'], /^at: must be a time of the years/],
]

for (const [name, line, sentence, env] of WRONG) {
  test(`wrong: ${name}`, async () => {
    const { code, out, err } = await run(line, env)
    assert.deepEqual([code, out], [2, ''])
    assert.match(err, sentence)
    assert.doesNotMatch(err, /ak_\w+\.\w{3,}/)
  })
}
