import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import { parseAddress, parseRange } from '#core/ip.ts'
import { mayReach } from '#core/special-addresses.ts'

const reachable = (address: string, ...allow: readonly string[]): boolean =>
  mayReach(
    parseAddress(address) ?? assert.fail(address),
    allow.map(text => parseRange(text) ?? assert.fail(text)),
  )

/** Of each range its first and its last address. */
const DENIED = [
  ['0.0.0.0', '0.255.255.255'],
  ['10.0.0.0', '10.255.255.255'],
  ['100.64.0.0', '100.127.255.255'],
  ['127.0.0.0', '127.255.255.255'],
  ['169.254.0.0', '169.254.255.255'],
  ['172.16.0.0', '172.31.255.255'],
  ['192.0.0.0', '192.0.0.255'],
  ['192.0.2.0', '192.0.2.255'],
  ['192.88.99.0', '192.88.99.255'],
  ['192.168.0.0', '192.168.255.255'],
  ['198.18.0.0', '198.19.255.255'],
  ['198.51.100.0', '198.51.100.255'],
  ['203.0.113.0', '203.0.113.255'],
  ['224.0.0.0', '255.255.255.255'],
  ['::', '63:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['64:ff9b:1::', '1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['2001::', '2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['2002::', '2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['3fff::', '3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['4000::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
].flat()

/** Neighbours of those ranges. */
const PUBLIC = [
  ['1.0.0.0', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '126.255.255.255', '128.0.0.0'],
  ['169.253.255.255', '169.255.0.0', '172.15.255.255', '172.32.0.0', '191.255.255.255', '192.0.1.0', '192.0.3.0'],
  ['192.88.98.255', '192.88.100.0', '192.167.255.255', '192.169.0.0', '198.17.255.255', '198.20.0.0'],
  ['198.51.99.255', '198.51.101.0', '203.0.112.255', '203.0.114.0', '223.255.255.255'],
  ['2000::', '2000:ffff::', '2001:200::', '2001:db7:ffff::', '2001:db9::', '2001:ffff::', '2003::'],
  ['3ffe:ffff::', '3fff:1000::', '2606:4700::1'],
].flat()

test('the public internet ends where the registries say', () => {
  for (const address of DENIED) assert.equal(reachable(address), false, address)
  for (const address of PUBLIC) assert.equal(reachable(address), true, address)
})

test('an address that hides an IPv4 address is judged by it', () => {
  for (const [prefix, inside] of [
    ['::ffff:', true],
    ['64:ff9b::', true],
    ['::', false],
    ['::ffff:0:', false],
  ]) {
    assert.equal(reachable(`${prefix}8.8.8.8`), inside, `${prefix}8.8.8.8`)
    assert.equal(reachable(`${prefix}127.0.0.1`), false, `${prefix}127.0.0.1`)
  }
  assert.equal(reachable('64:ff9b::10.1.2.3', '10.0.0.0/8'), true)
})

test('what the operator allows is reached besides', () => {
  assert.equal(reachable('10.1.2.3', '192.168.0.0/16', '10.0.0.0/8'), true)
  assert.equal(reachable('11.1.2.3', '10.0.0.0/8'), true)
  assert.equal(reachable('172.16.0.1', '10.0.0.0/8'), false)
  assert.equal(reachable('::1', '127.0.0.0/8'), false)
  assert.equal(reachable('fd00::7', 'fd00::/8'), true)
})

/** Reachable from everywhere by the registries, though special to ipaddr.js; or judged by what is inside, as above. */
const SPECIAL_BUT_REACHED = ['unicast', 'as112', 'amt', 'ipv4Mapped', 'rfc6052']

test('nothing is reached that ipaddr.js calls special', () => {
  const near = fc.constantFrom(...DENIED, ...PUBLIC).map(text => ipaddr.parse(text).toByteArray())
  const noise = fc.uint8Array({ minLength: 16, maxLength: 16 })
  let special = 0
  fc.assert(
    fc.property(near, fc.integer({ min: 0, max: 16 }), noise, (bytes, kept, random) => {
      const address = ipaddr.fromByteArray(bytes.map((byte, index) => (index < kept ? byte : (random[index] ?? 0))))
      if (SPECIAL_BUT_REACHED.includes(address.range())) return
      special += 1
      assert.equal(reachable(address.toString()), false, `${address} is ${address.range()}`)
    }),
    { numRuns: 5_000 },
  )
  assert.ok(special > 1_000)
})
