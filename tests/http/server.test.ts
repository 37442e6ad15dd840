/** What the server does where there is no operation, and below HTTP. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { createHttpServer, type HttpServer } from '#http/server.ts'
import { openProbe, type Probe } from '#store/probe.ts'
import { ask, codeOf, type Request } from '#tests/harness/http.ts'
import { startWorld, type World } from '#tests/harness/world.ts'

let world: World
let probe: Probe
let server: HttpServer
let port: number
const ready = { ready: false, roles: { voice: { ready: false, detail: 'has no routing table yet' } } }

before(async () => {
  world = await startWorld()
  probe = openProbe(world.address, 900)
  const { app, log } = world
  server = await createHttpServer({ app, log, database_answers: probe.answers, rate_limit_rps: 0, ready: () => ready })
  port = (await server.listen('127.0.0.1', 0)).port
})
after(async () => {
  await server.close()
  await probe.close()
  await world.close()
})

const raw = async (text: string): Promise<string> => {
  const socket = connect(port, '127.0.0.1')
  socket.setEncoding('latin1')
  let heard = ''
  socket.on('data', chunk => {
    heard += chunk
  })
  socket.write(text, 'latin1')
  await once(socket, 'close')
  return heard
}

const nowhere: readonly (readonly [Request, number, string])[] = [
  [{ method: 'GET', path: '/' }, 404, 'not_found'],
  [{ method: 'GET', path: '/core/agents/' }, 404, 'not_found'],
  [{ method: 'GET', path: '/core/trunks/' }, 404, 'not_found'],
  [{ method: 'GET', path: '/core/nothing' }, 404, 'not_found'],
  [{ method: 'POST', path: '/core/nothing', body: {} }, 404, 'not_found'],
  [{ method: 'GET', path: '/core/agents/%ZZ' }, 404, 'not_found'],
  [{ method: 'GET', path: `/core/agents/${'a'.repeat(2000)}` }, 404, 'not_found'],
  [{ method: 'GET', path: '/core/trunks?limit=%ZZ' }, 422, 'invalid_request'],
  [{ method: 'DELETE', path: '/core/trunks' }, 405, 'method_not_allowed'],
  [{ method: 'PATCH', path: '/core/agents/7/versions/1', body: {} }, 405, 'method_not_allowed'],
  [{ method: 'OPTIONS', path: '/core/trunks' }, 405, 'method_not_allowed'],
]
for (const [request, status, code] of nowhere) {
  test(`${request.method} ${request.path.slice(0, 40)} is ${status}`, async () => {
    const answer = await ask(world, 'admin', request)
    assert.equal(answer.status, status, JSON.stringify(answer.body))
    assert.equal(codeOf(answer), code)
  })
}

test('a 405 says what the path does answer', async () => {
  const answer = await ask(world, 'nobody', { method: 'PUT', path: '/core/phone-numbers', body: {} })
  assert.equal(answer.headers.allow, 'POST, GET, HEAD')
})

test('HEAD answers as GET does, without the body', async () => {
  const answer = await ask(world, 'admin', { method: 'HEAD', path: '/core/trunks' })
  assert.equal(answer.status, 200)
  assert.equal(answer.body, null)
})

test('what is no HTTP is told so and hung up on', async () => {
  const heard = await raw('INVITE sip:x SIP/2.0\r\n\r\n')
  assert.match(heard, /^HTTP\/1\.1 400 /)
  assert.match(heard, /"code":"invalid_request"\}$/)
})

test('a POST of no length and no type has no body', async () => {
  const head = `POST /core/agents HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${world.credentials.admin}\r\n`
  assert.match(await raw(`${head}Content-Length: 0\r\n\r\n`), /^HTTP\/1\.1 422 [\s\S]*a JSON body is required/)
  assert.match(await raw(`${head}\r\n`), /^HTTP\/1\.1 422 /)
})

test('a body is not read from somebody who may not send one', async () => {
  const heard = await raw(
    'POST /core/agents HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 900000\r\n\r\n{',
  )
  assert.match(heard, /^HTTP\/1\.1 401 /)
})

test('a process that is not ready says which role is not', async () => {
  const response = await fetch(`http://127.0.0.1:${port}/health/ready`)
  assert.equal(response.status, 503)
  assert.deepEqual(await response.json(), { status: 'not_ready', roles: ready.roles })
  assert.equal((await fetch(`http://127.0.0.1:${port}/health/live`)).status, 200)
})

test('a process without the api role answers only for itself', async () => {
  const voice = await createHttpServer({
    app: null,
    log: world.log,
    database_answers: probe.answers,
    rate_limit_rps: 0,
    ready: () => ready,
  })
  const { port: voice_port } = await voice.listen('127.0.0.1', 0)
  const statuses = await Promise.all(
    ['/health/live', '/openapi.json', '/core/trunks'].map(async path => {
      const response = await fetch(`http://127.0.0.1:${voice_port}${path}`)
      await response.arrayBuffer()
      return response.status
    }),
  )
  await voice.close()
  assert.deepEqual(statuses, [200, 200, 404])
})

test('a port in use rejects with Node’s own error', async () => {
  const second = await createHttpServer({
    app: null,
    log: world.log,
    database_answers: probe.answers,
    rate_limit_rps: 0,
    ready: () => ready,
  })
  await assert.rejects(second.listen('127.0.0.1', port), { code: 'EADDRINUSE' })
  await second.close()
})
