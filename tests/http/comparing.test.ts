/** Comparisons told by a language model, over sockets on both sides. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { after, afterEach, before, test } from 'node:test'
import type { RefusalCode } from '#core/refusal.ts'
import { ask, codeOf } from '#tests/harness/http.ts'
import { startWorld, type World } from '#tests/harness/world.ts'
import { type ModelServer, type ModelTurn, says, startModelServer } from '#tests/peers/model-server.ts'

let server: ModelServer
let world: World
let origin: string
let compare: string

before(async () => {
  server = await startModelServer()
  world = await startWorld({
    model: { base_url: server.base_url, api_key: 'sk-operator', model: 'm-all', prices: null },
    outbound_allow: ['127.0.0.0/8'],
    model_timeouts: { first_ms: 3000 },
  })
  origin = await world.server.listen({ host: '127.0.0.1', port: 0 })
  const made = await ask(world, 'admin', { method: 'POST', path: '/core/agents', body: { name: 'Compared' } })
  const path = `/core/agents/${(made.body as { id: string }).id}/versions`
  compare = `${path}/compare`
  for (const config of [
    { instructions: 'Be kind to all.' },
    { instructions: 'Be brief to all.', tools: [{ name: 'book' }] },
  ])
    await ask(world, 'admin', { method: 'POST', path, body: { config } })
})
after(async () => {
  await world.close()
  await server.close()
})
afterEach(() => {
  server.requests.length = 0
  assert.equal(server.turns.length, 0, 'every turn was asked for')
})

const REQUEST = { from_version: 1, to_version: 2 }
const LIST = [
  'Version 2 compared with version 1:',
  '',
  '- instructions: 1 word removed, 1 word added.',
  '    - “kind”',
  '    + “brief”',
  '- tools.book was added: ',
].join('\n')

const tell = (...turns: readonly ModelTurn[]) => {
  server.turns.push(...turns)
  return ask(world, 'reader', { method: 'POST', path: compare, body: REQUEST })
}

const open = async (): Promise<IncomingMessage> => {
  const headers = { authorization: `Bearer ${world.credentials.reader}`, 'content-type': 'application/json' }
  const request = httpRequest(`${origin}${compare}`, { method: 'POST', headers })
  request.on('error', () => {})
  request.end(JSON.stringify(REQUEST))
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  response.setEncoding('utf8').on('error', () => {})
  return response
}

test('our list comes first, then what the model writes of it; the model is given the differences and no more', async () => {
  const answer = await tell(says('It is ', 'briefer now.'))
  assert.equal(answer.headers['x-patchcord-written-by'], 'model')
  const text = String(answer.body)
  assert.ok(text.startsWith(LIST), text)
  assert.ok(text.endsWith('\n\nIt is briefer now.\n'), text)
  const [request] = server.requests
  assert.equal(request?.body.model, 'm-all')
  const given = JSON.parse(String(request?.body.messages[1]?.content))
  assert.partialDeepStrictEqual(given, [
    { field: 'instructions', change: 'words', removed: ['kind'], added: ['brief'] },
    { field: 'tools.book', change: 'add' },
  ])
  assert.equal(given.length, 2)
})

test('the first bytes arrive while the model has still to finish', async () => {
  const gate = Promise.withResolvers<void>()
  server.turns.push({ kind: 'text', pieces: ['It is ', 'briefer.'], between: () => gate.promise })
  const response = await open()
  let text = ''
  response.on('data', (chunk: string) => {
    text += chunk
  })
  while (!text.endsWith('It is ')) await once(response, 'data')
  assert.ok(text.startsWith(LIST))
  gate.resolve()
  await once(response, 'end')
  assert.ok(text.endsWith('It is briefer.\n'), text)
})

for (const kind of ['breaks', 'stops'] as const)
  test(`a model that dies (${kind}) ends the text with a mark; our list is whole`, async () => {
    const text = String((await tell({ kind, pieces: ['It is ', 'brie'] })).body)
    assert.ok(text.startsWith(LIST))
    assert.match(text, /It is brie\n\n\[This text breaks off here: The language model broke off, .+\]\n$/)
  })

const FAULTS: readonly (readonly [turns: readonly ModelTurn[], code: RefusalCode, about: string])[] = [
  [[{ kind: 'status', status: 401 }], 'model_refused', 'HTTP 401'],
  [Array<ModelTurn>(3).fill({ kind: 'status', status: 429 }), 'model_overloaded', 'HTTP 429'],
  [Array<ModelTurn>(3).fill({ kind: 'hangup' }), 'model_unreachable', ''],
  [[{ kind: 'silence' }], 'model_timeout', '3000 ms to the first word'],
  [[{ kind: 'breaks', pieces: [] }], 'model_broken_stream', ''],
]
for (const [turns, code, about] of FAULTS)
  test(`what keeps the model from beginning is a 502 before the first byte: ${code}`, async () => {
    const answer = await tell(...turns)
    assert.deepEqual([answer.status, codeOf(answer)], [502, code])
    assert.ok((answer.body as { detail: string }).detail.includes(about))
  })

test('a version that is not there is a 404, and no model is asked; equal versions need none', async () => {
  const missing = await ask(world, 'reader', {
    method: 'POST',
    path: compare,
    body: { from_version: 1, to_version: 9 },
  })
  assert.equal(codeOf(missing), 'version_not_found')
  const same = await ask(world, 'reader', { method: 'POST', path: compare, body: { from_version: 2, to_version: 2 } })
  assert.equal(same.headers['x-patchcord-written-by'], 'offline')
  assert.match(String(same.body), /do not differ/)
  assert.equal(server.requests.length, 0)
})

test('whoever stops reading stops the model', async () => {
  server.turns.push({ kind: 'stalls', pieces: ['It is '] })
  const response = await open()
  await once(response, 'data')
  response.destroy()
  const [request] = server.requests
  while (!request?.gone) await new Promise(setImmediate)
})

test('an organization’s own model writes for it alone, with its key, and what it used is counted', async () => {
  const put = (base_url: string) =>
    ask(world, 'admin', {
      method: 'PUT',
      path: '/core/language-model',
      body: { base_url, model: 'm-own', api_key: 'sk-own', input_usd_per_mtok: 1, output_usd_per_mtok: 5 },
    })
  assert.equal((await put(server.base_url)).status, 200)
  await tell(says('Own.'))
  assert.equal(server.requests[0]?.headers.authorization, 'Bearer sk-own')
  assert.equal(server.requests[0]?.body.model, 'm-own')
  const read = async (actor: 'reader' | 'other') =>
    (await ask(world, actor, { method: 'GET', path: '/core/language-model' })).body as {
      source: string
      model: string
      usage: { model: string; requests: number; cost_usd: number | null }[]
    }
  // It is counted behind the answer's back.
  let ours = await read('reader')
  while (!ours.usage.some(({ model }) => model === 'm-own')) ours = await read('reader')
  assert.equal(ours.source, 'organization')
  const own = ours.usage.find(({ model }) => model === 'm-own')
  assert.deepEqual(own, { model: 'm-own', requests: 1, input_tokens: 100, output_tokens: 20, cost_usd: 0.0002 })
  assert.equal(ours.usage.find(({ model }) => model === 'm-all')?.cost_usd, null)
  const theirs = await read('other')
  assert.deepEqual([theirs.source, theirs.model, theirs.usage], ['installation', 'm-all', []])
  const kept = await world.app.db.selectFrom('language_models').select('api_key').executeTakeFirstOrThrow()
  assert.match(String(kept.api_key), /^v1\./)
  assert.equal((await ask(world, 'admin', { method: 'DELETE', path: '/core/language-model' })).status, 204)
  await tell(says('All.'))
  assert.equal(server.requests.at(-1)?.headers.authorization, 'Bearer sk-operator')
})
