/** SIP over TCP: framing in any pieces, one connection for all, a new one by the Via when it is gone. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Endpoint, headerOf, openEndpoint, request, statusOf, toTagOf } from '#tests/sip/endpoint.ts'
import { type Framed, frameStream, nothing_held } from '#voice/sip/stream-framing.ts'
import type { ServerCall } from '#voice/sip/user-agent-types.ts'

const tcp = (text: string) => text.replace('SIP/2.0/UDP', 'SIP/2.0/TCP')

/** Reads messages from a socket, one at a time. */
function reader(socket: Socket): () => Promise<string> {
  let held = nothing_held
  const ready: string[] = []
  const waiting: ((text: string) => void)[] = []
  socket.on('data', bytes => {
    const framed = frameStream(held, bytes.toString('latin1'))
    held = framed.held
    for (const message of framed.messages) {
      const next = waiting.shift()
      if (next === undefined) ready.push(message)
      else next(message)
    }
  })
  return () => {
    const first = ready.shift()
    return first === undefined ? new Promise(resolve => waiting.push(resolve)) : Promise.resolve(first)
  }
}

async function withCall(
  run: (
    endpoint: Endpoint,
    socket: Socket,
    next: () => Promise<string>,
    calls: ServerCall[],
    events: string[],
  ) => Promise<void>,
): Promise<void> {
  const calls: ServerCall[] = []
  const events: string[] = []
  const endpoint = await openEndpoint(call => {
    calls.push(call)
    return {
      cancelled: () => events.push('cancelled'),
      confirmed: () => events.push('confirmed'),
      reoffer: () => 'again',
      dtmf: () => {},
      ended: reason => events.push(reason),
    }
  })
  const socket = connect(endpoint.agent.local.port, '127.0.0.1')
  await once(socket, 'connect')
  try {
    await run(endpoint, socket, reader(socket), calls, events)
  } finally {
    socket.destroy()
    await endpoint.close()
  }
}

test('a call over one connection, octet by octet and in one piece', () =>
  withCall(async (endpoint, socket, next, calls, events) => {
    for (const octet of tcp(request('INVITE', { body: 'offer' }))) socket.write(octet)
    assert.equal(statusOf(await next()), 100)
    calls[0]?.answer('answer')
    const ok = await next()
    assert.deepEqual(
      [statusOf(ok), headerOf(ok, 'Contact')],
      [200, `<sip:127.0.0.1:${endpoint.agent.local.port};transport=tcp>`],
    )
    const dialog = { to_tag: toTagOf(ok) }
    socket.write(
      tcp(request('ACK', { ...dialog, branch: 'z9hG4bK-2' })) +
        tcp(request('OPTIONS', { call_id: 'o', branch: 'z9hG4bK-3' })),
    )
    assert.equal(statusOf(await next()), 200)
    assert.deepEqual(events, ['confirmed'])
    calls[0]?.hang_up()
    const bye = await next()
    assert.match(bye, /^BYE /)
    assert.match(headerOf(bye, 'Via'), /^SIP\/2\.0\/TCP /)
  }))

test('the connection is gone: the answer finds its way by the Via', () =>
  withCall(async (_endpoint, socket, next, calls) => {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    socket.write(tcp(request('INVITE', { port, body: 'offer' })))
    assert.equal(statusOf(await next()), 100)
    const closed = once(socket, 'close')
    socket.end()
    await closed
    calls[0]?.refuse(486)
    const [back]: Socket[] = await once(server, 'connection')
    assert.ok(back)
    assert.equal(statusOf(await reader(back)()), 486)
    back.destroy()
    server.close()
  }))

test('nobody there any more: the call hears of the transport', () =>
  withCall(async (_endpoint, socket, next, calls, events) => {
    const gone = createServer()
    gone.listen(0, '127.0.0.1')
    await once(gone, 'listening')
    const address = gone.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    gone.close()
    await once(gone, 'close')
    socket.write(tcp(request('INVITE', { port, body: 'offer' })))
    await next()
    const closed = once(socket, 'close')
    socket.end()
    await closed
    calls[0]?.ringing()
    while (events.length === 0) await new Promise(resolve => setImmediate(resolve))
    assert.deepEqual(events, ['transport_error'])
  }))

