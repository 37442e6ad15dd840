import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { AddressInfo, Socket } from 'node:net'
import { test } from 'node:test'
import { createServer as createTls } from 'node:tls'
import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { failed, JSON_200, openWebhook, question, SECRET, told } from '#tests/adapters/asking.ts'
import { deadPort, LISTEN, openRaw, openReceiver, watchConnects } from '#tests/adapters/receiver.ts'

const NOTHING = { override_agent: null, override_version: null, dynamic_variables: {}, metadata: {}, reject: false }

test('it is asked in UponAI’s form, and its answer is read in core’s', async t => {
  const answer = {
    call_inbound: {
      override_agent_id: 'agent_0198C5A17E527C3A9F102B6F0F6F5A09',
      override_agent_version: 0,
      dynamic_variables: { name: 'Ann', visits: 3, vip: true },
      metadata: { crm: { id: 7 } },
    },
  }
  const receiver = await openReceiver(t, response => response.end(JSON.stringify(answer)))
  const { ask, lines } = openWebhook(t)
  const outcome = await ask(question(`${receiver.url}?key=1`))
  assert.deepEqual(told(outcome), {
    kind: 'replied',
    attempts: 1,
    reply: {
      override_agent: { agent_id: '0198c5a1-7e52-7c3a-9f10-2b6f0f6f5a09' },
      override_version: 1,
      dynamic_variables: { name: 'Ann', visits: '3', vip: 'true' },
      metadata: { crm: { id: 7 } },
      reject: false,
    },
  })
  const [{ method, headers, body } = assert.fail('nothing came')] = receiver.requests
  assert.deepEqual(JSON.parse(body), {
    event: 'call_inbound',
    call_inbound: {
      agent_id: 'agent_0198c5a17e527c3a9f102b6f0f6f5a01',
      agent_version: 2,
      core_version: 3,
      from_number: '+15550001111',
      to_number: '+15551234567',
      trunk: '0198c5a1-7e52-7c3a-9f10-2b6f0f6f5a02',
      sip_headers: { 'X-Customer': '7' },
    },
  })
  assert.deepEqual(
    [method, headers['content-type'], headers['accept-encoding'], headers['user-agent'], headers['webhook-id']],
    ['POST', 'application/json', 'identity', 'Patchcord', 'id-1'],
  )
  assert.deepEqual(lines, [])
  await receiver.gone(1)
})

test('nobody drawn is null, no secret is no signature, and silence is no override', async t => {
  const receiver = await openReceiver(t, (response, nth) => response.writeHead(nth === 1 ? 204 : 200).end())
  const { ask } = openWebhook(t)
  for (const secret of [null, SECRET]) {
    const outcome = await ask(question(receiver.url, { agent: null, secret }))
    assert.deepEqual(told(outcome), { kind: 'replied', attempts: 1, reply: NOTHING })
  }
  const [first, second] = receiver.requests
  const { call_inbound } = JSON.parse(first?.body ?? '')
  assert.deepEqual([call_inbound.agent_id, call_inbound.agent_version, call_inbound.core_version], [null, null, null])
  assert.equal(first?.headers['webhook-signature'], undefined)
  assert.match(String(second?.headers['webhook-signature']), /^v1,/)
})

test('the signature is Standard Webhooks’, and holds for not one byte else', async t => {
  const receiver = await openReceiver(t, response => response.end())
  await openWebhook(t).ask(question(receiver.url))
  const [{ headers, body } = assert.fail('nothing came')] = receiver.requests
  const verifier = new Webhook(`whsec_${SECRET.toString('base64')}`)
  const signed = {
    body,
    'webhook-id': String(headers['webhook-id']),
    'webhook-timestamp': String(headers['webhook-timestamp']),
    'webhook-signature': String(headers['webhook-signature']),
  }
  const verify = ({ body: text, ...rest }: typeof signed): unknown => verifier.verify(text, rest)
  verify(signed)
  const part = fc.constantFrom('body', 'webhook-id', 'webhook-timestamp', 'webhook-signature')
  fc.assert(
    fc.property(part, fc.nat(), fc.integer({ min: 1, max: 127 }), (name, at, flip) => {
      const key = name as keyof typeof signed
      const bytes = Buffer.from(signed[key])
      // Of the signature, the version before the comma is not signed: another one is simply not looked at.
      const index = key === 'webhook-signature' ? 3 + (at % (bytes.length - 3)) : at % bytes.length
      bytes[index] = (bytes[index] ?? 0) ^ flip
      assert.throws(() => verify({ ...signed, [key]: bytes.toString('latin1') }), `${name}[${index}] ^ ${flip}`)
    }),
    { numRuns: 500 },
  )
})

