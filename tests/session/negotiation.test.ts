import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import {
  answering,
  challenges,
  createDesk,
  createStory,
  HOST,
  heldTimers,
  synthesizer,
} from '#tests/session/live-edge.ts'
import { openMediaPool } from '#voice/rtp/media-pool.ts'
import type { MediaPool } from '#voice/rtp/media-types.ts'
import { buildOffer, parseSdp } from '#voice/sdp.ts'
import { incomingCall } from '#voice/session/incoming-call.ts'
import { takeCall } from '#voice/session/take-call.ts'
import { headersOf } from '#voice/sip/message.ts'
import type { ServerCall } from '#voice/sip/user-agent-types.ts'

const PORTS = { from: 39_000, to: 39_998 }
const media = await openMediaPool({ host: HOST, ports: PORTS, threads: 1 })
after(() => media.close())

/** A call as the SIP stack hands it over; what is done to it becomes a story. */
const arrive = (offer: string | null, pool: MediaPool = media) => {
  const done = createStory<readonly [deed: string, detail: string]>()
  const call: ServerCall = {
    call_id: 'a@b',
    source: { address: HOST, port: 5060, transport: 'udp' },
    request_uri: 'sip:+15551234567@example.com',
    headers: headersOf({
      fields: [
        ['from', 'Anonymous <sip:anonymous@anonymous.invalid>;tag=1'],
        ['p-asserted-identity', '<tel:+15550002222>, <sip:x@y>'],
      ],
    }),
    offer,
    ringing: () => done.tell(['ringing', '']),
    answer: sdp => done.tell(['answer', sdp]),
    refuse: status => done.tell(['refuse', String(status)]),
    hang_up: () => done.tell(['hang_up', '']),
  }
  const desk = createDesk()
  desk.settings.route = answering
  const { timers } = heldTimers()
  const taken = takeCall(call, {
    desk: desk.desk,
    challenges,
    media: pool,
    synthesizer,
    timers,
    clock: { now_ms: () => 1000 },
    log: desk.log,
    media_address: HOST,
    invite: () => assert.fail('nobody is called'),
    may_forward_to: async () => null,
  })
  assert.ok(taken.live)
  const answer = done.first(([deed]) => deed === 'answer').then(([, sdp]) => sdp)
  return { events: taken.events, live: taken.live, done, answer, records: desk.records, incoming: desk.calls[0] }
}

const offerFrom = (port: number, ...attributes: string[]): string =>
  `${buildOffer({ session_id: 1, version: 1, address: HOST, port }).replace('a=sendrecv\r\n', '')}${attributes.map(line => `${line}\r\n`).join('')}`

const LIMIT = { timeout: 20_000 }

test('who calls is read from the headers; rings before anything else', LIMIT, async () => {
  const { done, incoming, events, live, answer } = arrive(offerFrom(9000))
  assert.deepEqual(done.told, [['ringing', '']])
  assert.equal(incoming?.from_user, null)
  assert.equal(incoming?.asserted_user, '+15550002222')
  assert.equal(incoming?.user, '+15551234567')
  await answer
  events.ended('remote_bye')
  await live.over
})

const FROM = 'Ann <sip:+15550001111@example.com>;tag=1'
const ASSERTED = ['p-asserted-identity', '<sip:+15550002222@example.com>'] as const
const CALLERS = [
  ['both are given', [['from', FROM], ASSERTED], '+15550001111', '+15550002222'],
  ['nothing is asserted', [['from', FROM]], '+15550001111', null],
  ['who asks for privacy is nobody', [['from', FROM], ASSERTED, ['privacy', 'id']], null, null],
  ['among other wishes', [['from', FROM], ASSERTED, ['privacy', 'critical; User']], null, null],
  ['who asks for none is named', [['from', FROM], ASSERTED, ['privacy', 'none']], '+15550001111', '+15550002222'],
  [
    'an anonymous From without a wish: the network’s word stays',
    [['from', '"Anonymous" <sip:+15550001111@anonymous.invalid>;tag=1'], ASSERTED],
    null,
    '+15550002222',
  ],
  ['a From without a user', [['from', '<sip:example.com>;tag=1']], null, null],
] as const
for (const [name, fields, from_user, asserted_user] of CALLERS)
  test(`who calls: ${name}`, () => {
    const source = { address: HOST, port: 5060, transport: 'udp' } as const
    const unused = { ringing: () => {}, answer: () => {}, refuse: () => {}, hang_up: () => {} }
    const headers = headersOf({ fields: [...fields, ['x-note', 'a\u0000b\u0007c']] })
    const call = { call_id: 'a@b', source, request_uri: 'sip:1@h', headers, offer: null, ...unused }
    const incoming = incomingCall(call, null)
    assert.deepEqual([incoming.from_user, incoming.asserted_user], [from_user, asserted_user])
    assert.deepEqual(incoming.x_headers, { 'x-note': 'a\ufffdb\ufffdc' }, 'fit to be stored and said')
  })