test('a keep-alive gets its pong; a stream that cannot be cut is answered 400 and closed', () =>
  withCall(async (endpoint, socket, next) => {
    const pong = once(socket, 'data')
    socket.write('\r\n\r\n')
    assert.equal(String((await pong)[0]), '\r\n')
    const closed = once(socket, 'close')
    socket.write(tcp(request('OPTIONS')).replace(/Content-Length: \d+\r\n/, ''))
    assert.equal(statusOf(await next()), 400)
    await closed
    assert.equal(endpoint.agent.counts().malformed, 1)
  }))

test('a message begun and not finished is waited for 30 s', () =>
  withCall(async (endpoint, socket) => {
    const closed = once(socket, 'close')
    socket.write('OPTIONS sip:x')
    while (endpoint.timers.pending() === 0) await new Promise(resolve => setImmediate(resolve))
    endpoint.timers.advance(30_000)
    await closed
  }))

test('a call placed over TCP', async () => {
  const called = await openEndpoint(call => {
    call.ringing()
    call.answer('answer')
    return {
      cancelled() {},
      confirmed() {},
      reoffer: () => 'x',
      dtmf() {},
      ended: reason => events.push(`far ${reason}`),
    }
  })
  const calling = await openEndpoint(() => assert.fail())
  const events: string[] = []
  const options = {
    target: 'sip:1@127.0.0.1',
    next_hop: `127.0.0.1:${called.agent.local.port}`,
    transport: 'tcp',
    from_user: 'a',
    offer: 'offer',
  } as const
  await new Promise<void>((resolve, reject) => {
    const call = calling.agent.invite(options, {
      progress: status => events.push(String(status)),
      answered: sdp => {
        events.push(sdp)
        call.hang_up().then(resolve, reject)
      },
      failed: status => reject(new Error(String(status))),
      ended: reason => events.push(reason),
    })
  })
  assert.deepEqual(events, ['180', 'answer', 'far remote_bye', 'local_bye'])
  await Promise.all([called.close(), calling.close()])
})

test('nothing listens: failed 503', async () => {
  const endpoint = await openEndpoint(() => assert.fail())
  const free = createServer()
  free.listen(0, '127.0.0.1')
  await once(free, 'listening')
  const address = free.address()
  const next_hop = `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  free.close()
  await once(free, 'close')
  const status = await new Promise<number>((resolve, reject) => {
    const unexpected = () => reject(new Error('unexpected'))
    const events = { progress: unexpected, answered: unexpected, failed: resolve, ended: unexpected }
    endpoint.agent.invite({ target: 'sip:1@127.0.0.1', next_hop, transport: 'tcp', from_user: 'a', offer: '' }, events)
  })
  assert.equal(status, 503)
  await endpoint.close()
})

function frameAll(chunks: readonly string[]): Framed {
  let held = nothing_held
  const messages: string[] = []
  let pings = 0
  for (const chunk of chunks) {
    const framed = frameStream(held, chunk)
    held = framed.held
    messages.push(...framed.messages)
    pings += framed.pings
    if (framed.broken !== null) return { held, messages, pings, broken: framed.broken }
  }
  return { held, messages, pings, broken: null }
}

test('the messages are the same whatever the pieces', () => {
  const message = fc.record({
    body: fc.string({ maxLength: 40 }).map(text => text.replace(/[^\x20-\x7e]/g, '.')),
    call_id: fc.stringMatching(/^[a-z]{1,9}$/),
  })
  fc.assert(
    fc.property(fc.array(message, { maxLength: 4 }), fc.array(fc.nat(400), { maxLength: 12 }), (parts, cuts) => {
      const texts = parts.map(part => request('INFO', part))
      const stream = texts.join('')
      const at = [0, ...cuts.map(cut => Math.min(cut * 3, stream.length)).sort((a, b) => a - b), stream.length]
      const chunks = at.slice(1).map((end, index) => stream.slice(at[index], end))
      assert.deepEqual(frameAll(chunks), { held: nothing_held, messages: texts, pings: 0, broken: null })
    }),
  )
})

test('what cannot be cut: no, several, foreign or too long Content-Length, an endless header', () => {
  const header = (...lengths: string[]) =>
    `INFO sip:x SIP/2.0\r\n${lengths.map(length => `${length}\r\n`).join('')}\r\n`
  for (const text of [
    header(),
    header('l: 1', 'Content-Length: 1'),
    header('l: -1'),
    header('l: 0x2'),
    header('l: 70000'),
    'A'.repeat(40_000),
  ])
    assert.notEqual(frameAll([text]).broken, null, text.slice(0, 60))
  assert.deepEqual(frameAll([`\r\n\r\n${header('CONTENT-length :  2')}ab`]).messages, [
    `${header('CONTENT-length :  2')}ab`,
  ])
})
