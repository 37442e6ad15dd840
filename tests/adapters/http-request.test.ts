/** What tools ask web services: real sockets, and none where there must be none. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createWebRequests } from '#adapters/http-request.ts'
import type { WebRequest } from '#app/ports.ts'
import { parseRange } from '#core/ip.ts'
import { deadPort, openReceiver, watchConnects } from '#tests/adapters/receiver.ts'
import { testLog } from '#tests/harness/app.ts'

const log = testLog()
const loopback = [parseRange('127.0.0.0/8') ?? assert.fail()]
const never = new AbortController().signal

const send = (url: string, more: Partial<WebRequest> = {}, allow = loopback, signal = never) =>
  createWebRequests({ allow, log }).send(
    { ...{ method: 'POST', url, headers: {}, body: '{}', timeout_ms: 5000 }, ...more },
    signal,
  )

const refusedFor = async (answer: ReturnType<typeof send>, reason: RegExp): Promise<void> => {
  const { ok, ...rest } = await answer
  assert.equal(ok, false)
  assert.match('reason' in rest ? rest.reason : '', reason)
}

test('what is sent arrives, what comes back is the result', async t => {
  const server = await openReceiver(t, response => response.end('{"free":true}'))
  const headers = { 'X-Key': 'k', host: 'elsewhere', 'content-length': '9999' }
  assert.deepEqual(await send(server.url, { body: '{"day":1}', headers }), {
    ok: true,
    status: 200,
    text: '{"free":true}',
  })
  const [seen] = server.requests
  assert.equal(seen?.body, '{"day":1}')
  assert.equal(seen?.headers['x-key'], 'k')
  assert.match(String(seen?.headers.host), /^127\.0\.0\.1:/)
})

test('every way it can go wrong is a sentence', async t => {
  const answer = (status: number, headers: Record<string, string>, body: string | Buffer = '') =>
    openReceiver(t, response => response.writeHead(status, headers).end(body))
  await refusedFor(send((await answer(404, {})).url), /^it answered 404$/)
  const away = await answer(302, { location: 'http://169.254.169.254/' })
  await refusedFor(send(away.url), /redirects are not followed/)
  await refusedFor(send((await answer(200, {}, Buffer.alloc(65 * 1024, 'x'))).url), /larger than 64 KiB/)
  await refusedFor(send((await answer(200, { 'content-encoding': 'gzip' }, 'x')).url), /compressed/)
  await refusedFor(send(`http://127.0.0.1:${await deadPort()}/`), /nobody listens/)
  const silent = await openReceiver(t, () => {})
  await refusedFor(send(silent.url, { timeout_ms: 50 }), /did not answer within 50 ms/)
  await refusedFor(send(silent.url, { headers: { 'X-A': 'a\r\nb: c' } }), /malformed/)
})

test('it stops when the turn is over', async t => {
  const over = new AbortController()
  const silent = await openReceiver(t, () => over.abort(new Error('the turn is over')))
  await assert.rejects(send(silent.url, {}, loopback, over.signal), /the turn is over/)
})

const DENIED = [
  'http://127.0.0.1/',
  'http://localhost/',
  'http://localhost./',
  'http://2130706433/',
  'http://0x7f.1/',
  'http://0177.0.0.1/',
  'http://[::1]/',
  'http://[::ffff:127.0.0.1]/',
  'http://169.254.169.254/latest/meta-data',
  'http://10.0.0.1/',
  'http://192.168.1.1/',
  'http://100.64.0.1/',
  'http://0.0.0.0/',
  'http://[fe80::1]/',
  'http://[fc00::1]/',
  'file:///etc/passwd',
  'gopher://example.com/',
  'http://user:pass@example.com/',
  'http://exa mple.com/',
  'not a url',
]

test('no socket is opened to an address that may not be reached', async (t: TestContext) => {
  const connects = watchConnects(t)
  for (const url of DENIED) await refusedFor(send(url, {}, []), /may not be reached/)
  assert.equal(connects(), 0)
})

test('a name that stands for such an address opens none either', async (t: TestContext) => {
  const connects = watchConnects(t)
  const requests = createWebRequests({ allow: [], log, resolve: async () => ['127.0.0.1', '::1'] })
  const asked = { method: 'GET', url: 'http://rebound.example/', headers: {}, body: null, timeout_ms: 5000 }
  await refusedFor(requests.send(asked, never), /may not be reached/)
  assert.equal(connects(), 0)
})

test('the log names hosts, never what was asked', () => {
  assert.ok(log.lines.length > 5)
  assert.doesNotMatch(JSON.stringify(log.lines), /meta-data|\/hook|pass/)
})
