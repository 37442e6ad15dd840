import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { after, beforeEach, test } from 'node:test'
import { rawOffer, rawRequest } from '#tests/peers/raw-sip.ts'
import {
  answering,
  createStory,
  type Heard,
  HOST,
  refusing,
  SCRIPT,
  startCallers,
  startEdge,
  wordsOf,
} from '#tests/session/live-edge.ts'
import { DIGITS_PAUSE_MS } from '#voice/session/call-state.ts'

const live = await startEdge()
const callers = await startCallers()
after(async () => {
  await live.edge.stop()
  await callers.close()
})
beforeEach(() => {
  live.records.told.length = 0
  live.logged.length = 0
  live.clock.sets.told.length = 0
  live.settings.route = answering
  live.settings.script = SCRIPT
})

const LIMIT = { timeout: 20_000 }
const answered = (heard: Heard): boolean => heard.kind === 'status' && heard.status === 200
const closed = () => live.records.first(event => event.kind === 'closed')

const told = (): string[] => wordsOf(live.records.told)

for (const transport of ['udp', 'tcp'] as const) {
  test(
    `a call over ${transport} is greeted, its keys are heard, and all of it is recorded in order`,
    LIMIT,
    async () => {
      const { story, stream, call } = await callers.place(live.port, '+15551234567', transport)
      const ok = await story.first(answered)
      assert.ok(ok.kind === 'status')
      assert.equal(ok.headers?.get('X-Patchcord-Agent'), 'agent-1')
      assert.equal(ok.headers?.get('X-Patchcord-Version'), '3')
      await story.first(heard => heard.kind === 'speaking')
      stream.send_dtmf('1')
      stream.send_dtmf('#')
      await live.records.first(event => event.kind === 'item')
      await live.clock.sets.first(() => live.clock.sets.told.filter(delay => delay === DIGITS_PAUSE_MS).length === 2)
      await call.hang_up()
      const end = await closed()
      assert.deepEqual(told(), [
        'opened ringing',
        'answered',
        'agent speech Hello',
        'user dtmf 1#',
        'completed caller_hung_up',
      ])
      assert.ok(
        end.kind === 'closed' && end.media !== null && end.media.packets_received > 0 && end.media.packets_sent > 0,
      )
      const incoming = live.calls.at(-1)
      assert.equal(incoming?.user, '+15551234567')
      assert.equal(incoming?.from_user, '+15550001111')
      assert.equal(incoming?.source.transport, transport)
      assert.deepEqual(incoming?.codecs, ['PCMU', 'PCMA'])
      assert.deepEqual(incoming?.x_headers, { 'x-shoe-size': '44' })
      assert.ok(!live.logged.join().includes('1555'), 'no telephone number in the log')
      assert.deepEqual(live.clock.delays(), [])
      await stream.close()
    },
  )
}

test('ten calls at once, each with a port of its own', LIMIT, async () => {
  const placed = await Promise.all(Array.from({ length: 10 }, () => callers.place(live.port, '+15551234567')))
  await Promise.all(placed.map(({ story }) => story.first(heard => heard.kind === 'speaking')))
  assert.equal(live.edge.calls_in_flight(), 10)
  await Promise.all(placed.map(({ call }) => call.hang_up()))
  await Promise.all(placed.map(({ stream }) => stream.close()))
  await live.edge.drain()
  assert.equal(live.records.told.filter(event => event.kind === 'closed' && event.status === 'completed').length, 10)
})

for (const [name, seconds, reason] of [
  ['silence', SCRIPT.silence_timeout_seconds, 'silence_timeout'],
  ['the longest duration', SCRIPT.max_duration_seconds, 'max_duration'],
] as const) {
  test(`${name} ends the call from our side`, LIMIT, async () => {
    const { story, stream } = await callers.place(live.port, '+15551234567')
    await live.records.first(event => event.kind === 'item')
    assert.ok(live.clock.fire(seconds * 1000))
    const end = await story.first(heard => heard.kind === 'ended')
    assert.deepEqual(end, { kind: 'ended', reason: 'remote_bye' })
    await closed()
    assert.equal(told().at(-1), `completed ${reason}`)
    await live.edge.drain()
    await stream.close()
  })
}

test('a greeting that cannot be said leaves the line open, and the log says so', LIMIT, async () => {
  live.settings.script = { ...SCRIPT, starting_message: 'unspeakable' }
  const { story, stream, call } = await callers.place(live.port, '+15551234567')
  await story.first(answered)
  await call.hang_up()
  await closed()
  assert.deepEqual(told(), ['opened ringing', 'answered', 'completed caller_hung_up'])
  assert.ok(live.logged.some(line => line.startsWith('the starting message was not said') && line.includes('no words')))
  await stream.close()
})

