import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseRtp } from '#voice/rtp/packet.ts'
import { createSender, type SenderFormat } from '#voice/rtp/sender.ts'
import {
  type DtmfReceiver,
  parseTelephoneEvent,
  receiveTelephoneEvent,
  writeTelephoneEvent,
} from '#voice/rtp/telephone-event.ts'

type Arrival = readonly [timestamp: number, event: number, end: boolean, duration: number]

const hearAll = (arrivals: readonly Arrival[]): string => {
  let state: DtmfReceiver = null
  let digits = ''
  for (const [timestamp, event, end, duration] of arrivals) {
    const step = receiveTelephoneEvent(state, timestamp, { event, end, duration })
    state = step.state
    digits += step.digit ?? ''
  }
  return digits
}

const STORIES: readonly [string, readonly Arrival[], string][] = [
  [
    'one press, complete',
    [
      [100, 1, false, 160],
      [100, 1, false, 320],
      [100, 1, true, 480],
      [100, 1, true, 480],
      [100, 1, true, 480],
    ],
    '1',
  ],
  [
    'all ends lost',
    [
      [100, 1, false, 160],
      [900, 2, false, 160],
    ],
    '12',
  ],
  ['only an end arrives', [[100, 11, true, 480]], '#'],
  [
    'the same key twice',
    [
      [100, 5, true, 480],
      [2000, 5, false, 160],
      [2000, 5, true, 480],
    ],
    '55',
  ],
  [
    'an end that comes after the next press began',
    [
      [100, 1, false, 160],
      [900, 2, false, 160],
      [100, 1, true, 480],
    ],
    '12',
  ],
  [
    'timestamps that wrap',
    [
      [0xffff_ff00, 3, true, 480],
      [0x100, 4, true, 480],
    ],
    '34',
  ],
  [
    'held longer than 65535 units',
    [
      [100, 9, false, 65_440],
      [100 + 65_535, 9, false, 160],
      [100 + 65_535, 9, true, 900],
    ],
    '9',
  ],
  [
    'two presses 65535 units apart are two',
    [
      [100, 9, true, 480],
      [100 + 65_535, 9, false, 160],
    ],
    '99',
  ],
  ['a hook flash is no digit', [[100, 16, true, 480]], ''],
]
for (const [name, arrivals, digits] of STORIES) test(`heard: ${name}`, () => assert.equal(hearAll(arrivals), digits))

test('payloads survive writing and reading; short ones are nothing', () => {
  const bytes = new Uint8Array(4)
  writeTelephoneEvent(bytes, 0, { event: 10, end: true, duration: 0x1234 })
  assert.deepEqual(parseTelephoneEvent(bytes), { event: 10, end: true, duration: 0x1234 })
  assert.equal(parseTelephoneEvent(bytes.subarray(0, 3)), null)
})

const FORMAT: SenderFormat = { codec: 'PCMU', payload_type: 0, dtmf_payload_type: 101 }
const START = { ssrc: 7, sequence: 65_530, timestamp: 0xffff_fe00 }

/** The next packets of a sender, read back. */
const packets = (sender: ReturnType<typeof createSender>, count: number, format = FORMAT) =>
  Array.from({ length: count }, () => {
    const packet = parseRtp(sender.next(format).slice())
    assert.ok(packet)
    return packet
  })

test('what the sender presses is what the receiver hears, whatever is lost short of a whole press', () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[0-9*#A-D]{1,8}$/),
      fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }).filter(kept => kept.includes(true)),
      (digits, kept) => {
        const sender = createSender(START)
        sender.send_dtmf(digits)
        const sent = packets(sender, digits.length * 12).filter(packet => packet.payload_type === 101)
        assert.equal(sent.length, digits.length * 7)
        const arrivals = sent.flatMap((packet, i): Arrival[] => {
          const event = parseTelephoneEvent(packet.payload)
          return event !== null && kept[i % 7] ? [[packet.timestamp, event.event, event.end, event.duration]] : []
        })
        assert.equal(hearAll(arrivals), digits)
      },
    ),
  )
})

test('a press: marker once, one timestamp, growing duration, three ends, then silence', () => {
  const sender = createSender(START)
  sender.send_dtmf('5')
  const [first, ...rest] = packets(sender, 12)
  assert.equal(first?.marker, true)
  const press = [first, ...rest].slice(0, 7)
  assert.ok(press.every(packet => packet?.timestamp === START.timestamp))
  const events = press.map(packet => parseTelephoneEvent(packet?.payload ?? new Uint8Array()))
  assert.deepEqual(
    events.map(event => event?.duration),
    [160, 320, 480, 640, 800, 800, 800],
  )
  assert.deepEqual(
    events.map(event => event?.end),
    [false, false, false, false, true, true, true],
  )
  assert.deepEqual(
    rest.slice(6).map(packet => packet.payload_type),
    [0, 0, 0, 0, 0],
  )
  assert.equal(rest[6]?.timestamp, (START.timestamp + 7 * 160) >>> 0)
  assert.deepEqual(packets(sender, 1)[0]?.sequence, (START.sequence + 12) & 0xffff)
})

test('sound is sent in frames, then silence; the end is told once; held frames take their time but no number', () => {
  const sender = createSender(START)
  sender.play(Int16Array.from({ length: 200 }, () => 8000))
  const [first] = packets(sender, 1)
  assert.equal(first?.marker, true)
  assert.equal(sender.take_played(), false)
  sender.skip()
  const [second, third] = packets(sender, 2)
  assert.deepEqual(
    [second?.sequence, second?.timestamp],
    [(START.sequence + 1) & 0xffff, (START.timestamp + 320) >>> 0],
  )
  const loud = second?.payload.filter(byte => byte !== 0xff).length
  assert.equal(loud, 40)
  assert.ok(third?.payload.every(byte => byte === 0xff) && !third.marker)
  assert.equal(sender.take_played(), true)
  assert.equal(sender.take_played(), false)
})

test('digits without an agreed payload type are passed over', () => {
  const sender = createSender(START)
  sender.send_dtmf('12')
  const sent = packets(sender, 3, { ...FORMAT, dtmf_payload_type: null })
  assert.ok(sent.every(packet => packet.payload_type === 0))
  assert.equal(sender.take_played(), true)
})
