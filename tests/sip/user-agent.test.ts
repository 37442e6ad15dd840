/** Stories of a called endpoint over UDP, told in raw messages; time moves only when told. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Endpoint,
  headerOf,
  openEndpoint,
  type RequestParts,
  request,
  statusOf,
  toTagOf,
} from '#tests/sip/endpoint.ts'
import type { InviteHandler, ServerCall, ServerCallEvents } from '#voice/sip/user-agent-types.ts'

type Told = { readonly calls: ServerCall[]; readonly events: string[] }

/** Runs a story against a fresh endpoint; `on_call` drives each new call. */
async function story(
  on_call: (call: ServerCall) => void,
  run: (endpoint: Endpoint, told: Told) => Promise<void>,
  answer: ServerCallEvents['reoffer'] = () => 'again',
): Promise<void> {
  const told: Told = { calls: [], events: [] }
  const handler: InviteHandler = call => {
    told.calls.push(call)
    on_call(call)
    return {
      cancelled: () => told.events.push('cancelled'),
      confirmed: sdp => told.events.push(`confirmed ${sdp}`),
      reoffer: sdp => {
        told.events.push(`reoffer ${sdp}`)
        return answer(sdp)
      },
      dtmf: digit => told.events.push(`dtmf ${digit}`),
      ended: reason => told.events.push(`ended ${reason}`),
    }
  }
  const endpoint = await openEndpoint(handler)
  try {
    await run(endpoint, told)
    assert.deepEqual(endpoint.errors, [])
  } finally {
    await endpoint.close()
  }
}

const statuses = (answers: readonly string[]) => answers.map(statusOf)
const firstLines = (answers: readonly string[]) => answers.map(answer => answer.split('\r\n', 1)[0])

/** INVITE answered and confirmed; what every later request of the dialog needs. */
async function establish(endpoint: Endpoint, more: RequestParts = {}): Promise<RequestParts> {
  const parts = { port: endpoint.port, ...more }
  const answers = await endpoint.ask(request('INVITE', { body: 'offer', ...parts }))
  assert.equal(statusOf(answers.at(-1)), 200)
  const dialog = { ...parts, to_tag: toTagOf(answers.at(-1)) }
  assert.deepEqual(await endpoint.ask(request('ACK', { ...dialog, branch: 'z9hG4bK-ack' })), [])
  return dialog
}

test('a call: 180, 200 with the answer, ACK, BYE', () =>
  story(
    call => {
      call.ringing()
      call.answer('answer', [['X-Patchcord-Agent', 'a1']])
    },
    async (endpoint, { calls, events }) => {
      const invite = request('INVITE', {
        port: endpoint.port,
        body: 'offer',
        more: ['Record-Route: <sip:127.0.0.1:1;lr>', 'X-Trace: é'],
      })
      const [ringing, ok, ...rest] = await endpoint.ask(Buffer.from(invite, 'utf8').toString('latin1'))
      assert.deepEqual([statusOf(ringing), statusOf(ok), rest], [180, 200, []])
      assert.equal(ok?.split('\r\n\r\n')[1], 'answer')
      assert.equal(headerOf(ok, 'X-Patchcord-Agent'), 'a1')
      assert.equal(headerOf(ok, 'Record-Route'), '<sip:127.0.0.1:1;lr>')
      assert.equal(headerOf(ok, 'Contact'), `<sip:127.0.0.1:${endpoint.agent.local.port}>`)
      assert.equal(
        headerOf(ok, 'Via'),
        `SIP/2.0/UDP 127.0.0.1:${endpoint.port};rport=${endpoint.port};branch=z9hG4bK-1;received=127.0.0.1`,
      )
      assert.equal(toTagOf(ringing), toTagOf(ok))
      const call = calls[0]
      assert.deepEqual(call?.source, { address: '127.0.0.1', port: endpoint.port, transport: 'udp' })
      assert.deepEqual(
        [call?.offer, call?.request_uri, call?.headers.get('X-Trace')],
        ['offer', 'sip:+15551234567@127.0.0.1', 'é'],
      )
      const dialog = { port: endpoint.port, to_tag: toTagOf(ok) }
      await endpoint.ask(request('ACK', { ...dialog, branch: 'z9hG4bK-2' }))
      const bye = request('BYE', { ...dialog, cseq: 2, branch: 'z9hG4bK-3' })
      const [byed] = await endpoint.ask(bye)
      assert.deepEqual([statusOf(byed), headerOf(byed, 'To')], [200, headerOf(bye, 'To')], 'a tag is there already')
      assert.deepEqual(statuses(await endpoint.ask(bye)), [200], 'a repeated BYE gets the same answer')
      assert.deepEqual(events, ['confirmed null', 'ended remote_bye'])
      assert.deepEqual(
        statuses(await endpoint.ask(request('INFO', { ...dialog, cseq: 3, branch: 'z9hG4bK-4' }))),
        [481],
      )
    },
  ))

