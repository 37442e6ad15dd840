import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { buildAnswer, buildOffer, parseSdp, type SdpAudio } from '#voice/sdp.ts'

const sdp = (...lines: string[]): string => `${['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', ...lines].join('\r\n')}\r\n`
const C = 'c=IN IP4 192.0.2.1'
const AUDIO = 'm=audio 4000 RTP/AVP 0'

type Expected = Partial<SdpAudio> | null
const remote = { address: '192.0.2.1', port: 4000 }
const PCMU = { codec: 'PCMU', payload_type: 0 } as const
const PCMA = { codec: 'PCMA', payload_type: 8 } as const

const CASES: readonly [string, string, Expected][] = [
  [
    'static types without rtpmap',
    sdp(C, 'm=audio 4000 RTP/AVP 8 0'),
    { remote, codecs: [PCMA, PCMU], dtmf_payload_type: null, direction: 'sendrecv' },
  ],
  [
    'dynamic types that map to G.711',
    sdp(C, 'm=audio 4000 RTP/AVP 98 0', 'a=rtpmap:98 pcma/8000/1'),
    { codecs: [{ codec: 'PCMA', payload_type: 98 }, PCMU] },
  ],
  [
    'a static number mapped to something else',
    sdp(C, 'm=audio 4000 RTP/AVP 0 8', 'a=rtpmap:0 G722/8000'),
    { codecs: [PCMA] },
  ],
  [
    'codecs we cannot speak are passed over',
    sdp(C, 'm=audio 4000 RTP/AVP 96 18 0', 'a=rtpmap:96 opus/48000/2'),
    { codecs: [PCMU] },
  ],
  [
    'telephone-event',
    sdp(C, 'm=audio 4000 RTP/AVP 0 97', 'a=rtpmap:97 telephone-event/8000'),
    { dtmf_payload_type: 97 },
  ],
  [
    'telephone-event at another rate',
    sdp(C, 'm=audio 4000 RTP/AVP 0 97', 'a=rtpmap:97 telephone-event/48000'),
    { dtmf_payload_type: null },
  ],
  ['the same codec twice', sdp(C, 'm=audio 4000 RTP/AVP 0 98', 'a=rtpmap:98 PCMU/8000'), { codecs: [PCMU] }],
  ['a c= line of the media', sdp('c=IN IP6 2001:db8::1', AUDIO, C), { remote }],
  ['hold by direction', sdp(C, AUDIO, 'a=sendonly'), { direction: 'sendonly', remote }],
  ['hold by the session', sdp(C, 'a=inactive', AUDIO), { direction: 'inactive' }],
  ['hold by 0.0.0.0', sdp('c=IN IP4 0.0.0.0', AUDIO), { remote: null }],
  [
    'the second audio, where the first is SRTP',
    sdp(C, 'm=audio 4000 RTP/SAVP 0', 'm=audio 4002 RTP/AVP 0'),
    { index: 1 },
  ],
  ['bare line feeds', sdp(C, AUDIO).replaceAll('\r\n', '\n'), { remote }],
  ['IPv6', sdp('c=IN IP6 2001:db8::1', AUDIO), null],
  ['IPv6 for the media only', sdp(C, AUDIO, 'c=IN IP6 2001:db8::1'), null],
  ['a host name', sdp('c=IN IP4 example.com', AUDIO), null],
  ['multicast', sdp('c=IN IP4 224.2.1.1/127', AUDIO), null],
  ['broadcast', sdp('c=IN IP4 255.255.255.255', AUDIO), null],
  ['no address at all', sdp(AUDIO), null],
  ['port 0', sdp(C, 'm=audio 0 RTP/AVP 0'), null],
  ['a port that is none', sdp(C, 'm=audio 70000 RTP/AVP 0'), null],
  ['only SRTP', sdp(C, 'm=audio 4000 RTP/SAVP 0'), null],
  ['only video', sdp(C, 'm=video 4000 RTP/AVP 96'), null],
  ['no codec in common', sdp(C, 'm=audio 4000 RTP/AVP 18 96', 'a=rtpmap:96 opus/48000/2'), null],
  ['nothing', '', null],
  ['another version', sdp(C, AUDIO).replace('v=0', 'v=1'), null],
  ['a line that is none', sdp(C, AUDIO, 'hello'), null],
  ['a line too long', sdp(C, AUDIO, `a=x:${'y'.repeat(600)}`), null],
  ['too many media', sdp(C, ...Array.from({ length: 40 }, () => AUDIO)), null],
  ['too large', sdp(C, AUDIO, ...Array.from({ length: 400 }, () => `a=${'y'.repeat(50)}`)), null],
]
for (const [name, text, expected] of CASES) {
  test(`SDP: ${name}`, () => {
    const audio = parseSdp(text)?.audio ?? null
    if (expected === null || audio === null) assert.equal(audio, expected)
    else assert.deepEqual({ ...audio, ...expected }, audio)
  })
}

test('no text makes it throw', () => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom(C, AUDIO, 'a=rtpmap:0', 'm=', 'm=audio', 'c=', 'a=', 'm=audio 4000/2 RTP/AVP x 0'),
  )
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), lines => {
      const parsed = parseSdp(sdp(...lines))
      if (parsed !== null) assert.ok(parsed.audio.codecs.length > 0)
    }),
  )
})

const LOCAL = { session_id: 5, version: 2, address: '198.51.100.7', port: 20_000 }

test('an answer takes one codec under the offered number and declines the other lines', () => {
  const offer = parseSdp(
    sdp(
      C,
      'm=video 5000 RTP/AVP 96',
      'm=audio 4000 RTP/AVP 98 0 101',
      'a=rtpmap:98 PCMA/8000',
      'a=rtpmap:101 telephone-event/8000',
      'a=sendonly',
    ),
  )
  assert.ok(offer)
  const [first] = offer.audio.codecs
  assert.ok(first)
  assert.deepEqual(buildAnswer(offer, first, LOCAL).split('\r\n'), [
    'v=0',
    'o=- 5 2 IN IP4 198.51.100.7',
    's=-',
    'c=IN IP4 198.51.100.7',
    't=0 0',
    'm=video 0 RTP/AVP 96',
    'm=audio 20000 RTP/AVP 98 101',
    'a=rtpmap:98 PCMA/8000',
    'a=rtpmap:101 telephone-event/8000',
    'a=fmtp:101 0-15',
    'a=ptime:20',
    'a=recvonly',
    '',
  ])
})

const DIRECTIONS: readonly [string, string, string][] = [
  [C, 'sendrecv', 'sendrecv'],
  [C, 'sendonly', 'recvonly'],
  [C, 'recvonly', 'sendonly'],
  [C, 'inactive', 'inactive'],
  ['c=IN IP4 0.0.0.0', 'sendrecv', 'recvonly'],
  ['c=IN IP4 0.0.0.0', 'inactive', 'inactive'],
]
for (const [connection, theirs, ours] of DIRECTIONS) {
  test(`${theirs} at ${connection} is answered with ${ours}`, () => {
    const offer = parseSdp(sdp(connection, AUDIO, `a=${theirs}`))
    assert.ok(offer)
    assert.match(buildAnswer(offer, PCMU, LOCAL), new RegExp(`a=${ours}\r\n$`))
  })
}

test('our own offer is one that we could answer', () => {
  const offer = parseSdp(buildOffer(LOCAL))
  assert.deepEqual(offer?.audio, {
    index: 0,
    remote: { address: LOCAL.address, port: LOCAL.port },
    codecs: [PCMU, PCMA],
    dtmf_payload_type: 101,
    direction: 'sendrecv',
  })
})
