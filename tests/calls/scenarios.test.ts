/** One behaviour of the telephone side a test, each against the real program, most of them played by SIPp. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import {
  breakGround,
  endedCalls,
  type Ground,
  makeAgent,
  type Patchcord,
  registerNumber,
} from '#tests/calls/patchcord.ts'
import { openRawCaller, type RawCaller, rawOffer, rawRequest } from '#tests/peers/raw-sip.ts'
import { runSipp, type SippRun } from '#tests/peers/sipp.ts'
import { skipWithout } from '#tests/peers/tools.ts'

const ANSWERED = '+15550100001'
const QUITS = '+15550100002'
const UNASSIGNED = '+15550100003'
const UNKNOWN = '+15550100099'
const skip = skipWithout('sipp')

let ground: Ground
let patchcord: Patchcord
let next_caller = 15_550_200_000

before(async () => {
  ground = await breakGround()
  // 127.0.0.2 is a stranger.
  await sql`update trunks set inbound_config = jsonb_set(inbound_config, '{allowed_addresses}', '["127.0.0.1"]')`.execute(
    ground.test_app.app.db,
  )
  patchcord = await ground.start()
  await makeAgent(patchcord, { name: 'Greeter', messages: ['Hello, this is the first version.'], numbers: [ANSWERED] })
  await makeAgent(patchcord, { name: 'Quitter', messages: ['Bye.'], numbers: [QUITS], silence_timeout_seconds: 1 })
  await registerNumber(patchcord, UNASSIGNED)
})

after(() => ground.clear())

/** Plays a scenario as a caller of its own; the records of that caller's calls are those of this test. */
const play = async (run: Omit<SippRun, 'remote' | 'from'>) => {
  const from = `+${next_caller++}`
  const result = await runSipp({ ...run, remote: patchcord.sip, from })
  assert.deepEqual(
    { failed: result.failed, succeeded: result.succeeded },
    { failed: 0, succeeded: run.calls ?? 1 },
    result.errors,
  )
  const records = (count: number) => endedCalls(patchcord, `user_id=${encodeURIComponent(from)}`, count)
  return { result, records }
}

describe('scenarios', { concurrency: 8 }, () => {
  test('a call with speech both ways', { skip }, async () => {
    const { records } = await play({ scenario: 'call', service: ANSWERED })
    const [call, ...others] = await records(1)
    assert.equal(others.length, 0)
    assert.equal(call?.status, 'completed')
    assert.equal(call.end_reason, 'caller_hung_up')
    assert.equal(call.agent_number, ANSWERED)
    assert.ok(
      call.media !== null && call.media.packets_sent > 25 && call.media.packets_received > 25,
      JSON.stringify(call.media),
    )
    assert.deepEqual(
      call.routing.trace.map(step => step.reason),
      ['source_accepted', 'number_found', 'alone', 'codec_agreed'],
    )
  })

  test('the same over TCP', { skip }, async () => {
    const { records } = await play({ scenario: 'call', service: ANSWERED, transport: 'tcp' })
    assert.equal((await records(1))[0]?.status, 'completed')
  })

  const cannot_send_captures = process.getuid?.() === 0 ? false : 'SIPp needs root to send the capture with the key'
  test('a key that the caller presses is heard once', { skip: skip || cannot_send_captures }, async () => {
    const { records } = await play({ scenario: 'call-dtmf', service: ANSWERED })
    const id = (await records(1))[0]?.id
    const { conversation } = await patchcord.ask<{ conversation: readonly { kind: string; text: string }[] }>(
      'GET',
      `/core/conversations/${id}`,
    )
    assert.deepEqual(
      conversation.filter(item => item.kind === 'dtmf').map(item => item.text),
      ['5'],
    )
  })

  test('an INVITE that arrives again after its answer is the same call', { skip }, async () => {
    const { records } = await play({ scenario: 'invite-twice', service: ANSWERED })
    assert.equal((await records(1)).length, 1)
  })

  test('no ACK: the 200 is repeated, then the call is torn down', { skip }, async () => {
    const { result, records } = await play({ scenario: 'lost-ack', service: ANSWERED, time_limit_ms: 50_000 })
    const repeated = Object.entries(result.repeated).find(([message]) => message.endsWith('_200'))?.[1] ?? 0
    assert.ok(repeated >= 8, `the 200 came again ${repeated} times`)
    const [call] = await records(1)
    assert.equal(call?.status, 'failed')
    assert.equal(call.end_reason, 'no_ack')
  })

  test('the agent hangs up when the line stays silent', { skip }, async () => {
    const { records } = await play({ scenario: 'bye-from-callee', service: QUITS })
    const [call] = await records(1)
    assert.equal(call?.status, 'completed')
    assert.equal(call.end_reason, 'silence_timeout')
  })

  const refusals = [
    { status: 403, service: UNKNOWN, from_host: '127.0.0.2', why: 'a source that no trunk accepts, whatever it dials' },
    {
      status: 403,
      service: ANSWERED,
      from_host: '127.0.0.2',
      why: 'a source that no trunk accepts, a number that answers',
    },
    { status: 404, service: UNKNOWN, why: 'a number that nobody has' },
    { status: 404, service: randomUUID(), why: 'an agent that does not exist' },
    { status: 480, service: UNASSIGNED, why: 'a number whose slot is empty', records: 1 },
    { status: 488, service: ANSWERED, why: 'no codec in common', records: 1 },
  ] as const
  for (const { status, service, why, ...more } of refusals) {
    test(`${status}: ${why}`, { skip }, async () => {
      const from_host = 'from_host' in more ? { from_host: more.from_host } : {}
      const { records } = await play({ scenario: `refused-${status}`, service, ...from_host })
      if (!('records' in more)) return
      const [call] = await records(1)
      assert.equal(call?.status, 'unanswered')
    })
  }

  test('OPTIONS', { skip }, async () => {
    const { result } = await play({ scenario: 'options', service: ANSWERED })
    assert.equal(result.response_times_ms.length, 1)
  })
})

