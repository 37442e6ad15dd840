import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  answering,
  challenges,
  createDesk,
  createStory,
  HOST,
  heldTimers,
  synthesizer,
  wordsOf,
} from '#tests/session/live-edge.ts'
import { takeCall } from '#voice/session/take-call.ts'
import { headersOf } from '#voice/sip/message.ts'
import type { ClientCallEvents, ServerCall } from '#voice/sip/user-agent-types.ts'

const OFFER = 'v=0 as offered'

/** A call that is to be bridged, between two stacks that are the test's. */
const arrive = (offer: string | null, place: () => void = () => {}) => {
  const done = createStory<string>()
  const call: ServerCall = {
    call_id: 'a@b',
    source: { address: HOST, port: 5060, transport: 'udp' },
    request_uri: 'sip:+15551234567@example.com',
    headers: headersOf({ fields: [['from', '<sip:+15550001111@example.com>;tag=1']] }),
    offer,
    ringing: () => done.tell('ringing'),
    answer: sdp => done.tell(`answer ${sdp}`),
    refuse: status => done.tell(`refuse ${status}`),
    hang_up: () => done.tell('hang_up'),
  }
  const desk = createDesk()
  desk.settings.outbound = { address: HOST, transport: 'UDP', credentials: null }
  const outcome = { kind: 'forward', target: '+15557654321', mode: 'bridge', trunk_id: 'trunk-1' } as const
  desk.settings.route = incoming => ({ ...answering(incoming), outcome })
  const placed = createStory<ClientCallEvents>()
  const { events, live } = takeCall(call, {
    desk: desk.desk,
    challenges,
    media: { open: () => assert.fail('no sound of ours'), alive: () => true, close: async () => {} },
    synthesizer,
    timers: heldTimers().timers,
    clock: { now_ms: () => 1000 },
    log: desk.log,
    media_address: HOST,
    invite: (options, target) => {
      place()
      assert.equal(options.offer, offer)
      placed.tell(target)
      return { call_id: 'c@d', hang_up: async () => done.tell('hang_up target') }
    },
    may_forward_to: async () => null,
  })
  return { events, live, done, placed, told: () => wordsOf(desk.records.told) }
}

test('offers and answers pass through untouched; a refresh is answered as before, a change is refused', async () => {
  const { events, live, done, placed } = arrive(OFFER)
  const target = await placed.first(() => true)
  target.progress(100, 'Trying')
  target.progress(183, 'Session Progress')
  target.progress(180, 'Ringing')
  target.answered('v=0 as answered', headersOf({ fields: [] }))
  assert.deepEqual(done.told, ['ringing', 'answer v=0 as answered'], 'one 180 is enough')
  assert.equal(events.reoffer(OFFER), 'v=0 as answered')
  assert.deepEqual(events.reoffer('v=0 on hold'), { status: 488 })
  assert.deepEqual(events.reoffer(null), { status: 488 })
  events.ended('remote_bye')
  await live?.over
  assert.equal(done.told.at(-1), 'hang_up target')
})

test('an INVITE without an offer has nothing to pass on: 488', () => {
  const { live, done, told } = arrive(null)
  assert.equal(live, null)
  assert.deepEqual(done.told, ['refuse 488'])
  assert.deepEqual(told(), ['opened ringing', 'failed forward_without_offer'])
})

test('a call that cannot be placed at all: 480', async () => {
  const { live, done, told } = arrive(OFFER, () => {
    throw new TypeError('next_hop must be host or host:port')
  })
  await live?.over
  assert.deepEqual(done.told, ['refuse 480'])
  assert.deepEqual(told(), ['opened ringing', 'failed forward_failed'])
})