const LONG = `{"call_inbound":{"metadata":{"x":"${'x'.repeat(1_000_000)}"}}}`

const BAD_ANSWERS: readonly (readonly [name: string, answer: (socket: Socket) => void, failure: object])[] = [
  ['500', s => s.end('HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n'), failed('webhook_status', 1, 500)],
  ['404 without end', s => s.write('HTTP/1.1 404 No\r\n\r\nsorry'), failed('webhook_status', 1, 404)],
  ['304', s => s.end('HTTP/1.1 304 No\r\n\r\n'), failed('webhook_status', 1, 304)],
  ['no HTTP', s => s.write('SSH-2.0-OpenSSH_9.2\r\n'), failed('webhook_malformed', 1)],
  ['no JSON', s => s.end(`${JSON_200}\r\n<html>`), failed('webhook_malformed', 1, 200)],
  ['no UTF-8', s => s.end(Buffer.from(`${JSON_200}\r\n{"a":"\xff"}`, 'latin1')), failed('webhook_malformed', 1, 200)],
  ['no object', s => s.end(`${JSON_200}\r\n[]`), failed('webhook_malformed', 1, 200)],
  [
    'an encoding that nobody asked for',
    s => s.end(`${JSON_200}content-encoding: gzip\r\n\r\n{}`),
    failed('webhook_malformed', 1, 200),
  ],
  ['a megabyte', s => s.end(`${JSON_200}\r\n${LONG}`), failed('webhook_too_large', 1, 200)],
  [
    'a megabyte announced',
    s => s.write(`${JSON_200}content-length: ${LONG.length}\r\n\r\n{`),
    failed('webhook_too_large', 1, 200),
  ],
  [
    'headers without end',
    s => {
      s.write(JSON_200)
      const pour = (): void => void s.write(`x: ${'x'.repeat(1000)}\r\n`, error => !error && pour())
      pour()
    },
    failed('webhook_too_large', 1),
  ],
  [
    'a body without end',
    s => {
      s.write(`${JSON_200}\r\n`)
      const pour = (): void => void s.write('x'.repeat(1000), error => !error && pour())
      pour()
    },
    failed('webhook_too_large', 1, 200),
  ],
]

for (const [name, answer, outcome] of BAD_ANSWERS) {
  test(`${name}: final, told, and the socket is freed`, async t => {
    const receiver = await openRaw(t, answer)
    const { ask, lines } = openWebhook(t)
    assert.deepEqual(told(await ask(question(receiver.url))), outcome)
    await receiver.gone(1)
    assert.equal(receiver.called.length, 1)
    assert.equal(lines.length, 1)
  })
}

test('a redirect is not followed, wherever to', async t => {
  const target = await openReceiver(t, response => response.end())
  for (const status of [301, 302, 303, 307, 308]) {
    const receiver = await openReceiver(t, response => response.writeHead(status, { location: target.url }).end())
    const outcome = await openWebhook(t).ask(question(receiver.url))
    assert.deepEqual(told(outcome), failed('webhook_redirected', 1, status))
  }
  assert.deepEqual(target.called, [])
})

const BREAKS: Readonly<Record<string, (socket: Socket) => void>> = {
  'a reset': socket => socket.resetAndDestroy(),
  'an end without a word': socket => socket.end(),
  'an end within the headers': socket => socket.end(JSON_200),
  'an end within a body of a known length': socket => socket.end(`${JSON_200}content-length: 100\r\n\r\n{`),
  'an end within a chunk': socket => socket.end(`${JSON_200}transfer-encoding: chunked\r\n\r\n5\r\n{`),
}

for (const [name, breaks] of Object.entries(BREAKS)) {
  test(`${name} is tried once more under the same id, and no third time`, async t => {
    const mends = await openRaw(t, (socket, nth) => (nth === 1 ? breaks(socket) : socket.end(`${JSON_200}\r\n{}`)))
    const { ask } = openWebhook(t)
    assert.deepEqual(told(await ask(question(mends.url))), { kind: 'replied', attempts: 2, reply: NOTHING })
    const stays = await openRaw(t, breaks)
    assert.deepEqual(told(await ask(question(stays.url))), failed('webhook_unreachable', 2))
    assert.deepEqual(
      [mends.ids, stays.ids],
      [
        ['id-1', 'id-1'],
        ['id-2', 'id-2'],
      ],
    )
    assert.deepEqual([mends.called.length, stays.called.length], [2, 2])
  })
}

