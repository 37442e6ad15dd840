import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Activity, hear, rmsOf, SILENT } from '#voice/rtp/activity.ts'
import { admit, destination, type Latch, newLatch } from '#voice/rtp/latch.ts'
import { countLateness, newLateness, summarizeLateness } from '#voice/rtp/lateness.ts'
import { dueBeats } from '#voice/rtp/pacer.ts'
import { NOTHING_RECEIVED, receive } from '#voice/rtp/reception.ts'
import { createRecording } from '#voice/rtp/recording.ts'

/** `[ssrc, sequence]` each; the verdicts' first letters and the counts. */
const STORIES: readonly [string, readonly (readonly [number, number])[], string, readonly number[]][] = [
  [
    'in order',
    [
      [1, 10],
      [1, 11],
      [1, 12],
    ],
    'aaa',
    [3, 0, 0],
  ],
  [
    'two lost',
    [
      [1, 10],
      [1, 13],
    ],
    'aa',
    [2, 2, 0],
  ],
  [
    'reordered: not lost after all',
    [
      [1, 10],
      [1, 12],
      [1, 11],
    ],
    'aal',
    [3, 0, 1],
  ],
  [
    'sent twice',
    [
      [1, 10],
      [1, 10],
    ],
    'al',
    [2, 0, 1],
  ],
  [
    'wrapping',
    [
      [1, 65_534],
      [1, 65_535],
      [1, 1],
    ],
    'aaa',
    [3, 1, 0],
  ],
  [
    'a stray of another source',
    [
      [1, 10],
      [9, 500],
      [1, 11],
    ],
    'ada',
    [2, 0, 0],
  ],
  [
    'another source that stays',
    [
      [1, 10],
      [9, 500],
      [9, 501],
      [9, 502],
    ],
    'adra',
    [3, 0, 0],
  ],
  [
    'a jump that stays is a new start, not loss',
    [
      [1, 10],
      [1, 9000],
      [1, 9001],
    ],
    'adr',
    [2, 0, 0],
  ],
]
for (const [name, arrivals, verdicts, counts] of STORIES) {
  test(`received: ${name}`, () => {
    let state = NOTHING_RECEIVED
    let seen = ''
    for (const [ssrc, sequence] of arrivals) {
      const step = receive(state, { ssrc, sequence })
      state = step.state
      seen += step.verdict[0]
    }
    assert.equal(seen, verdicts)
    assert.deepEqual([state.received, state.lost, state.late], counts)
  })
}

const SIGNALLED = { address: '192.0.2.1', port: 4000 }
/** `address:port` each; `+` admitted, `-` dropped; where we send at the end. */
const LATCHES: readonly [string, Latch, readonly string[], string, string | null][] = [
  ['media from where SDP said', newLatch(SIGNALLED, '192.0.2.9'), ['192.0.2.1:4000'], '+', '192.0.2.1:4000'],
  ['another port of that host', newLatch(SIGNALLED, '192.0.2.9'), ['192.0.2.1:7000'], '+', '192.0.2.1:7000'],
  [
    'the host that signals, behind its NAT',
    newLatch(SIGNALLED, '192.0.2.9'),
    ['192.0.2.9:7000'],
    '+',
    '192.0.2.9:7000',
  ],
  [
    'a stranger, first',
    newLatch(SIGNALLED, '192.0.2.9'),
    ['198.51.100.1:4000', '192.0.2.1:4000'],
    '-+',
    '192.0.2.1:4000',
  ],
  [
    'a second port after the first',
    newLatch(SIGNALLED, '192.0.2.9'),
    ['192.0.2.1:4000', '192.0.2.1:4002'],
    '+-',
    '192.0.2.1:4000',
  ],
  [
    'the source that SDP names, after a stray of its host',
    newLatch(SIGNALLED, '192.0.2.9'),
    ['192.0.2.1:7000', '192.0.2.1:4000', '192.0.2.1:7000'],
    '++-',
    '192.0.2.1:4000',
  ],
  ['before SDP came', newLatch(null, '192.0.2.9'), ['192.0.2.9:7000'], '-', null],
]
for (const [name, start, arrivals, verdicts, sends_to] of LATCHES) {
  test(`symmetric RTP: ${name}`, () => {
    let latch = start
    let seen = ''
    for (const arrival of arrivals) {
      const [address = '', port] = arrival.split(':')
      const next = admit(latch, address, Number(port))
      seen += next === null ? '-' : '+'
      latch = next ?? latch
    }
    const to = destination(latch)
    assert.equal(seen, verdicts)
    assert.equal(to === null ? null : `${to.address}:${to.port}`, sends_to)
  })
}

test('speech begins after 60 ms and ends after 500 ms, with hysteresis between', () => {
  const after = (state: Activity, rms: number, frames: number): Activity =>
    Array.from({ length: frames }).reduce<Activity>(next => hear(next, rms), state)
  assert.equal(after(SILENT, 1000, 2).speaking, false)
  const speaking = after(SILENT, 1000, 3)
  assert.equal(speaking.speaking, true)
  assert.equal(after(SILENT, 250, 100).speaking, false)
  assert.equal(after(speaking, 250, 100).speaking, true)
  assert.equal(after(speaking, 0, 24).speaking, true)
  assert.equal(after(speaking, 0, 25).speaking, false)
  assert.equal(after(after(after(speaking, 0, 24), 1000, 1), 0, 24).speaking, true)
  assert.equal(rmsOf(Int16Array.of(3, -3, 3, -3, 99), 4), 3)
  assert.equal(rmsOf(Int16Array.of(), 0), 0)
})

test('beats keep to their deadlines, catch up after a short stall and start anew after a long one', () => {
  assert.deepEqual(dueBeats(100, 99.5, 20), { due_ms: [], next_due_ms: 100 })
  assert.deepEqual(dueBeats(100, 101, 20), { due_ms: [100], next_due_ms: 120 })
  assert.deepEqual(dueBeats(100, 145, 20), { due_ms: [100, 120, 140], next_due_ms: 160 })
  assert.deepEqual(dueBeats(100, 900, 20), { due_ms: [900], next_due_ms: 920 })
})

test('lateness is summed over threads', () => {
  const [one, two] = [newLateness(), newLateness()]
  for (let i = 0; i < 99; i++) countLateness(one, 0.05)
  countLateness(two, 7.31)
  assert.deepEqual(summarizeLateness([one, two]), { packets: 100, p50_ms: 0.1, p99_ms: 0.1, max_ms: 7.4 })
  countLateness(two, 1e9)
  countLateness(two, -1)
  assert.equal(summarizeLateness([one, two]).packets, 102)
  assert.deepEqual(summarizeLateness([]), { packets: 0, p50_ms: 0, p99_ms: 0, max_ms: 0 })
})

test('a recording fills gaps with silence, puts late packets in their place, and stops at its limit', () => {
  const recording = createRecording(1000)
  const frame = (value: number): Int16Array => new Int16Array(160).fill(value)
  recording.write(0xffff_ff60, frame(1), 160)
  recording.write(320, frame(4), 160)
  recording.write(0, frame(2), 160)
  assert.deepEqual(
    [0, 160, 320, 480].map(at => recording.samples()[at]),
    [1, 2, 0, 4],
  )
  assert.equal(recording.samples().length, 640)
  // A sender that starts over: appended.
  recording.write(5_000_000, frame(5), 160)
  assert.deepEqual([recording.samples().length, recording.samples()[640]], [800, 5])
  for (let i = 1; i < 9; i++) recording.write(5_000_000 + i * 160, frame(6), 160)
  assert.equal(recording.samples().length, 1000)
})
