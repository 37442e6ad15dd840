import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { lookUp, resolveBy } from '#adapters/resolve-name.ts'

const A = 1
const AAAA = 28

/** A DNS server (RFC 1035 4.1) that knows these addresses, by type, whatever the name, and no others. */
const openDns = async (t: TestContext, known: Readonly<Record<number, readonly number[]>>) => {
  const asked: number[] = []
  const server = createSocket('udp4', (query, from) => {
    const question = query.subarray(12, query.indexOf(0, 12) + 5)
    const type = question.readUInt16BE(question.length - 4)
    asked.push(type)
    const address = known[type]
    const header = Buffer.from([0, 0, 0x81, address ? 0x80 : 0x83, 0, 1, 0, address ? 1 : 0, 0, 0, 0, 0])
    query.copy(header, 0, 0, 2)
    const record = address ? [0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, address.length, ...address] : []
    server.send(Buffer.concat([header, question, Buffer.from(record)]), from.port, from.address)
  })
  server.bind(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const resolver = new Resolver({ timeout: 60_000, tries: 1 })
  resolver.setServers([`127.0.0.1:${server.address().port}`])
  const told: string[] = []
  const system = async (hostname: string) => {
    told.push(hostname)
    return ['198.51.100.1']
  }
  return { resolve: resolveBy(resolver, system), asked, told }
}

test('DNS gives the addresses of both families, or those of one', async t => {
  const v6 = [0x20, 1, 0xd, 0xb8, ...new Array<number>(11).fill(0), 7]
  const both = await openDns(t, { [A]: [192, 0, 2, 7], [AAAA]: v6 })
  assert.deepEqual(await both.resolve('hook.example'), ['192.0.2.7', '2001:db8::7'])
  const one = await openDns(t, { [AAAA]: v6 })
  assert.deepEqual(await one.resolve('hook.example'), ['2001:db8::7'])
})

test('what DNS does not know, and names of one label, are the system’s', async t => {
  const { resolve, asked, told } = await openDns(t, {})
  assert.deepEqual(await resolve('hook.example'), ['198.51.100.1'])
  assert.deepEqual(asked.toSorted(), [A, AAAA])
  assert.deepEqual(await resolve('neighbour'), ['198.51.100.1'])
  assert.deepEqual([asked.length, told], [2, ['hook.example', 'neighbour']])
})

test('the system is asked by any number at once, and a failure frees its place', async () => {
  const no_name = 'x'.repeat(300)
  const asked = Array.from({ length: 30 }, (_, index) => lookUp(index % 3 === 0 ? no_name : 'localhost'))
  for (const [index, found] of (await Promise.allSettled(asked)).entries()) {
    assert.equal(found.status, index % 3 === 0 ? 'rejected' : 'fulfilled', String(index))
    if (found.status === 'fulfilled') assert.ok(found.value.includes('127.0.0.1') || found.value.includes('::1'))
  }
})