const ASKED = [
  ['credentials_missing', 'Digest nonce="127.0.0.1"'],
  ['credentials_wrong', 'Digest nonce="127.0.0.1"'],
  ['credentials_stale', 'Digest nonce="127.0.0.1", stale=true'],
] as const
for (const [reason, challenge] of ASKED) {
  test(`401 ${reason} carries a challenge, and leaves no record`, LIMIT, async () => {
    live.settings.route = refusing(401, reason, null)
    const { story, stream } = await callers.place(live.port, '+15551234567')
    const final = await story.first(heard => heard.kind === 'status' && heard.status >= 200)
    assert.ok(final.kind === 'status' && final.status === 401)
    assert.deepEqual(final.headers?.all('WWW-Authenticate'), [challenge])
    assert.deepEqual(told(), [])
    // Every authenticated call begins with one that sent none: not worth a line.
    assert.equal(
      live.logged.some(line => line.includes(reason)),
      reason !== 'credentials_missing',
    )
    await stream.close()
  })
}

const REFUSALS = [
  [403, 'source_not_accepted', null, []],
  [404, 'number_unknown', null, []],
  [480, 'slot_empty', 'organization-1', ['opened ringing', 'unanswered slot_empty']],
  [488, 'no_common_codec', 'organization-1', ['opened ringing', 'unanswered no_common_codec']],
  [503, 'draining', null, []],
] as const
for (const [sip_status, reason, organization_id, record] of REFUSALS) {
  test(
    `${sip_status} ${reason} is refused with that status${record.length > 0 ? ' and recorded' : ''}`,
    LIMIT,
    async () => {
      live.settings.route = refusing(sip_status, reason, organization_id)
      const { story, stream } = await callers.place(live.port, '+15551234567')
      const final = await story.first(heard => heard.kind === 'status' && heard.status >= 200)
      assert.ok(final.kind === 'status')
      assert.equal(final.status, sip_status)
      assert.equal(final.headers?.get('Retry-After'), sip_status === 503 ? '5' : undefined)
      assert.ok(!story.told.some(heard => heard.kind === 'status' && heard.status === 180))
      assert.deepEqual(told(), record)
      assert.ok(live.logged.some(line => line.includes(reason)))
      assert.equal(live.edge.calls_in_flight(), 0)
      await stream.close()
    },
  )
}

test('a version that vanished with its script is refused as not there', LIMIT, async () => {
  live.settings.script = null
  const { story, stream } = await callers.place(live.port, '+15551234567')
  const final = await story.first(heard => heard.kind === 'status' && heard.status >= 200)
  assert.ok(final.kind === 'status' && final.status === 480)
  await stream.close()
})

test('draining waits for the calls in flight', LIMIT, async () => {
  const { story, stream, call } = await callers.place(live.port, '+15551234567')
  await story.first(answered)
  let drained = false
  const draining = live.edge.drain().then(() => {
    drained = true
  })
  await stream.counts()
  assert.equal(drained, false)
  assert.equal(live.edge.calls_in_flight(), 1)
  await call.hang_up()
  await draining
  assert.equal(live.edge.calls_in_flight(), 0)
  assert.equal(told().at(-1), 'completed caller_hung_up')
  await stream.close()
})

test('stopping ends the calls in flight and their records', LIMIT, async () => {
  const other = await startEdge()
  const { story, stream } = await callers.place(other.port, '+15551234567')
  await story.first(answered)
  await story.first(heard => heard.kind === 'speaking')
  await other.edge.stop()
  await story.first(heard => heard.kind === 'ended')
  const end = other.records.told.at(-1)
  assert.ok(end?.kind === 'closed' && end.reason === 'shut_down')
  await stream.close()
})

test('stopping waits a moment for an ACK that is on its way: without it no BYE may be said', LIMIT, async () => {
  const other = await startEdge()
  const socket = createSocket('udp4')
  const heard = createStory<string>()
  socket.on('message', bytes => heard.tell(bytes.toString('latin1')))
  socket.bind(0, HOST)
  await once(socket, 'listening')
  const us = { host: HOST, port: socket.address().port }
  const dialog = { uri: `sip:+15551234567@${HOST}`, call_id: 'late-ack', from_user: 'late', cseq: 1 }
  const send = (text: string): void => socket.send(text, other.port, HOST)
  send(rawRequest(us, { method: 'INVITE', branch: '1', ...dialog, sdp: rawOffer(HOST, 9) }))
  const ok = await heard.first(text => text.startsWith('SIP/2.0 200'))
  const stopping = other.edge.stop()
  await other.records.first(event => event.kind === 'closed')
  await new Promise(resolve => setImmediate(resolve))
  send(rawRequest(us, { method: 'ACK', branch: '2', ...dialog, to_tag: /^To:.*;tag=(\S+)/m.exec(ok)?.[1] ?? '' }))
  await heard.first(text => text.startsWith('BYE '))
  await stopping
  socket.close()
})