test('a handler that takes its time: 100 at once, and nothing more', () =>
  story(
    () => {},
    async (endpoint, { calls }) => {
      const invite = request('INVITE', { port: endpoint.port, body: 'offer' })
      const [trying] = await endpoint.ask(invite)
      assert.equal(statusOf(trying), 100)
      assert.equal(toTagOf(trying), '')
      assert.deepEqual(statuses(await endpoint.ask(invite)), [100], 'a repeated INVITE gets the last answer')
      assert.equal(calls.length, 1)
      calls[0]?.answer('late')
      assert.deepEqual(statuses(await endpoint.received()), [200])
    },
  ))

test('a repeated INVITE is one call, before and after the refusal and after its ACK', () =>
  story(
    call =>
      call.refuse(404, {
        reason: 'No\r\nSuch: Number',
        headers: [
          ['Retry-After', '9'],
          ['bad name', 'x'],
        ],
      }),
    async (endpoint, { calls, events }) => {
      const invite = request('INVITE', { port: endpoint.port, body: 'offer' })
      const [refusal] = await endpoint.ask(invite)
      assert.equal(refusal?.split('\r\n')[0], 'SIP/2.0 404 No Such: Number')
      assert.equal(headerOf(refusal, 'Retry-After'), '9')
      assert.doesNotMatch(refusal ?? '', /bad name/)
      assert.deepEqual(await endpoint.ask(invite), [refusal])
      endpoint.timers.advance(500)
      assert.deepEqual(await endpoint.received(), [refusal], 'Timer G')
      await endpoint.ask(request('ACK', { port: endpoint.port, to_tag: toTagOf(refusal) }))
      endpoint.timers.advance(4000)
      assert.deepEqual(await endpoint.ask(invite), [], 'confirmed: swallowed')
      assert.equal(calls.length, 1)
      assert.deepEqual(events, [])
    },
  ))

test('a lost ACK: the 200 is repeated for 32 s, then BYE and over', () =>
  story(
    call => call.answer('answer'),
    async (endpoint, { events }) => {
      await endpoint.ask(request('INVITE', { port: endpoint.port, body: 'offer' }))
      endpoint.timers.advance(31_900)
      assert.deepEqual(statuses(await endpoint.received()), Array(10).fill(200))
      endpoint.timers.advance(200)
      assert.deepEqual(firstLines(await endpoint.received()), [`BYE sip:caller@127.0.0.1:${endpoint.port} SIP/2.0`])
      assert.deepEqual(events, ['ended no_ack'])
      endpoint.timers.advance(40_000)
      await endpoint.received()
      assert.equal(endpoint.timers.pending(), 0, 'nothing is left running')
    },
  ))

test('CANCEL before the answer: 200 for it, 487 for the INVITE', () =>
  story(
    call => call.ringing(),
    async (endpoint, { calls, events }) => {
      const parts = { port: endpoint.port }
      await endpoint.ask(request('INVITE', { ...parts, body: 'offer' }))
      const answers = await endpoint.ask(request('CANCEL', parts))
      assert.deepEqual(
        answers.map(answer => `${statusOf(answer)} ${headerOf(answer, 'CSeq')}`),
        ['200 1 CANCEL', '487 1 INVITE'],
      )
      assert.deepEqual(events, ['cancelled'])
      calls[0]?.answer('too late')
      calls[0]?.hang_up()
      assert.deepEqual(await endpoint.received(), [])
    },
  ))

