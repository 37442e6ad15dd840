/** Stories of a calling endpoint: a bare socket plays the called end, time moves only when told. */
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { test } from 'node:test'
import { type Endpoint, headerOf, openEndpoint, request } from '#tests/sip/endpoint.ts'
import type { ClientCall, InviteOptions } from '#voice/sip/user-agent-types.ts'

type Story = {
  readonly endpoint: Endpoint
  readonly call: ClientCall
  readonly events: string[]
  readonly invite: string
}

const CREDENTIALS = { username: 'carrier', password: 'correct horse' }

async function story(
  run: (story: Story) => Promise<void>,
  more: Pick<InviteOptions, 'credentials' | 'stays_there'> = {},
): Promise<void> {
  const endpoint = await openEndpoint(call => {
    call.refuse(480)
    return { cancelled() {}, confirmed() {}, reoffer: () => 'x', dtmf() {}, ended() {} }
  })
  const events: string[] = []
  const options = {
    target: 'sip:+15551234567@127.0.0.1',
    next_hop: `127.0.0.1:${endpoint.port}`,
    transport: 'udp',
    from_user: '+1 é',
    offer: 'offer',
  } as const
  try {
    const call = endpoint.agent.invite(
      { ...options, headers: [['X-Test', 'yes']], ...more },
      {
        progress: (status, reason) => events.push(`${status} ${reason}`),
        answered: (sdp, headers) => events.push(`answered ${sdp} ${headers.get('x-far')}`),
        failed: (status, reason) => events.push(`failed ${status} ${reason}`),
        ended: reason => events.push(`ended ${reason}`),
      },
    )
    await new Promise(resolve => setImmediate(resolve))
    const [invite = ''] = await endpoint.received()
    await run({ endpoint, call, events, invite })
    assert.deepEqual(endpoint.errors, [])
  } finally {
    await endpoint.close()
  }
}

