/** The provisioning pattern, by twenty processes at once against a server that listens. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { ask } from '#tests/harness/http.ts'
import { seedNumbers } from '#tests/harness/seed.ts'
import { startWorld, type World } from '#tests/harness/world.ts'

const PROCESSES = 20
const run = promisify(execFile)

let world: World
let base: string
before(async () => {
  world = await startWorld()
  base = await world.server.listen({ host: '127.0.0.1', port: 0 })
})
after(() => world.close())

const provision = (name: string, instructions: string, number: string) =>
  run(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    join(import.meta.dirname, 'provision.ts'),
    ...[base, world.credentials.admin ?? '', name, instructions, number],
  ])

const read = async (path: string): Promise<unknown> => (await ask(world, 'admin', { method: 'GET', path })).body

type Version = {
  readonly id: string
  readonly version: number
  readonly published: boolean
  readonly digest: string
  readonly config: { readonly instructions: string }
}

test('twenty pipelines at once, and twenty again: all succeed, one agent, one digest a config, and the slot holds it', async () => {
  const [number = ''] = await seedNumbers({ app: world.app, caller: world.admin }, 1)
  for (const [index, instructions] of ['Be kind.', 'Be brief.'].entries()) {
    await Promise.all(Array.from({ length: PROCESSES }, () => provision('Riverside', instructions, number)))
    const agents = (await read('/core/agents?name=Riverside')) as readonly { readonly id: string }[]
    assert.equal(agents.length, 1)
    const versions = `/core/agents/${agents[0]?.id}/versions`
    const published = (await read(`${versions}?published=true&limit=100`)) as readonly Version[]
    assert.equal(new Set(published.map(version => version.digest)).size, index + 1)
    const { inbound_agent_version_id: held } = (await read(`/core/phone-numbers/${number}`)) as Record<string, unknown>
    const answering = published.find(version => version.id === held)
    assert.equal(answering?.digest, published[0]?.digest)
    const { config } = (await read(`${versions}/${answering?.version}`)) as Version
    assert.equal(config.instructions, instructions)
  }
})
