import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { createServer, getCACertificates, setDefaultCACertificates } from 'node:tls'
import { request } from 'undici'
import { AddressDenied, type GuardedOptions, guardedAgent } from '#adapters/guarded-connect.ts'
import type { ResolveName } from '#adapters/resolve-name.ts'
import { parseRange } from '#core/ip.ts'
import { LISTEN, openReceiver, watchConnects } from '#tests/adapters/receiver.ts'

const ranges = (...texts: readonly string[]) => texts.flatMap(text => parseRange(text) ?? [])

const agentFor = (t: TestContext, options: Partial<GuardedOptions>) => {
  const agent = guardedAgent({ allow: [], signal: new AbortController().signal, ...options })
  t.after(() => agent.destroy())
  return agent
}

/** Answers with each list in turn, then the last one again. */
const answering = (...lists: readonly (readonly string[])[]): { resolve: ResolveName; asked: string[] } => {
  const asked: string[] = []
  const resolve: ResolveName = async hostname => {
    asked.push(hostname)
    return lists[Math.min(asked.length, lists.length) - 1] ?? []
  }
  return { resolve, asked }
}

const DENIED = [
  '127.0.0.1',
  '127.255.255.254',
  '2130706433',
  '0x7f000001',
  '0x7f.1',
  '0177.0.0.1',
  '017700000001',
  '127.1',
  '127.0.0.1.',
  '%31%32%37.0.0.1',
  '１２７.0.0.1',
  '127。0。0。1',
  '0.0.0.0',
  '0',
  '10.0.0.1',
  '100.64.0.1',
  '169.254.169.254',
  '0xa9fea9fe',
  '172.31.255.255',
  '192.168.1.1',
  '224.0.0.1',
  '255.255.255.255',
  '[::]',
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[::127.0.0.1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[64:ff9b::127.0.0.1]',
  '[64:ff9b::7f00:1]',
  '[64:ff9b:1::7f00:1]',
  '[2002:7f00:1::]',
  '[2001:0:7f00:1::]',
  '[2001:db8::1]',
  '[fc00::1]',
  '[fd12:3456::1]',
  '[fe80::1]',
  '[ff02::1]',
]

test('no spelling of an address that is not public opens a socket', async t => {
  const receiver = await openReceiver(t, response => response.end(), '0.0.0.0')
  const connects = watchConnects(t)
  for (const protocol of ['http', 'https']) {
    for (const host of DENIED) {
      const dispatcher = agentFor(t, {})
      const url = `${protocol}://${host}:${receiver.port}/`
      await assert.rejects(request(url, { dispatcher }), error => error instanceof AddressDenied, url)
    }
  }
  assert.deepEqual([connects(), receiver.called], [0, []])
})

test('no name that stands for such an address opens a socket', async t => {
  const receiver = await openReceiver(t, response => response.end(), '0.0.0.0')
  const connects = watchConnects(t)
  const lists = [
    ['127.0.0.1'],
    ['::1'],
    ['10.0.0.1', 'fd00::1', '::ffff:127.0.0.1'],
    ['fe80::1%lo'],
    ['64:ff9b::a00:1'],
    ['no address'],
  ]
  for (const list of lists) {
    const dispatcher = agentFor(t, { resolve: answering(list).resolve })
    const url = `http://hook.example:${receiver.port}/`
    await assert.rejects(request(url, { dispatcher }), AddressDenied, String(list))
  }
  assert.deepEqual([connects(), receiver.called], [0, []])
})

test('a range that the operator names is reached, and the one beside it is not', async t => {
  const receiver = await openReceiver(t, response => response.end('here'), '0.0.0.0')
  const dispatcher = agentFor(t, { allow: ranges('127.0.0.2/31') })
  for (const host of ['127.0.0.2', '127.0.0.3', '[::ffff:127.0.0.2]']) {
    const { body } = await request(`http://${host}:${receiver.port}/`, { dispatcher })
    assert.equal(await body.text(), 'here')
  }
  for (const host of ['127.0.0.1', '127.0.0.4', '[::1]'])
    await assert.rejects(request(`http://${host}:${receiver.port}/`, { dispatcher }), AddressDenied, host)
  assert.deepEqual(receiver.called, ['127.0.0.2', '127.0.0.3', '127.0.0.2'])
})

test('a name that changes its mind (DNS rebinding) reaches what was judged, and is judged anew', async t => {
  const receiver = await openReceiver(t, response => response.setHeader('connection', 'close').end(), '0.0.0.0')
  const { resolve, asked } = answering(['127.0.0.2'], ['127.0.0.1'])
  const dispatcher = agentFor(t, { allow: ranges('127.0.0.2'), resolve })
  const url = `http://rebinding.example:${receiver.port}/`
  const { body } = await request(url, { dispatcher })
  await body.dump()
  await receiver.gone(1)
  assert.deepEqual([receiver.called, asked], [['127.0.0.2'], ['rebinding.example']])
  await assert.rejects(request(url, { dispatcher }), AddressDenied)
  assert.deepEqual([receiver.called, asked.length], [['127.0.0.2'], 2])
  assert.equal(receiver.requests[0]?.headers.host, `rebinding.example:${receiver.port}`)
})

test('of several addresses only those that may be reached are tried, until one answers', async t => {
  const everywhere = await openReceiver(t, response => response.end(), '0.0.0.0')
  const mixed = answering(['127.0.0.1', '::1', '127.0.0.2', '10.0.0.1'])
  const picky = agentFor(t, { allow: ranges('127.0.0.2'), resolve: mixed.resolve })
  await request(`http://mixed.example:${everywhere.port}/`, { dispatcher: picky })
  assert.deepEqual(everywhere.called, ['127.0.0.2'])

  const here = await openReceiver(t, response => response.end())
  const half = answering(['127.0.0.9', LISTEN])
  const patient = agentFor(t, { allow: ranges('127.0.0.0/8'), resolve: half.resolve })
  await request(`http://half.example:${here.port}/`, { dispatcher: patient })
  assert.deepEqual(here.called, [LISTEN])
})

test('a name without an address, and a look-up that fails, say so', async t => {
  const nowhere = agentFor(t, { resolve: async () => [] })
  await assert.rejects(request('http://nowhere.example/', { dispatcher: nowhere }), /nowhere\.example has no address/)
  const failing = agentFor(t, { resolve: () => Promise.reject(new Error('SERVFAIL')) })
  await assert.rejects(request('http://failing.example/', { dispatcher: failing }), /SERVFAIL/)
})

test('localhost is looked up for real, and judged like any other name', async t => {
  const receiver = await openReceiver(t, response => response.end())
  const url = `http://localhost:${receiver.port}/`
  await assert.rejects(request(url, { dispatcher: agentFor(t, {}) }), AddressDenied)
  assert.deepEqual(receiver.called, [])
  await request(url, { dispatcher: agentFor(t, { allow: ranges('127.0.0.0/8') }) })
  assert.deepEqual(receiver.called, [LISTEN])
})

test('the signal ends a look-up that hangs and connections whatever they are doing, and lets none be opened', async t => {
  const over = new AbortController()
  const looking_up = Promise.withResolvers<void>()
  const hanging = agentFor(t, {
    signal: over.signal,
    resolve: () => {
      looking_up.resolve()
      return new Promise(() => undefined)
    },
  })
  const asked = Promise.withResolvers<void>()
  const silent = await openReceiver(t, () => asked.resolve())
  const waiting = agentFor(t, { signal: over.signal, allow: ranges(LISTEN) })
  const idle = await openReceiver(t, response => response.end())
  await (await request(idle.url, { dispatcher: waiting })).body.dump()
  const both = [request('http://slow.example/', { dispatcher: hanging }), request(silent.url, { dispatcher: waiting })]
  await Promise.all([looking_up.promise, asked.promise])
  over.abort(new Error('over'))
  for (const each of await Promise.allSettled(both)) assert.equal(each.status, 'rejected')
  await Promise.all([silent.gone(1), idle.gone(1)])
  await assert.rejects(request(idle.url, { dispatcher: waiting }), /over/)
  assert.equal(idle.called.length, 1)
})

const pem = (name: string) => readFileSync(new URL(`hook.example.${name}.pem`, import.meta.url))

test('certificates are verified against the name, which TLS and Host are told', async t => {
  const names: string[] = []
  const SNICallback = (name: string, done: (error: null) => void): void => {
    names.push(name)
    done(null)
  }
  const server = createServer({ cert: pem('cert'), key: pem('key'), SNICallback }, socket => {
    socket.on('error', () => undefined)
    socket.once('data', data =>
      socket.end(`HTTP/1.1 200 OK\r\n\r\n${/^host: (.*)\r$/im.exec(data.toString())?.[1] ?? ''}`),
    )
  })
  server.on('tlsClientError', () => undefined)
  server.listen(0, LISTEN)
  await once(server, 'listening')
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const dispatcher = agentFor(t, { allow: ranges(LISTEN), resolve: async () => [LISTEN] })
  const url = `https://hook.example:${port}/`
  await assert.rejects(request(url, { dispatcher }), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })

  const before = getCACertificates('default')
  t.after(() => setDefaultCACertificates(before))
  setDefaultCACertificates([...before, pem('cert')])
  const { body } = await request(url, { dispatcher })
  assert.equal(await body.text(), `hook.example:${port}`)
  assert.deepEqual(names, ['hook.example', 'hook.example'])
  for (const host of ['other.example', LISTEN])
    await assert.rejects(request(`https://${host}:${port}/`, { dispatcher }), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
})