test('an INVITE without an offer gets ours; the ACK brings the answer, and then we speak', LIMIT, async () => {
  const far = createStory<string>()
  const stream = await media.open({
    dtmf: () => {},
    played: () => {},
    activity: speaking => far.tell(speaking ? 'speaking' : 'quiet'),
  })
  const { events, live, answer, incoming, records } = arrive(null)
  assert.equal(incoming?.codecs, null)
  const ours = parseSdp(await answer)
  assert.deepEqual(
    ours?.audio.codecs.map(({ codec }) => codec),
    ['PCMU', 'PCMA'],
  )
  assert.ok(ours?.audio.remote)
  stream.configure({
    codec: 'PCMA',
    payload_type: 8,
    dtmf_payload_type: null,
    remote: ours.audio.remote,
    signalling_address: HOST,
  })
  events.confirmed(offerFrom(stream.port).replace('RTP/AVP 0 8', 'RTP/AVP 8'))
  await far.first(heard => heard === 'speaking')
  events.ended('remote_bye')
  await live.over
  assert.equal(records.told.at(-1)?.kind, 'closed')
  await stream.close()
})

for (const [name, sdp] of [
  ['nothing', null],
  ['no codec of ours', offerFrom(9000).replace('RTP/AVP 0 8', 'RTP/AVP 18')],
] as const) {
  test(`an ACK that answers our offer with ${name} ends the call`, LIMIT, async () => {
    const { events, live, answer, done, records } = arrive(null)
    await answer
    events.confirmed(sdp)
    events.ended('local_bye')
    await live.over
    assert.equal(done.told.at(-1)?.[0], 'hang_up')
    const end = records.told.at(-1)
    assert.ok(end?.kind === 'closed' && end.status === 'failed' && end.reason === 'no_common_codec')
  })
}

test(
  'hold and resume: each answered with the mirrored direction and a newer version; a foreign codec is refused',
  LIMIT,
  async () => {
    const { events, live, answer } = arrive(offerFrom(9000))
    const version = (sdp: string): number => Number(/^o=- \d+ (\d+)/m.exec(sdp)?.[1])
    const first = await answer
    events.confirmed(null)
    const held = events.reoffer(offerFrom(9000, 'a=sendonly'))
    const resumed = events.reoffer(offerFrom(9002))
    const offered = events.reoffer(null)
    assert.ok(typeof held === 'string' && typeof resumed === 'string' && typeof offered === 'string')
    assert.match(held, /a=recvonly\r\n$/)
    assert.match(resumed, /a=sendrecv\r\n$/)
    assert.deepEqual([first, held, resumed, offered].map(version), [1, 2, 3, 4])
    events.confirmed(offerFrom(9004))
    assert.deepEqual(events.reoffer(offerFrom(9000).replace('RTP/AVP 0 8 101', 'RTP/AVP 18')), { status: 488 })
    assert.deepEqual(events.reoffer('nonsense'), { status: 488 })
    events.ended('remote_bye')
    await live.over
  },
)

test('cancelled before media is open: nothing is answered, and the port is given back', LIMIT, async () => {
  const streams = createStory<'opened' | 'closed'>()
  const watched: MediaPool = {
    ...media,
    open: async events => {
      const stream = await media.open(events)
      streams.tell('opened')
      const close = (): ReturnType<typeof stream.close> => {
        streams.tell('closed')
        return stream.close()
      }
      return { ...stream, close }
    },
  }
  const { events, live, done, records } = arrive(offerFrom(9000), watched)
  events.cancelled()
  await live.over
  assert.deepEqual(streams.told, [])
  await streams.first(what => what === 'closed')
  assert.deepEqual(done.told, [['ringing', '']])
  const end = records.told.at(-1)
  assert.ok(end?.kind === 'closed' && end.status === 'cancelled' && end.media === null)
})

test('when no port is free the caller hears 503', LIMIT, async () => {
  const full: MediaPool = { ...media, open: () => Promise.reject(new Error('no RTP port is free among 1-2')) }
  const { live, done, records } = arrive(offerFrom(9000), full)
  await live.over
  assert.deepEqual(done.told, [
    ['ringing', ''],
    ['refuse', '503'],
  ])
  const end = records.told.at(-1)
  assert.ok(end?.kind === 'closed' && end.reason === 'no_media_port')
})