test('CANCEL after the answer changes nothing; CANCEL for nothing is 481', () =>
  story(
    call => call.answer('answer'),
    async (endpoint, { events }) => {
      await establish(endpoint)
      assert.deepEqual(statuses(await endpoint.ask(request('CANCEL', { port: endpoint.port }))), [200])
      assert.deepEqual(
        statuses(await endpoint.ask(request('CANCEL', { port: endpoint.port, branch: 'z9hG4bK-none' }))),
        [481],
      )
      assert.deepEqual(events, ['confirmed null'])
    },
  ))

test('our BYE goes by the Contact or the route, repeated until answered', () =>
  story(
    call => call.answer('answer'),
    async (endpoint, { calls, events }) => {
      const route = `<sip:127.0.0.1:${endpoint.port};lr;x=1>`
      await establish(endpoint, { more: [`Record-Route: ${route}, <sip:far.example.com;lr>`] })
      calls[0]?.hang_up()
      const [bye] = await endpoint.received()
      assert.equal(bye?.split('\r\n')[0], `BYE sip:caller@127.0.0.1:${endpoint.port} SIP/2.0`)
      assert.match(bye ?? '', /Route: <sip:127\.0\.0\.1:\d+;lr;x=1>\r\nRoute: <sip:far\.example\.com;lr>\r\n/)
      assert.equal(headerOf(bye, 'To'), '<sip:caller@127.0.0.1>;tag=caller-tag')
      endpoint.timers.advance(500)
      assert.deepEqual(await endpoint.received(), [bye])
      const lines = (bye ?? '').split('\r\n').filter(line => /^(?:Via|From|To|Call-ID|CSeq):/.test(line))
      await endpoint.ask(`SIP/2.0 200 OK\r\n${lines.join('\r\n')}\r\nContent-Length: 0\r\n\r\n`)
      assert.deepEqual(events, ['confirmed null', 'ended local_bye'])
      endpoint.timers.advance(40_000)
      assert.deepEqual(await endpoint.received(), [])
    },
  ))

test('hanging up before the ACK waits for it; before the answer it is 480', () =>
  story(
    call => call.ringing(),
    async (endpoint, { calls, events }) => {
      const invited = await endpoint.ask(request('INVITE', { port: endpoint.port, body: 'offer' }))
      calls[0]?.answer('answer')
      calls[0]?.hang_up()
      assert.deepEqual(statuses(await endpoint.received()), [200])
      const acked = await endpoint.ask(
        request('ACK', { port: endpoint.port, to_tag: toTagOf(invited[0]), branch: 'z9hG4bK-a' }),
      )
      assert.match(acked[0] ?? '', /^BYE /)
      await endpoint.ask(
        request('INVITE', { port: endpoint.port, body: 'offer', call_id: 'call-2', branch: 'z9hG4bK-b' }),
      )
      calls[1]?.hang_up()
      assert.deepEqual(statuses(await endpoint.received()), [480])
      assert.deepEqual(events, ['ended local_bye'])
    },
  ))

