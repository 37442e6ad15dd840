import assert from 'node:assert/strict'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { decodeG711, encodeG711 } from '#voice/rtp/g711.ts'
import { openMediaPool } from '#voice/rtp/media-pool.ts'
import type { MediaPool, MediaStream, StreamEvents, StreamOptions } from '#voice/rtp/media-types.ts'

const HOST = '127.0.0.1'
const RANGE = { from: 30_000, to: 34_998 }
const pool: MediaPool = await openMediaPool({ host: HOST, ports: RANGE, threads: 2 })
after(() => pool.close())

/** Collects what a stream tells, and lets a test wait for it instead of for time. */
const listener = () => {
  const told: string[] = []
  let look = (): void => {}
  const tell = (what: string): void => {
    told.push(what)
    look()
  }
  const events: StreamEvents = {
    dtmf: digit => tell(digit),
    played: () => tell('played'),
    activity: speaking => tell(speaking ? 'speaking' : 'quiet'),
  }
  const until = (done: () => boolean): Promise<void> =>
    new Promise(resolve => {
      look = () => {
        if (done()) resolve()
      }
      look()
    })
  return { events, told, until }
}

const towards = (port: number, more: Partial<StreamOptions> = {}): StreamOptions => ({
  codec: 'PCMA',
  payload_type: 8,
  dtmf_payload_type: 101,
  remote: { address: HOST, port },
  signalling_address: HOST,
  ...more,
})

const connectPair = async (a: StreamEvents, b: StreamEvents): Promise<readonly [MediaStream, MediaStream]> => {
  const [one, other] = await Promise.all([pool.open(a), pool.open(b)])
  one.configure(towards(other.port))
  other.configure(towards(one.port, { record_limit_seconds: 30 }))
  return [one, other]
}

const tone = (seconds: number): Int16Array => {
  const pcm = new Int16Array(new SharedArrayBuffer(seconds * 16_000))
  return pcm.map((_, i) => Math.round(8000 * Math.sin((2 * Math.PI * 440 * i) / 8000)))
}

/** What G.711 leaves of it. */
const throughALaw = (pcm: Int16Array): Int16Array => {
  const bytes = new Uint8Array(pcm.length)
  encodeG711('PCMA', pcm, 0, pcm.length, bytes, 0)
  const back = new Int16Array(pcm.length)
  decodeG711('PCMA', bytes, back)
  return back
}