/** A caller without a stack, and the texts of its one call. */
const rawCall = async (service: string) => {
  const caller: RawCaller = await openRawCaller(patchcord.sip.port)
  const from_user = `+${next_caller++}`
  const dialog = { uri: `sip:${service}@127.0.0.1:${patchcord.sip.port}`, call_id: randomUUID(), from_user }
  const branch = randomUUID()
  const sdp = rawOffer('127.0.0.1', 40_000)
  const request = (
    method: 'INVITE' | 'ACK' | 'CANCEL' | 'BYE',
    more: { branch?: string; cseq?: number; to_tag?: string | null } = {},
  ) => rawRequest(caller, { method, ...dialog, branch, cseq: 1, ...(method === 'INVITE' ? { sdp } : {}), ...more })
  const records = (count: number) => endedCalls(patchcord, `user_id=${encodeURIComponent(from_user)}`, count)
  return { caller, request, records, invite: request('INVITE') }
}

test('one INVITE five times in one burst is one call, answered once', async () => {
  const { caller, request, records, invite } = await rawCall(ANSWERED)
  try {
    caller.send(invite, invite, invite, invite, invite)
    const { to_tag } = await caller.response(each => each.status === 200)
    const bye = request('BYE', { to_tag, branch: randomUUID(), cseq: 2 })
    caller.send(request('ACK', { to_tag, branch: randomUUID() }), invite, bye)
    await caller.response(each => each.status === 200 && each.method === 'BYE')
    const tags = caller.responses.filter(each => each.status > 100).map(each => each.to_tag)
    assert.deepEqual([...new Set(tags)], [to_tag])
    assert.equal((await records(1)).length, 1)
  } finally {
    caller.close()
  }
})

/** Cancels on the heels of the INVITE. Either the call is over before it was answered, or it was answered first and is hung up. */
const cancelAtOnce = async (): Promise<'cancelled' | 'answered first'> => {
  const { caller, request, records, invite } = await rawCall(ANSWERED)
  try {
    caller.send(invite, request('CANCEL'))
    const { status, to_tag } = await caller.response(each => each.method === 'INVITE' && each.status >= 200)
    if (status === 487) {
      await caller.response(each => each.method === 'CANCEL' && each.status === 200)
      caller.send(request('ACK', { to_tag }))
      assert.deepEqual(
        (await records(1)).map(call => call.status),
        ['cancelled'],
      )
      return 'cancelled'
    }
    assert.equal(status, 200)
    caller.send(
      request('ACK', { to_tag, branch: randomUUID() }),
      request('BYE', { to_tag, branch: randomUUID(), cseq: 2 }),
    )
    await caller.response(each => each.method === 'BYE' && each.status === 200)
    assert.deepEqual(
      (await records(1)).map(call => call.status),
      ['completed'],
    )
    return 'answered first'
  } finally {
    caller.close()
  }
}

test('CANCEL before the answer: 200 to it, 487 to the INVITE', async () => {
  // The answer waits for a port that another thread opens, so the CANCEL is nearly always in time; both ends are legal.
  for (let attempt = 0; attempt < 20; attempt++) if ((await cancelAtOnce()) === 'cancelled') return
  assert.fail('every one of 20 calls was answered before its CANCEL')
})