test('re-INVITE: answered, refused, 491 while the last has no ACK, 500 before the first answer', () =>
  story(
    call => call.ringing(),
    async (endpoint, { calls, events }) => {
      const port = endpoint.port
      const [ringing] = await endpoint.ask(request('INVITE', { port, body: 'offer' }))
      const dialog = { port, to_tag: toTagOf(ringing) }
      const early = await endpoint.ask(request('INVITE', { ...dialog, cseq: 2, branch: 'z9hG4bK-2', body: 'hold' }))
      assert.deepEqual([statusOf(early[0]), headerOf(early[0], 'Retry-After')], [500, '2'])
      calls[0]?.answer('answer')
      await endpoint.received()
      assert.deepEqual(
        statuses(await endpoint.ask(request('INVITE', { ...dialog, cseq: 3, branch: 'z9hG4bK-3', body: 'hold' }))),
        [491],
      )
      await endpoint.ask(request('ACK', { ...dialog, branch: 'z9hG4bK-4' }))
      const [held] = await endpoint.ask(request('INVITE', { ...dialog, cseq: 4, branch: 'z9hG4bK-5', body: 'hold' }))
      assert.deepEqual([statusOf(held), held?.split('\r\n\r\n')[1]], [200, 'again'])
      endpoint.timers.advance(500)
      assert.equal((await endpoint.received()).filter(text => text === held).length, 1, 'repeated until its ACK')
      await endpoint.ask(request('ACK', { ...dialog, cseq: 4, branch: 'z9hG4bK-6' }))
      endpoint.timers.advance(60_000)
      assert.deepEqual(
        (await endpoint.received()).filter(text => text === held),
        [],
      )
      assert.deepEqual(
        statuses(await endpoint.ask(request('INVITE', { ...dialog, cseq: 5, branch: 'z9hG4bK-7', body: 'no' }))),
        [488],
      )
      assert.deepEqual(events, ['confirmed null', 'reoffer hold', 'reoffer no'])
    },
    sdp => (sdp === 'no' ? { status: 488 } : 'again'),
  ))

test('an INVITE without an offer: ours in the 200, the answer in the ACK; in a re-INVITE too', () =>
  story(
    call => call.answer('our offer'),
    async (endpoint, { calls, events }) => {
      const [ok] = await endpoint.ask(request('INVITE', { port: endpoint.port }))
      assert.equal(calls[0]?.offer, null)
      const dialog = { port: endpoint.port, to_tag: toTagOf(ok) }
      await endpoint.ask(request('ACK', { ...dialog, branch: 'z9hG4bK-2', body: 'theirs' }))
      await endpoint.ask(request('INVITE', { ...dialog, cseq: 2, branch: 'z9hG4bK-3' }))
      await endpoint.ask(request('ACK', { ...dialog, cseq: 2, branch: 'z9hG4bK-4', body: 'newer' }))
      assert.deepEqual(events, ['confirmed theirs', 'reoffer null', 'confirmed newer'])
    },
  ))

test('INFO: digits in both notations, others refused; a stale CSeq is 500', () =>
  story(
    call => call.answer('answer'),
    async (endpoint, { events }) => {
      const dialog = await establish(endpoint)
      let cseq = 1
      const info = (type: string, body: string) => {
        cseq += 1
        return endpoint.ask(request('INFO', { ...dialog, cseq, branch: `z9hG4bK-i${cseq}`, type, body }))
      }
      assert.deepEqual(statuses(await info('application/dtmf-relay', 'Signal=5\r\nDuration=160\r\n')), [200])
      assert.deepEqual(statuses(await info('application/dtmf-relay; v=1', 'Signal= 11\r\n')), [200])
      assert.deepEqual(statuses(await info('application/dtmf', '*')), [200])
      assert.deepEqual(statuses(await info('application/dtmf', 'nonsense')), [400])
      assert.deepEqual(statuses(await info('application/alien', 'x')), [415])
      assert.deepEqual(
        statuses(await endpoint.ask(request('INFO', { ...dialog, cseq: 2, branch: 'z9hG4bK-old' }))),
        [500],
      )
      assert.deepEqual(events, ['confirmed null', 'dtmf 5', 'dtmf #', 'dtmf *'])
    },
  ))