test('sound and digits go from one stream to another over real sockets, sample for sample', {
  timeout: 20_000,
}, async () => {
  const [speaker, hearer] = [listener(), listener()]
  const [one, other] = await connectPair(speaker.events, hearer.events)
  assert.ok([one.port, other.port].every(port => port % 2 === 0 && port >= RANGE.from && port <= RANGE.to))
  const pcm = tone(0.5)
  one.play(pcm)
  one.send_dtmf('4#')
  await Promise.all([
    speaker.until(() => speaker.told.includes('played')),
    hearer.until(() => hearer.told.join(' ').includes('#') && hearer.told.includes('quiet')),
  ])
  assert.deepEqual(
    hearer.told.filter(what => /^[0-9#]$/.test(what)),
    ['4', '#'],
  )
  assert.deepEqual(
    hearer.told.filter(what => what.length > 1),
    ['speaking', 'quiet'],
  )
  const heard = await other.recording()
  const sent = throughALaw(pcm)
  const start = heard.findIndex((_, i) => sent.every((sample, j) => heard[i + j] === sample))
  assert.ok(start >= 0, 'the recording holds the tone')
  const counts = await other.counts()
  assert.deepEqual([counts.packets_lost, counts.packets_late], [0, 0])
  const closed = await one.close()
  assert.ok(closed.packets_sent >= counts.packets_received && counts.packets_received > 25)
  assert.equal(await one.close(), closed)
  assert.ok((await other.close()).packets_sent > 0)
})

test('who is put on hold hears nothing, and that is silence', { timeout: 20_000 }, async () => {
  const hearer = listener()
  const [one, other] = await connectPair(listener().events, hearer.events)
  one.play(tone(60))
  await hearer.until(() => hearer.told.includes('speaking'))
  one.set_sending(false)
  await hearer.until(() => hearer.told.includes('quiet'))
  const { packets_sent } = await one.counts()
  one.set_sending(true)
  await hearer.until(() => hearer.told.filter(what => what === 'speaking').length === 2)
  assert.ok((await one.counts()).packets_sent > packets_sent)
  assert.equal((await other.close()).packets_lost, 0)
  await one.close()
})

test('keys of a source that takes over are heard, though its clock is behind', { timeout: 20_000 }, async () => {
  const hearer = listener()
  const stream = await pool.open(hearer.events)
  const caller = createSocket('udp4')
  caller.bind(0, HOST)
  await once(caller, 'listening')
  stream.configure(towards(caller.address().port))
  const press = (ssrc: number, sequence: number, timestamp: number, event: number): void => {
    const packet = Buffer.from([0x80, 101, 0, sequence, 0, 0, timestamp, 0, 0, 0, 0, ssrc, event, 0x80, 1, 0x40])
    caller.send(packet, stream.port, HOST)
  }
  press(1, 1, 200, 1)
  // Loopback keeps the order. Two packets of the new source: the first makes it believable.
  press(2, 1, 100, 2)
  press(2, 2, 100, 2)
  await hearer.until(() => hearer.told.length === 2)
  assert.deepEqual(hearer.told, ['1', '2'])
  caller.close()
  await stream.close()
})

test('packets of a stranger are neither heard nor answered', { timeout: 20_000 }, async () => {
  const [speaker, hearer] = [listener(), listener()]
  const [one, other] = await connectPair(speaker.events, hearer.events)
  one.play(tone(0.1))
  await hearer.until(() => hearer.told.includes('speaking'))
  // The pair has found each other; from now on even the same host's other ports are strangers.
  const stranger = createSocket('udp4')
  stranger.bind(0, HOST)
  await once(stranger, 'listening')
  const pressed = Buffer.from([0x80, 101, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 7, 0x80, 1, 0x40])
  const answered: unknown[] = []
  stranger.on('message', message => answered.push(message))
  // Three in a row: enough to be believed as a new source, were they let in.
  for (const sequence of [1, 2, 3]) {
    pressed[3] = sequence
    stranger.send(Buffer.from(pressed), other.port, HOST)
  }
  stranger.send(Buffer.alloc(65_000), other.port, HOST)
  one.send_dtmf('1')
  await hearer.until(() => hearer.told.includes('1'))
  assert.ok(!hearer.told.includes('7'))
  assert.deepEqual(answered, [])
  stranger.close()
  await Promise.all([one.close(), other.close()])
})

/** Somebody else's socket, on an even port of the system's choice. */
const takeEvenPort = async (): Promise<readonly [Socket, number]> => {
  const socket = createSocket('udp4')
  socket.bind(0, HOST)
  await once(socket, 'listening')
  const { port } = socket.address()
  if (port % 2 === 0) return [socket, port]
  const next = await takeEvenPort()
  socket.close()
  return next
}

test('a port in use is passed by; a range without a free one is refused in a sentence; closing frees', async () => {
  const [taken, even] = await takeEvenPort()
  const small = await openMediaPool({ host: HOST, ports: { from: even, to: even + 1 }, threads: 1 })
  const { events } = listener()
  await assert.rejects(small.open(events), /no RTP port is free among/)
  taken.close()
  await once(taken, 'close')
  const stream = await small.open(events)
  assert.equal(stream.port, even)
  await assert.rejects(small.open(events), new RegExp(`no RTP port is free among ${even}-${even + 1}`))
  await stream.close()
  await (await small.open(events)).close()
  await small.close()
  await assert.rejects(small.open(events))
})

test('an address that is not ours is named', async () => {
  const foreign = await openMediaPool({ host: '192.0.2.1', ports: RANGE, threads: 1 })
  await assert.rejects(foreign.open(listener().events), /cannot open an RTP port on 192\.0\.2\.1: EADDRNOTAVAIL/)
  await foreign.close()
})

test('a thread that dies says so to its streams and to the log, and another takes its place', async () => {
  const faults: unknown[] = []
  const frail = await openMediaPool({ host: HOST, ports: RANGE, threads: 1, on_fault: error => faults.push(error) })
  const { promise: lost, resolve } = Promise.withResolvers<void>()
  const stream = await frail.open({ ...listener().events, lost: resolve })
  assert.equal(frail.alive(), true)
  stream.configure(null as unknown as StreamOptions)
  await lost
  assert.equal(frail.alive(), false)
  assert.equal(faults.length, 1)
  await assert.rejects(frail.open(listener().events), /no media thread is running/)
  await stream.close()
  while (!frail.alive()) await sleep(20)
  await (await frail.open(listener().events)).close()
  await frail.close()
  assert.equal(faults.length, 1, 'a pool that is closed does not complain of it')
})
