/** A number whose webhook is asked while the caller listens to it ring. The webhook is the test's, on loopback. */
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { after, before, type TestContext, test } from 'node:test'
import { openReceiver } from '#tests/adapters/receiver.ts'
import {
  breakGround,
  type CallRecord,
  endedCalls,
  type Ground,
  makeAgent,
  type Patchcord,
  registerNumber,
} from '#tests/calls/patchcord.ts'
import { makeTempDir } from '#tests/harness/cluster.ts'
import { callWithBaresip } from '#tests/peers/baresip.ts'
import { openRawCaller, type RawCaller, type RawResponse, rawOffer, rawRequest } from '#tests/peers/raw-sip.ts'
import { runSipp } from '#tests/peers/sipp.ts'
import { skipWithout } from '#tests/peers/tools.ts'
import { transcribe, wordScore, wordsOf } from '#tests/peers/transcribe.ts'

const ASKED = '+15550180001'
const NOBODYS = '+15550180002'
const directory = makeTempDir('webhook')
let ground: Ground
let patchcord: Patchcord
/** On no number and not deployed: no process that answers calls has any reason to know it. */
let stranger_id: string
let next_caller = 15_550_280_000

before(async () => {
  ground = await breakGround()
  patchcord = await ground.start({ OUTBOUND_ALLOW: '127.0.0.0/8' })
  await makeAgent(patchcord, { name: 'Drawn', messages: ['Hello, this is the one that was drawn.'], numbers: [ASKED] })
  stranger_id = await makeAgent(patchcord, {
    name: 'Named',
    messages: ['Hello.', 'Welcome back {{name}}, your order is on its way.'],
  })
  await registerNumber(patchcord, NOBODYS)
})
after(async () => {
  await ground.clear()
  rmSync(directory, { recursive: true, force: true })
})

const setWebhook = (number: string, webhook_url: string, webhook_timeout_ms = 5000): Promise<unknown> =>
  patchcord.ask('PATCH', `/core/phone-numbers/${encodeURIComponent(number)}/routing`, {
    webhook_url,
    webhook_timeout_ms,
  })

const json = (response: ServerResponse, call_inbound: object): void => {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ call_inbound }))
}

type Routed = CallRecord & {
  readonly initial_context: object | null
  readonly custom_metadata: object | null
  readonly routing: { readonly webhook: { readonly result: string; readonly failure: string | null } | null }
}
const recordOf = async (from: string): Promise<Routed> => {
  const [call] = await endedCalls(patchcord, `user_id=${encodeURIComponent(from)}`, 1)
  return patchcord.ask<Routed>('GET', `/core/conversations/${call?.id}`)
}

/** One call by datagrams, with what was heard of it so far. */
const dial = async (t: TestContext, number = ASKED) => {
  const caller = await openRawCaller(patchcord.sip.port)
  t.after(() => caller.close())
  const from_user = `+${next_caller++}`
  const uri = `sip:${number}@127.0.0.1:${patchcord.sip.port}`
  const dialog = { uri, call_id: `${from_user}@test`, from_user }
  const branch = from_user.slice(1)
  const request = (method: 'INVITE' | 'ACK' | 'CANCEL' | 'BYE', more: object = {}) =>
    rawRequest(caller, { method, ...dialog, branch, cseq: 1, ...more })
  caller.send(request('INVITE', { sdp: rawOffer('127.0.0.1', 9) }))
  const answered = (status: number) => caller.response(each => each.method === 'INVITE' && each.status === status)
  const hangUp = async (to_tag: string | null): Promise<void> => {
    caller.send(
      request('ACK', { to_tag, branch: `${branch}a` }),
      request('BYE', { to_tag, branch: `${branch}b`, cseq: 2 }),
    )
    await caller.response(each => each.method === 'BYE')
  }
  return { caller, from_user, request, answered, hangUp }
}