test('the same request by two ways is 482; unknown dialogs are 481; RFC 2543 callers are heard', () =>
  story(
    call => call.answer('answer'),
    async (endpoint, { calls, events }) => {
      await establish(endpoint)
      const merged = request('INVITE', { port: endpoint.port, branch: 'z9hG4bK-other', body: 'offer' })
      assert.deepEqual(statuses(await endpoint.ask(merged)), [482])
      for (const method of ['BYE', 'INVITE', 'INFO', 'OPTIONS'])
        assert.deepEqual(
          statuses(
            await endpoint.ask(request(method, { port: endpoint.port, to_tag: 'none', branch: `z9hG4bK-${method}` })),
          ),
          [481],
        )
      assert.deepEqual(
        statuses(await endpoint.ask(request('BYE', { port: endpoint.port, branch: 'z9hG4bK-bye' }))),
        [481],
      )
      const old = request('INVITE', { port: endpoint.port, branch: '7', call_id: 'old', body: 'offer' })
      const [ok] = await endpoint.ask(old)
      assert.equal(statusOf(ok), 200)
      assert.deepEqual(statuses(await endpoint.ask(old)), [], 'accepted: only the user agent repeats a 2xx')
      await endpoint.ask(request('ACK', { port: endpoint.port, branch: '7', call_id: 'old', to_tag: toTagOf(ok) }))
      assert.equal(calls.length, 2)
      assert.deepEqual(events, ['confirmed null', 'confirmed null'])
    },
  ))

test('a handler that throws: 500, and the next call is taken', async () => {
  let calls = 0
  const endpoint = await openEndpoint(call => {
    calls += 1
    if (calls === 1) throw new Error('secret at /etc')
    call.refuse(999)
    return { cancelled() {}, confirmed() {}, reoffer: () => 'x', dtmf() {}, ended() {} }
  })
  const [failed] = await endpoint.ask(request('INVITE', { port: endpoint.port, body: 'offer' }))
  assert.equal(statusOf(failed), 500)
  assert.doesNotMatch(failed ?? '', /secret/)
  assert.equal(endpoint.errors.length, 1)
  const [odd] = await endpoint.ask(
    request('INVITE', { port: endpoint.port, call_id: 'two', branch: 'z9hG4bK-2', body: 'offer' }),
  )
  assert.equal(statusOf(odd), 500, 'a status that is none is a 500')
  await endpoint.close()
})

test('the transaction table is bounded: 503 beyond it, and again room after the ACKs', async () => {
  const events = { cancelled() {}, confirmed() {}, reoffer: () => 'x', dtmf() {}, ended() {} }
  const endpoint = await openEndpoint(
    call => {
      call.refuse(486)
      return events
    },
    { open_invites: 2, all: 100 },
  )
  const invite = (number: number) =>
    request('INVITE', { port: endpoint.port, call_id: `n${number}`, branch: `z9hG4bK-n${number}`, body: 'offer' })
  const [busy] = await endpoint.ask(invite(1))
  assert.deepEqual([statusOf(busy), ...statuses(await endpoint.ask(invite(2)))], [486, 486])
  const [full] = await endpoint.ask(invite(3))
  assert.deepEqual([statusOf(full), headerOf(full, 'Retry-After')], [503, '5'])
  assert.deepEqual(await endpoint.ask(invite(3)), [full], 'answered without memory, the same again')
  await endpoint.ask(
    request('ACK', { port: endpoint.port, call_id: 'n1', branch: 'z9hG4bK-n1', to_tag: toTagOf(busy) }),
  )
  assert.deepEqual(statuses(await endpoint.ask(invite(3))), [486])
  await endpoint.close()
})

test('refused once: said without memory, never repeated, and no room taken', async () => {
  const events = { cancelled() {}, confirmed() {}, reoffer: () => 'x', dtmf() {}, ended() {} }
  const endpoint = await openEndpoint(
    call => {
      call.refuse(403, { once: true })
      return events
    },
    { open_invites: 1, all: 1 },
  )
  const invite = request('INVITE', { port: endpoint.port, body: 'offer' })
  const [refused, ...more] = await endpoint.ask(invite)
  assert.deepEqual([statusOf(refused), more], [403, []])
  endpoint.timers.advance(64 * 500)
  assert.deepEqual(await endpoint.received(), [], 'nothing is repeated')
  assert.deepEqual(await endpoint.ask(invite), [refused], 'who asks again hears the same again')
  assert.deepEqual(await endpoint.ask(request('ACK', { port: endpoint.port, to_tag: toTagOf(refused) })), [])
  const other = request('INVITE', { port: endpoint.port, call_id: 'b', branch: 'z9hG4bK-b', body: 'offer' })
  assert.deepEqual(statuses(await endpoint.ask(other)), [403])
  await endpoint.close()
})
