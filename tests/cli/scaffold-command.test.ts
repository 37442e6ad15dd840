/** The command as a person runs it, on a Patchcord that serves, with a worker that works. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { openSite, practiceSite, type SiteServer } from '#tests/adapters/practice-site.ts'
import { startWorld, type World } from '#tests/harness/world.ts'
import { workflowRegistry } from '#workflows/registry.ts'
import { startWorker, type Worker } from '#workflows/worker.ts'

let world: World
let worker: Worker
let site: SiteServer
let url = ''

before(async () => {
  world = await startWorld({ outbound_allow: ['127.0.0.0/8'] })
  const { app, address, server } = world
  await server.listen({ host: '127.0.0.1', port: 0 })
  url = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`
  worker = await startWorker({ app, address, registry: workflowRegistry, concurrency: 1 })
  site = await openSite(practiceSite)
})
after(async () => {
  await worker.stop(1000)
  await world.close()
  await site.close()
})

type Ran = { readonly code: number; readonly out: string; readonly err: string }

const run = (line: readonly string[], key = world.credentials.admin ?? ''): Promise<Ran> =>
  new Promise(resolve => {
    const script = new URL('../../cli/scaffold-command.ts', import.meta.url).pathname
    const env = { PATH: process.env.PATH, PATCHCORD_KEY: key }
    execFile(process.execPath, [script, ...line], { env }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    )
  })

test('a website becomes an agent, a line a step', async () => {
  const { code, out, err } = await run([site.url, '--name', 'Riverside', '--host', url])
  assert.deepEqual([code, err], [0, ''])
  const [read, sorted, written, made, empty, agent, knowledge] = out.split('\n')
  assert.match(read ?? '', /^✓ Read the website\s+\d+\.\d s\s+30 pages read$/)
  assert.match(sorted ?? '', /^✓ Sort what it says/)
  assert.match(written ?? '', /^✓ Write the instructions .*no language model is configured/)
  assert.match(made ?? '', /^✓ Make the agent/)
  assert.equal(empty, '')
  assert.match(agent ?? '', /^Agent {6}[0-9a-f-]{36}, version 1$/)
  assert.match(knowledge ?? '', /^Knowledge {2}[0-9a-f-]{36}$/)
})

test('as JSON, and what fails is said with exit code 1', async () => {
  const { code, out } = await run([`${site.url}nowhere`, '--host', url, '--json', '--draft'])
  const workflow = JSON.parse(out)
  assert.deepEqual([code, workflow.status, workflow.error.code], [1, 'failed', 'site_status'])
  const told = await run([`${site.url}nowhere`, '--host', url])
  assert.equal(told.code, 1)
  assert.match(told.out, /✗ Read the website[\s\S]*\nThe website answers its home page with an error\.\n$/)
})

const WRONG: readonly (readonly [name: string, line: readonly string[], sentence: RegExp])[] = [
  ['nothing', [], /^say which website/],
  ['too much', ['a.example', 'b.example'], /^one website at a time/],
  ['an option that is none', ['a.example', '--nmae', 'x'], /nmae/],
  [
    'options that exclude each other',
    ['a.example', '--number', '--name', 'x'],
    /^--name does not go together with --number/,
  ],
  ['a host that is none', ['a.example', '--host', 'http://'], /^--host: /],
  ['nobody there', ['a.example', '--host', 'http://127.0.0.1:1'], /cannot be reached at http:\/\/127\.0\.0\.1:1/],
  ['an inner address', ['http://10.0.0.1/', '--host', '{url}'], /^company_website: .*no public address/],
  ['no free number', ['a.example', '--number', '--host', '{url}'], /^No phone number of this organization is free/],
]

for (const [name, line, sentence] of WRONG) {
  test(`wrong: ${name}`, async () => {
    const { code, out, err } = await run(line.map(word => word.replace('{url}', url)))
    assert.deepEqual([code, out], [2, ''])
    assert.match(err, sentence)
  })
}

test('--help', async () => {
  const { code, out } = await run(['--help'])
  assert.equal(code, 0)
  assert.match(out, /^usage: npm run scaffold -- <website>/)
})