/** An answer to a request of the endpoint's. */
function answer(to: string, status: string, tag: string, more: readonly string[] = [], body = ''): string {
  const lines = to.split('\r\n').filter(line => /^(?:Via|From|Call-ID|CSeq):/.test(line))
  const to_line =
    headerOf(to, 'To').includes(';tag=') || tag === '' ? headerOf(to, 'To') : `${headerOf(to, 'To')};tag=${tag}`
  return `SIP/2.0 ${status}\r\n${[...lines, `To: ${to_line}`, ...more].join('\r\n')}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

const starts = (texts: readonly string[]) => texts.map(text => text.split(' ', 1)[0])

test('the INVITE as sent, and its repetitions until somebody answers', () =>
  story(async ({ endpoint, events, invite, call }) => {
    assert.match(invite, /^INVITE sip:\+15551234567@127\.0\.0\.1 SIP\/2\.0\r\n/)
    assert.match(headerOf(invite, 'From'), /^<sip:\+1%20%C3%A9@127\.0\.0\.1:\d+>;tag=\w+$/)
    assert.deepEqual([headerOf(invite, 'X-Test'), headerOf(invite, 'Call-ID')], ['yes', call.call_id])
    endpoint.timers.advance(1500)
    assert.deepEqual(await endpoint.received(), [invite, invite])
    endpoint.timers.advance(40_000)
    assert.deepEqual(events, ['failed 408 Request Timeout'])
    assert.equal((await endpoint.received()).length, 4)
    await call.hang_up()
  }))

test('answered: ACK for each 200, far BYE ends it', () =>
  story(async ({ endpoint, events, invite }) => {
    await endpoint.ask(answer(invite, '100 Trying', ''))
    await endpoint.ask(answer(invite, '180 Ringing', 'far'))
    const ok = answer(
      invite,
      '200 OK',
      'far',
      [
        `Contact: <sip:desk@127.0.0.1:${endpoint.port};x=1>`,
        'X-Far: é',
        `Record-Route: <sip:127.0.0.1:1;lr>, <sip:127.0.0.1:${endpoint.port};lr>`,
      ],
      'sdp',
    )
    const [ack] = await endpoint.ask(Buffer.from(ok, 'utf8').toString('latin1'))
    assert.match(ack ?? '', /^ACK sip:desk@127\.0\.0\.1:\d+;x=1 SIP\/2\.0\r\n/)
    assert.match(ack ?? '', /Route: <sip:127\.0\.0\.1:\d+;lr>\r\nRoute: <sip:127\.0\.0\.1:1;lr>\r\n/, 'reversed')
    assert.deepEqual([headerOf(ack, 'CSeq'), headerOf(ack, 'To')], ['1 ACK', '<sip:+15551234567@127.0.0.1>;tag=far'])
    assert.notEqual(headerOf(ack, 'Via'), headerOf(invite, 'Via'))
    assert.deepEqual(starts(await endpoint.ask(Buffer.from(ok, 'utf8').toString('latin1'))), ['ACK'])
    const from_tag = /;tag=(\w+)/.exec(headerOf(invite, 'From'))?.[1] ?? ''
    const inside = { call_id: headerOf(invite, 'Call-ID'), from_tag: 'far', to_tag: from_tag, port: endpoint.port }
    const [refused] = await endpoint.ask(request('INVITE', { ...inside, cseq: 5, branch: 'z9hG4bK-5', body: 'hold' }))
    assert.match(refused ?? '', /^SIP\/2\.0 488 /)
    const [byed] = await endpoint.ask(request('BYE', { ...inside, cseq: 6, branch: 'z9hG4bK-6' }))
    assert.match(byed ?? '', /^SIP\/2\.0 200 /)
    assert.deepEqual(events, ['100 Trying', '180 Ringing', 'answered sdp é', 'ended remote_bye'])
  }))

test('hang up: BYE once answered, resolved by its answer', () =>
  story(async ({ endpoint, call, events, invite }) => {
    await endpoint.ask(answer(invite, '200 OK', 'far', [`Contact: <sip:127.0.0.1:${endpoint.port}>`], 'sdp'))
    const ended = call.hang_up()
    const [bye = ''] = await endpoint.received()
    assert.deepEqual([starts([bye])[0], headerOf(bye, 'CSeq')], ['BYE', '2 BYE'])
    await endpoint.ask(answer(bye, '200 OK', 'far'))
    await ended
    assert.deepEqual(events, ['answered sdp undefined', 'ended local_bye'])
  }))

test('hang up before any answer: CANCEL waits for the first provisional, 487 gets its ACK', () =>
  story(async ({ endpoint, call, events, invite }) => {
    const ended = call.hang_up()
    assert.deepEqual(await endpoint.received(), [])
    const [cancel = ''] = await endpoint.ask(answer(invite, '180 Ringing', 'far'))
    assert.deepEqual(
      [starts([cancel])[0], headerOf(cancel, 'Via'), headerOf(cancel, 'CSeq')],
      ['CANCEL', headerOf(invite, 'Via'), '1 CANCEL'],
    )
    await endpoint.ask(answer(cancel, '200 OK', 'far'))
    const [ack] = await endpoint.ask(answer(invite, '487 Request Terminated', 'far'))
    assert.deepEqual([starts([ack ?? ''])[0], headerOf(ack, 'Via')], ['ACK', headerOf(invite, 'Via')])
    await ended
    assert.deepEqual(events, ['failed 487 Request Terminated'])
  }))

test('CANCEL crosses the 200: taken with ACK and ended with BYE', () =>
  story(async ({ endpoint, call, events, invite }) => {
    await endpoint.ask(answer(invite, '180 Ringing', 'far'))
    void call.hang_up()
    await endpoint.received()
    const crossed = await endpoint.ask(
      answer(invite, '200 OK', 'far', [`Contact: <sip:127.0.0.1:${endpoint.port}>`], 'sdp'),
    )
    assert.deepEqual(starts(crossed), ['ACK', 'BYE'])
    await endpoint.ask(answer(crossed[1] ?? '', '200 OK', 'far'))
    assert.deepEqual(events, ['180 Ringing', 'ended local_bye'])
  }))

test('a CANCEL that nobody answers is given up after 32 s', () =>
  story(async ({ endpoint, call, events, invite }) => {
    await endpoint.ask(answer(invite, '180 Ringing', 'far'))
    const ended = call.hang_up()
    endpoint.timers.advance(33_000)
    await ended
    assert.deepEqual(events, ['180 Ringing', 'failed 487 Request Terminated'])
  }))

test('a second answer to one INVITE (a fork) is taken and ended, the first stays', () =>
  story(async ({ endpoint, events, invite }) => {
    const contact = [`Contact: <sip:127.0.0.1:${endpoint.port}>`]
    await endpoint.ask(answer(invite, '200 OK', 'one', contact, 'sdp'))
    const second = await endpoint.ask(answer(invite, '200 OK', 'two', contact, 'sdp'))
    assert.deepEqual(
      second.map(text => `${starts([text])[0]} ${/tag=(\w+)/.exec(headerOf(text, 'To'))?.[1]}`),
      ['ACK two', 'BYE two'],
    )
    assert.deepEqual(events, ['answered sdp undefined'])
  }))

test('refused: ACK in the same transaction, told once; foreign answers are ignored', () =>
  story(async ({ endpoint, events, invite }) => {
    await endpoint.ask(
      answer(invite.replace(/127\.0\.0\.1:\d+;branch/, '10.0.0.1:5060;branch'), '486 Busy Here', 'far'),
    )
    await endpoint.ask(answer(invite, '200 OK', 'far').replace('INVITE', 'BYE'))
    assert.deepEqual(events, [])
    const busy = answer(invite, '486 Busy Here', 'far')
    assert.deepEqual(starts([...(await endpoint.ask(busy)), ...(await endpoint.ask(busy))]), ['ACK', 'ACK'])
    assert.deepEqual(events, ['failed 486 Busy Here'])
  }))

test('what cannot be written into a message is refused at once', async () => {
  const endpoint = await openEndpoint(() => ({
    cancelled() {},
    confirmed() {},
    reoffer: () => 'x',
    dtmf() {},
    ended() {},
  }))
  const nobody = { progress() {}, answered() {}, failed() {}, ended() {} }
  const good = {
    target: 'sip:a@127.0.0.1',
    next_hop: '127.0.0.1:9',
    transport: 'udp',
    from_user: 'a',
    offer: '',
  } as const
  assert.throws(() => endpoint.agent.invite({ ...good, target: 'sip:a b' }, nobody), TypeError)
  assert.throws(() => endpoint.agent.invite({ ...good, target: 'sip:a@b\r\nX: y' }, nobody), TypeError)
  assert.throws(() => endpoint.agent.invite({ ...good, next_hop: 'host:99999' }, nobody), TypeError)
  await endpoint.close()
})

const CHALLENGE = 'WWW-Authenticate: Digest realm="r", nonce="n1", qop="auth", algorithm=MD5'

test('401: ACK, then the INVITE again with credentials, a new branch and the next CSeq; all that follows goes by it', () =>
  story(
    async ({ endpoint, call, events, invite }) => {
      const [ack, again = '', ...more] = await endpoint.ask(answer(invite, '401 Unauthorized', 'far', [CHALLENGE]))
      assert.deepEqual([starts([ack ?? '', again]), more], [['ACK', 'INVITE'], []])
      assert.deepEqual([headerOf(ack, 'Via'), headerOf(ack, 'CSeq')], [headerOf(invite, 'Via'), '1 ACK'])
      assert.notEqual(headerOf(again, 'Via'), headerOf(invite, 'Via'))
      for (const name of ['Call-ID', 'From', 'To', 'X-Test'])
        assert.equal(headerOf(again, name), headerOf(invite, name))
      assert.equal(headerOf(again, 'CSeq'), '2 INVITE')
      assert.match(
        headerOf(again, 'Authorization'),
        /^Digest username="carrier", realm="r", nonce="n1", uri="sip:\+15551234567@127\.0\.0\.1"/,
      )
      assert.deepEqual(events, [], 'the caller does not hear of it')
      const contact = `Contact: <sip:127.0.0.1:${endpoint.port}>`
      const [taken = ''] = await endpoint.ask(answer(again, '200 OK', 'near', [contact], 'sdp'))
      assert.deepEqual([starts([taken])[0], headerOf(taken, 'CSeq')], ['ACK', '2 ACK'])
      void call.hang_up()
      assert.equal(headerOf((await endpoint.received())[0], 'CSeq'), '3 BYE')
    },
    { credentials: CREDENTIALS },
  ))

test('401 to the credentials: refused; once more when only the nonce was too old', () =>
  story(
    async ({ endpoint, events, invite }) => {
      const [, second = ''] = await endpoint.ask(answer(invite, '401 Unauthorized', 'a', [CHALLENGE]))
      const [, third = ''] = await endpoint.ask(answer(second, '401 Unauthorized', 'b', [`${CHALLENGE}, stale=true`]))
      assert.equal(headerOf(third, 'CSeq'), '3 INVITE')
      const [ack, ...more] = await endpoint.ask(answer(third, '401 Unauthorized', 'c', [`${CHALLENGE}, stale=true`]))
      assert.deepEqual([starts([ack ?? '']), more], [['ACK'], []])
      assert.deepEqual(events, ['failed 401 Unauthorized'])
    },
    { credentials: CREDENTIALS },
  ))

test('401 without credentials, or with a challenge that nobody can answer: refused', async () => {
  const refusal = async (credentials: typeof CREDENTIALS | undefined, challenge: string) =>
    story(
      async ({ endpoint, events, invite }) => {
        assert.deepEqual(starts(await endpoint.ask(answer(invite, '401 Unauthorized', 'far', [challenge]))), ['ACK'])
        assert.deepEqual(events, ['failed 401 Unauthorized'])
      },
      credentials ? { credentials } : {},
    )
  await refusal(undefined, CHALLENGE)
  await refusal(CREDENTIALS, 'WWW-Authenticate: Basic realm="r"')
})

test('hung up before the challenge: nothing is sent again', () =>
  story(
    async ({ endpoint, call, events, invite }) => {
      const ended = call.hang_up()
      assert.deepEqual(starts(await endpoint.ask(answer(invite, '401 Unauthorized', 'far', [CHALLENGE]))), ['ACK'])
      await ended
      assert.deepEqual(events, ['failed 401 Unauthorized'])
    },
    { credentials: CREDENTIALS },
  ))

test('hung up after the challenge: CANCEL goes by the INVITE that was sent again, when that was heard', () =>
  story(
    async ({ endpoint, call, invite }) => {
      await endpoint.ask(answer(invite, '100 Trying', ''))
      const [, again = ''] = await endpoint.ask(answer(invite, '401 Unauthorized', 'far', [CHALLENGE]))
      void call.hang_up()
      assert.deepEqual(await endpoint.received(), [], '9.1: not before a provisional response')
      const [cancel] = await endpoint.ask(answer(again, '180 Ringing', 'near'))
      assert.deepEqual([headerOf(cancel, 'CSeq'), headerOf(cancel, 'Via')], ['2 CANCEL', headerOf(again, 'Via')])
      await endpoint.ask(answer(again, '487 Request Terminated', 'near'))
    },
    { credentials: CREDENTIALS },
  ))

test('a 200 that comes after a CANCEL was given up is nobody’s: no ACK makes a call of it that nobody ends', () =>
  story(async ({ endpoint, call, events, invite }) => {
    await endpoint.ask(answer(invite, '180 Ringing', 'far'))
    const ended = call.hang_up()
    assert.deepEqual(starts(await endpoint.received()), ['CANCEL'])
    endpoint.timers.advance(40_000)
    await ended
    await endpoint.received()
    const late = answer(invite, '200 OK', 'far', [`Contact: <sip:127.0.0.1:${endpoint.port}>`], 'sdp')
    assert.deepEqual(await endpoint.ask(late), [])
    assert.deepEqual(events, ['180 Ringing', 'failed 487 Request Terminated'])
  }))

test('a call that stays where it was sent says ACK and BYE there, wherever Contact and routes point', async () => {
  const elsewhere = createSocket('udp4')
  const strayed: string[] = []
  elsewhere.on('message', bytes => strayed.push(bytes.toString('latin1')))
  elsewhere.bind(0, '127.0.0.1')
  await once(elsewhere, 'listening')
  const away = `127.0.0.1:${elsewhere.address().port}`
  try {
    for (const fields of [
      [`Contact: <sip:${away}>`],
      [`Contact: <sip:${away};transport=tcp>`],
      ['Contact: <sip:desk@203.0.113.7>', `Record-Route: <sip:${away};lr>`],
    ])
      await story(
        async ({ endpoint, call, invite }) => {
          const [ack] = await endpoint.ask(answer(invite, '200 OK', 'far', fields, 'sdp'))
          assert.match(ack ?? '', /^ACK sip:/)
          const ended = call.hang_up()
          const [bye = ''] = await endpoint.received()
          assert.match(bye, /^BYE sip:/)
          await endpoint.ask(answer(bye, '200 OK', 'far'))
          await ended
        },
        { stays_there: true },
      )
    assert.deepEqual(strayed, [])
  } finally {
    elsewhere.close()
  }
})