test('it rings, then whom the webhook named answers, whom nobody here knew before', async t => {
  const { promise: asked, resolve: wasAsked } = Promise.withResolvers<ServerResponse>()
  const { url, requests } = await openReceiver(t, wasAsked)
  await setWebhook(ASKED, url)
  const { caller, from_user, answered, hangUp } = await dial(t)
  await answered(180)
  const response = await asked
  assert.ok(!caller.responses.some(each => each.status >= 200))
  json(response, {
    override_agent_id: `agent_${stranger_id.replaceAll('-', '')}`,
    override_agent_version: 1,
    dynamic_variables: { name: 'Ann' },
    metadata: { ticket: 7 },
  })
  const ok = await answered(200)
  assert.match(ok.text, new RegExp(`^X-Patchcord-Agent: ${stranger_id}\\r$`, 'm'))
  assert.match(ok.text, /^X-Patchcord-Version: 2\r$/m)
  await hangUp(ok.to_tag)
  const record = await recordOf(from_user)
  assert.deepEqual([record.status, record.agent_id, record.version], ['completed', stranger_id, 2])
  assert.deepEqual(record.initial_context, { name: 'Ann' })
  assert.deepEqual(record.custom_metadata, { ticket: 7 })
  assert.equal(record.routing.webhook?.result, 'replied')
  assert.equal(requests.length, 1)
})

test('what the webhook gives is heard in the starting message', {
  skip: skipWithout('baresip', 'sox', 'pocketsphinx_continuous'),
}, async t => {
  const { url } = await openReceiver(t, response =>
    json(response, { override_agent_id: stranger_id, dynamic_variables: { name: 'Captain Jones' } }),
  )
  await setWebhook(ASKED, url)
  const uri = `sip:${ASKED}@127.0.0.1:${patchcord.sip.port}`
  const call = await callWithBaresip({ directory, uri, from: '+15550281001', hold_ms: 5000 })
  assert.ok(call.heard_wav !== null, call.output)
  const said = 'Welcome back Captain Jones, your order is on its way.'
  const heard = await transcribe(call.heard_wav, [said, 'Welcome back, your order is on its way.'])
  assert.ok(wordScore(wordsOf(said), heard) >= 0.7, heard.join(' '))
  assert.ok(heard.includes('jones'), heard.join(' '))
})

test('CANCEL while the webhook is asked: 487 at once, and the record says what was left open', async t => {
  const { promise: asked, resolve: wasAsked } = Promise.withResolvers<ServerResponse>()
  const { url } = await openReceiver(t, wasAsked)
  await setWebhook(ASKED, url)
  const { caller, from_user, request, answered } = await dial(t)
  await asked
  caller.send(request('CANCEL'))
  const { to_tag } = await answered(487)
  caller.send(request('ACK', { to_tag }))
  const record = await recordOf(from_user)
  assert.deepEqual([record.status, record.end_reason], ['cancelled', 'cancelled'])
  assert.equal(record.routing.webhook?.failure, 'webhook_abandoned')
})

test('what the webhook rejects hears 603', { skip: skipWithout('sipp') }, async t => {
  const { url } = await openReceiver(t, response => json(response, { reject: true }))
  await setWebhook(ASKED, url)
  const from = '+15550281002'
  const result = await runSipp({ scenario: 'refused-603', remote: patchcord.sip, service: ASKED, from })
  assert.deepEqual([result.succeeded, result.failed], [1, 0], result.errors)
  const record = await recordOf(from)
  assert.deepEqual([record.status, record.end_reason], ['failed', 'webhook_rejected'])
})

const SILENT = [
  ['that never answers', () => {}, 'webhook_timed_out'],
  ['that answers 500', (response: ServerResponse) => response.writeHead(500).end(), 'webhook_status'],
  ['that answers nonsense', (response: ServerResponse) => response.end('{'), 'webhook_malformed'],
] as const
for (const [name, answer, failure] of SILENT)
  test(`a webhook ${name} has no say: the drawn version answers`, async t => {
    const { url } = await openReceiver(t, answer)
    await setWebhook(ASKED, url, 250)
    const { from_user, answered, hangUp } = await dial(t)
    const ok = await answered(200)
    await hangUp(ok.to_tag)
    const record = await recordOf(from_user)
    assert.deepEqual([record.status, record.version], ['completed', 1])
    assert.equal(record.routing.webhook?.failure, failure)
  })

