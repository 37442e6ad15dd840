import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseRtp, RTP_HEADER_BYTES, sequenceDistance, timestampDistance, writeRtpHeader } from '#voice/rtp/packet.ts'

const header = fc.record({
  marker: fc.boolean(),
  payload_type: fc.oneof(fc.integer({ min: 0, max: 63 }), fc.integer({ min: 96, max: 127 })),
  sequence: fc.integer({ min: 0, max: 0xffff }),
  timestamp: fc.integer({ min: 0, max: 0xffff_ffff }),
  ssrc: fc.integer({ min: 0, max: 0xffff_ffff }),
})

test('what is written is what is read', () => {
  fc.assert(
    fc.property(header, fc.uint8Array({ maxLength: 400 }), (fields, payload) => {
      const packet = new Uint8Array(RTP_HEADER_BYTES + payload.length)
      writeRtpHeader(packet, fields)
      packet.set(payload, RTP_HEADER_BYTES)
      assert.deepEqual(parseRtp(packet), { ...fields, payload: packet.subarray(RTP_HEADER_BYTES) })
    }),
  )
})

test('no bytes make it throw, and a payload is always part of the datagram', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1600 }), bytes => {
      const packet = parseRtp(bytes)
      if (packet !== null) assert.ok(packet.payload.length <= bytes.length - RTP_HEADER_BYTES)
    }),
  )
})

const bytes = (...parts: (number | number[])[]): Uint8Array => Uint8Array.from(parts.flat())
const REST = [0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3].slice(1)

const CASES: readonly [string, Uint8Array, number[] | null][] = [
  ['plain', bytes(0x80, 0, REST, 7, 8), [7, 8]],
  ['no payload', bytes(0x80, 0, REST), []],
  ['two CSRCs', bytes(0x82, 0, REST, [1, 1, 1, 1, 2, 2, 2, 2], 7), [7]],
  ['a header extension of one word', bytes(0x90, 0, REST, [0xbe, 0xde, 0, 1], [9, 9, 9, 9], 7), [7]],
  ['padding', bytes(0xa0, 0, REST, 7, 0, 0, 3), [7]],
  ['version 1', bytes(0x40, 0, REST, 7), null],
  ['eleven bytes', bytes(0x80, 0, REST).subarray(0, 11), null],
  ['CSRCs beyond the end', bytes(0x83, 0, REST, 1, 2, 3, 4), null],
  ['an extension beyond the end', bytes(0x90, 0, REST, 0, 0, 0, 9), null],
  ['an extension cut in its header', bytes(0x90, 0, REST, 0, 0), null],
  ['padding longer than the packet', bytes(0xa0, 0, REST, 200), null],
  ['padding of nothing', bytes(0xa0, 0, REST, 0), null],
  ['RTCP sender report', bytes(0x80, 200, REST, 7), null],
  ['larger than a frame of Ethernet', new Uint8Array(1473).fill(0x80), null],
]
for (const [name, datagram, payload] of CASES) {
  test(`datagram: ${name}`, () => {
    const packet = parseRtp(datagram)
    assert.deepEqual(packet === null ? null : [...packet.payload], payload)
  })
}

test('distances go the short way round the circle', () => {
  assert.equal(sequenceDistance(65_535, 0), 1)
  assert.equal(sequenceDistance(0, 65_535), -1)
  assert.equal(sequenceDistance(10, 15), 5)
  assert.equal(timestampDistance(0xffff_ff60, 0), 160)
  assert.equal(timestampDistance(0, 0xffff_ff60), -160)
})
