/** How soon the first word of a comparison is there: told by a model (over a socket, at once) and by rules, beside reading a version. */
import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { quantile } from '#bench/measure.ts'
import type { Bench } from '#bench/table.ts'
import { startForAllTests } from '#tests/harness/database.ts'
import { ask } from '#tests/harness/http.ts'
import { startWorld, type World, type WorldOptions } from '#tests/harness/world.ts'
import { says, startModelServer } from '#tests/peers/model-server.ts'

const REQUESTS = 300

const INSTRUCTIONS = Array.from({ length: 200 }, (_, n) => `Sentence ${n} says what to do in case ${n % 7}.`)

/** Two versions of an agent: another sentence in the middle, and a tool more. */
const makeVersions = async (world: World): Promise<string> => {
  const made = await ask(world, 'admin', { method: 'POST', path: '/core/agents', body: { name: 'Compared' } })
  const path = `/core/agents/${(made.body as { id: string }).id}/versions`
  const later = INSTRUCTIONS.with(100, 'This sentence is another one.').join(' ')
  for (const config of [{ instructions: INSTRUCTIONS.join(' ') }, { instructions: later, tools: [{ name: 'book' }] }])
    await ask(world, 'admin', { method: 'POST', path, body: { config } })
  return path
}

type Asked = { readonly method: 'GET' | 'POST'; readonly url: string; readonly body: string }

/** Milliseconds to the first byte of the body, one request after the other. */
const firstBytes = async (world: World, { method, url, body }: Asked): Promise<readonly number[]> => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const headers = { authorization: `Bearer ${world.credentials.admin}`, 'content-type': 'application/json' }
  const times_ms: number[] = []
  for (let n = 0; n < REQUESTS; n++) {
    const begun = performance.now()
    const asked = request(url, { method, headers, agent }).end(body)
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    const ended = once(response, 'end')
    await once(response, 'data')
    times_ms.push(performance.now() - begun)
    response.resume()
    await ended
  }
  agent.destroy()
  return times_ms
}

const measure = async (options: WorldOptions) => {
  const world = await startWorld(options)
  try {
    const origin = await world.server.listen({ host: '127.0.0.1', port: 0 })
    const path = await makeVersions(world)
    const versions = JSON.stringify({ from_version: 1, to_version: 2 })
    const read = await firstBytes(world, { method: 'GET', url: `${origin}${path}/2`, body: '' })
    const compared = await firstBytes(world, { method: 'POST', url: `${origin}${path}/compare`, body: versions })
    return { read, compared }
  } finally {
    await world.close()
  }
}

export const compare: Bench = {
  name: 'compare',
  run: async show => {
    await using closing = new AsyncDisposableStack()
    const cluster = await startForAllTests()
    closing.defer(() => cluster.stop())
    const server = await startModelServer()
    closing.defer(() => server.close())
    server.otherwise = () => says('It is ', 'a little ', 'different.')
    const model = { base_url: server.base_url, api_key: 'sk', model: 'm', prices: null }
    const sides = { 'by a model': await measure({ model }), 'by rules': await measure({}) }
    for (const [who, { read, compared }] of Object.entries(sides))
      for (const share of [0.5, 0.99])
        show({
          name: `comparison told ${who}: first byte, p${share * 100}`,
          unit: 'ms',
          reference: { name: 'reading a version', value: quantile(read, share) },
          ours: quantile(compared, share),
          target: null,
        })
  },
}
