import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OutboundTrunk } from '#core/routing-table.ts'
import { findWay, forwardContact } from '#voice/session/forward-target.ts'

const UDP = { address: '192.0.2.9', port: 5070, transport: 'udp' } as const
const trunk = (address: string, transport: OutboundTrunk['transport'] = 'UDP'): OutboundTrunk => ({
  address,
  transport,
  credentials: null,
})
const NUMBER = '+15557654321'

test('the Contact of a 302', () => {
  const table = [
    [NUMBER, null, UDP, `<sip:${NUMBER}@192.0.2.9:5070>`],
    [NUMBER, null, { ...UDP, transport: 'tcp' }, `<sip:${NUMBER}@192.0.2.9:5060;transport=tcp>`],
    [NUMBER, null, { ...UDP, address: '2001:db8::7' }, `<sip:${NUMBER}@[2001:db8::7]:5070>`],
    [NUMBER, trunk('sip.carrier.example'), UDP, `<sip:${NUMBER}@sip.carrier.example>`],
    [NUMBER, trunk('sip.carrier.example:5080', 'TCP'), UDP, `<sip:${NUMBER}@sip.carrier.example:5080;transport=tcp>`],
    [NUMBER, trunk('sip.carrier.example', 'TLS'), UDP, `<sip:${NUMBER}@sip.carrier.example;transport=tls>`],
    ['sip:desk@example.com;transport=tcp', trunk('other.example'), UDP, '<sip:desk@example.com;transport=tcp>'],
    ['sips:desk@example.com', null, UDP, '<sips:desk@example.com>'],
    ['sip:desk@example.com>\r\nX: y', null, UDP, null],
    ['https://example.com', null, UDP, null],
    ['nobody', null, UDP, null],
  ] as const
  for (const [target, outbound, source, contact] of table)
    assert.equal(forwardContact(target, outbound, source), contact)
})

test('the way of an INVITE of our own', async () => {
  const credentials = { username: 'us', password: 'secret' }
  const guarded: string[] = []
  const guard = async (host: string): Promise<string | null> => {
    guarded.push(host)
    return host === 'desk.example' ? '203.0.114.9' : host === '203.0.114.7' ? host : null
  }
  const table = [
    [NUMBER, null, 'forward_without_trunk'],
    [NUMBER, trunk('carrier.example', 'TLS'), 'forward_transport'],
    [NUMBER, trunk('not a host'), 'forward_malformed'],
    [
      NUMBER,
      { ...trunk('carrier.example'), credentials },
      {
        target: `sip:${NUMBER}@carrier.example:5060`,
        next_hop: 'carrier.example:5060',
        transport: 'udp',
        credentials,
      },
    ],
    [
      NUMBER,
      trunk('10.0.0.9:5080', 'TCP'),
      { target: `sip:${NUMBER}@10.0.0.9:5080`, next_hop: '10.0.0.9:5080', transport: 'tcp' },
    ],
    [
      'sip:ann@desk.example;transport=tcp',
      null,
      {
        target: 'sip:ann@desk.example;transport=tcp',
        next_hop: '203.0.114.9:5060',
        transport: 'tcp',
        stays_there: true,
      },
    ],
    [
      'sip:ann@203.0.114.7:5099',
      null,
      { target: 'sip:ann@203.0.114.7:5099', next_hop: '203.0.114.7:5099', transport: 'udp', stays_there: true },
    ],
    ['sip:ann@10.0.0.1', null, 'forward_address_denied'],
    // The trunk's own host is where its calls go anyway.
    [
      'sip:ann@10.0.0.9:5099',
      trunk('10.0.0.9'),
      { target: 'sip:ann@10.0.0.9:5099', next_hop: '10.0.0.9:5099', transport: 'udp' },
    ],
    ['sip:ann@10.0.0.8', trunk('10.0.0.9'), 'forward_address_denied'],
    ['sips:ann@desk.example', null, 'forward_transport'],
    ['sip:ann@desk.example;transport=tls', null, 'forward_transport'],
    ['sip:ann@desk.example?X-Evil=1', null, 'forward_malformed'],
    ['tel:+15557654321', null, 'forward_malformed'],
    ['nobody', null, 'forward_malformed'],
  ] as const
  for (const [target, outbound, way] of table) assert.deepEqual(await findWay(target, outbound, guard), way, target)
  assert.deepEqual(guarded, ['desk.example', '203.0.114.7', '10.0.0.1', '10.0.0.8'])
})