/** Calls by Call-ID and the last status that each heard, looked at once a response. */
const watchCalls = (caller: RawCaller) => {
  const statuses = new Map<string, number>()
  const see = (each: RawResponse): void => {
    const call_id = /^Call-ID: (.*)\r$/m.exec(each.text)?.[1] ?? ''
    if (each.method === 'INVITE') statuses.set(call_id, Math.max(each.status, statuses.get(call_id) ?? 0))
  }
  let seen = 0
  return {
    with: (status: number): number => [...statuses.values()].filter(each => each === status).length,
    statusOf: (call_id: string): number => statuses.get(call_id) ?? 0,
    /** Resolves once it is so. Where nothing comes for a second, `again` says it once more, as telephones do over UDP. */
    until: async (done: () => boolean, again: () => void = () => {}): Promise<void> => {
      for (let quiet = 0; quiet < 60; ) {
        for (const each of caller.responses.slice(seen)) see(each)
        seen = caller.responses.length
        if (done()) return
        const known = seen
        await caller
          .response(() => caller.responses.length > known, 1000)
          .catch(() => {
            quiet += 1
            again()
          })
      }
      assert.fail('nothing more came')
    },
  }
}

test('1200 calls at once: a thousand at most wait for the webhook, the others are not kept waiting, none is lost', async t => {
  const held: ServerResponse[] = []
  const asked = { open: 0, most: 0, released: false }
  const { url } = await openReceiver(t, response => {
    asked.open += 1
    asked.most = Math.max(asked.most, asked.open)
    response.once('close', () => {
      asked.open -= 1
    })
    if (asked.released) json(response, { reject: true })
    else held.push(response)
  })
  await setWebhook(NOBODYS, url, 10_000)
  const caller = await openRawCaller(patchcord.sip.port)
  t.after(() => caller.close())
  const calls = watchCalls(caller)
  const uri = `sip:${NOBODYS}@127.0.0.1:${patchcord.sip.port}`
  const sdp = rawOffer('127.0.0.1', 9)
  const invite = (nth: number): void =>
    caller.send(
      rawRequest(caller, {
        ...{ method: 'INVITE', uri, call_id: `storm-${nth}`, from_user: 'storm' },
        ...{ branch: `storm${nth}`, cseq: 1, sdp },
      }),
    )
  // In handfuls: a system’s buffer for datagrams may be small.
  for (let sent = 0; sent < 1200; ) {
    const begun = sent
    for (const end = sent + 50; sent < end; sent += 1) invite(sent)
    const unheard = () => {
      for (let nth = begun; nth < sent; nth++) if (calls.statusOf(`storm-${nth}`) === 0) invite(nth)
    }
    await calls.until(() => calls.with(180) + calls.with(480) === sent, unheard)
  }
  // A thousand answers at once overrun the caller's buffer: those lost come again for an INVITE that is said again.
  const unfinished = () => {
    const open = Array.from({ length: 1200 }, (_, nth) => nth).filter(nth => calls.statusOf(`storm-${nth}`) < 300)
    for (const nth of open.slice(0, 50)) invite(nth)
  }
  asked.released = true
  for (const response of held) json(response, { reject: true })
  await calls.until(() => calls.with(603) + calls.with(480) === 1200, unfinished)
  assert.ok(asked.most <= 1000, String(asked.most))
  // On a slow machine some have waited for longer than the webhook may take, which ends in 480 and frees their place.
  assert.ok(calls.with(480) >= 200 && calls.with(603) > 0, `${calls.with(480)}, ${calls.with(603)}`)
})
