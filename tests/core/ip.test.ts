import assert from 'node:assert/strict'
import { BlockList, isIP, isIPv4 } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { matchesAny, parseAddress, parseRange } from '#core/ip.ts'

const accepts = (range: string, address: string): boolean => {
  const [bytes, parsed] = [parseAddress(address), parseRange(range)]
  return bytes !== null && parsed !== null && matchesAny(bytes, [parsed])
}

test('an address is in a range or not', () => {
  const table: readonly (readonly [range: string, address: string, inside: boolean])[] = [
    ['127.0.0.0/8', '127.0.0.1', true],
    ['127.0.0.0/8', '128.0.0.1', false],
    ['10.1.2.0/23', '10.1.3.255', true],
    ['10.1.2.0/23', '10.1.4.0', false],
    ['0.0.0.0/0', '255.255.255.255', true],
    ['0.0.0.0/0', '::1', false],
    ['192.0.2.7', '192.0.2.7', true],
    ['192.0.2.7', '192.0.2.8', false],
    ['::1', '::1', true],
    ['2001:db8::/33', '2001:db8:7fff::1', true],
    ['2001:db8::/33', '2001:db8:8000::1', false],
    ['127.0.0.0/8', '::ffff:127.0.0.1', true],
    ['::ffff:10.0.0.0/104', '10.9.9.9', true],
    ['::ffff:10.0.0.0/104', '11.0.0.1', false],
    ['fe80::/10', 'fe80::1%eth0', true],
  ]
  for (const [range, address, inside] of table) assert.equal(accepts(range, address), inside, `${address} in ${range}`)
})

test('what is no address is refused', () => {
  const bad = [
    '',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '010.0.0.1',
    '1.2.3.4 ',
    '0x7f.0.0.1',
    ':::1',
    '1::2::3',
    '12345::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '::1.2.3',
    'localhost',
  ]
  for (const text of bad) assert.equal(parseAddress(text), null, JSON.stringify(text))
  for (const text of ['10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/', '::/129', '10.0.0.0/8/8', 'x/8', '::ffff:10.0.0.0/95'])
    assert.equal(parseRange(text), null, text)
})

test('agrees with Node about what is an address and what is inside a range', () => {
  const v4 = fc.ipV4()
  const v6 = fc.ipV6()
  fc.assert(
    fc.property(fc.oneof(v4, v6), fc.oneof(v4, v6), fc.nat(128), (network, address, prefix) => {
      const family = isIPv4(network) ? 'ipv4' : 'ipv6'
      const bits = family === 'ipv4' ? prefix % 33 : prefix
      assert.notEqual(isIP(address), 0)
      assert.notEqual(parseAddress(address), null)
      const list = new BlockList()
      list.addSubnet(network, bits, family)
      // Node's list lets IPv6 ranges cover IPv4 addresses by their mapped form; ours keeps the families apart.
      if (parseAddress(network)?.length !== parseAddress(address)?.length || isIPv4(network) !== isIPv4(address)) return
      const expected = list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
      assert.equal(accepts(`${network}/${bits}`, address), expected, `${address} in ${network}/${bits}`)
    }),
    { numRuns: 2000 },
  )
})