test('an answer after a broken connection is final, however bad', async t => {
  const receiver = await openRaw(t, (socket, nth) =>
    nth === 1 ? socket.resetAndDestroy() : socket.end('HTTP/1.1 503 No\r\n\r\n'),
  )
  const outcome = await openWebhook(t).ask(question(receiver.url))
  assert.deepEqual(told(outcome), failed('webhook_status', 2, 503))
})

test('a port where nobody listens, and a name that is unknown, are tried twice', async t => {
  const dead = `http://${LISTEN}:${await deadPort()}/`
  assert.deepEqual(told(await openWebhook(t).ask(question(dead))), failed('webhook_unreachable', 2))
  let asked = 0
  const resolve = async (): Promise<readonly string[]> => {
    asked += 1
    throw new Error('ENOTFOUND')
  }
  const unknown = await openWebhook(t, { resolve }).ask(question('http://unknown.example/'))
  assert.deepEqual([told(unknown), asked], [failed('webhook_unreachable', 2), 2])
})

test('a certificate that nobody vouches for is no connection', async t => {
  const pem = (name: string) => readFileSync(new URL(`hook.example.${name}.pem`, import.meta.url))
  let requests = 0
  const server = createTls({ cert: pem('cert'), key: pem('key') }, () => {
    requests += 1
  })
  server.on('tlsClientError', () => undefined)
  server.listen(0, LISTEN)
  await once(server, 'listening')
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const { ask } = openWebhook(t, { resolve: async () => [LISTEN] })
  const outcome = await ask(question(`https://hook.example:${port}/`))
  assert.deepEqual([told(outcome), requests], [failed('webhook_unreachable', 2), 0])
})

test('an address that may not be reached opens no socket, and is not tried again', async t => {
  const receiver = await openReceiver(t, response => response.end(), '0.0.0.0')
  const connects = watchConnects(t)
  let asked = 0
  const resolve = async (): Promise<readonly string[]> => {
    asked += 1
    return ['127.0.0.1', '::1']
  }
  const { ask } = openWebhook(t, { allow: [], resolve })
  for (const host of ['127.0.0.1', '2130706433', '[::ffff:7f00:1]', '[64:ff9b::7f00:1]', 'localhost', 'ann:x@1.1.1.1'])
    assert.deepEqual(
      told(await ask(question(`http://${host}:${receiver.port}/`))),
      failed('webhook_address_denied', 0),
      host,
    )
  const named = await ask(question(`http://hook.example:${receiver.port}/`))
  assert.deepEqual([told(named), asked], [failed('webhook_address_denied', 1), 1])
  assert.deepEqual([connects(), receiver.called], [0, []])
})

test('a name that changes its mind between two attempts is judged both times', async t => {
  const receiver = await openRaw(t, socket => socket.resetAndDestroy())
  const lists = [[LISTEN], ['10.0.0.1']]
  const connects = watchConnects(t)
  const { ask } = openWebhook(t, { resolve: async () => lists.shift() ?? assert.fail('asked a third time') })
  const outcome = await ask(question(`http://rebinding.example:${receiver.port}/`))
  assert.deepEqual([told(outcome), connects()], [failed('webhook_address_denied', 2), 1])
})

test('closing ends what is under way and what comes later', async t => {
  const reached = Promise.withResolvers<void>()
  const receiver = await openRaw(t, () => reached.resolve())
  const { ask, close } = openWebhook(t)
  const asked = ask(question(receiver.url))
  await reached.promise
  await close()
  assert.deepEqual(told(await asked), failed('webhook_unreachable', 1))
  await receiver.gone(1)
  assert.deepEqual(told(await ask(question(receiver.url))), failed('webhook_unreachable', 0))
  assert.equal(receiver.called.length, 1)
})

test('the log says what failed and where, and nothing of the call, the key or the path', async t => {
  const receiver = await openReceiver(t, response => response.writeHead(500).end('Ann is a customer'))
  const { ask, lines } = openWebhook(t)
  await ask(question(`${receiver.url}/path-key?query-key=1`))
  const text = JSON.stringify(lines)
  assert.match(text, /"failure":"webhook_status".*"status":500/)
  assert.match(text, new RegExp(`"host":"127.0.0.1:${receiver.port}"`))
  assert.doesNotMatch(text, /path-key|query-key|Ann|1555|0198c5a1/)
})
