import assert from 'node:assert/strict'
import { readdirSync, rmSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { v7 } from 'uuid'
import { type CallSpool, openCallSpool } from '#app/call-spool.ts'
import { getConversation, listConversations } from '#app/conversations.ts'
import type { ConversationEvent } from '#app/ports.ts'
import { createCallRecorder } from '#app/record-calls.ts'
import type { IncomingCall } from '#core/call.ts'
import type { RouteDecision } from '#core/route-decision.ts'
import { beatVoiceEdge, closeAbandonedConversations } from '#store/conversations.ts'
import type { Db } from '#store/database.ts'
import { startTestApp, type TestApp } from '#tests/harness/app.ts'
import { makeTempDir } from '#tests/harness/cluster.ts'

let t: TestApp
let root: string
const spools: CallSpool[] = []
before(async () => {
  t = await startTestApp()
  root = makeTempDir('spool')
})
after(async () => {
  for (const spool of spools) await spool.close()
  assert.deepEqual(readdirSync(root), [], 'what the database has taken is on no disk')
  rmSync(root, { recursive: true })
  await t.close()
})

const recorderOf = async ({ db = t.app.db, edge_id = v7() }: { db?: Db; edge_id?: string } = {}) => {
  const spool = await openCallSpool({ root, edge_id, secrets: t.app.secrets, log: t.log })
  spools.push(spool)
  return createCallRecorder({ db, log: t.log, edge_id, spool })
}

const T0 = Date.parse('2026-11-22T12:00:00Z')
const call: IncomingCall = {
  call_id: 'c@1',
  source: { address: '127.0.0.1', port: 5062, transport: 'udp' },
  user: '+15551234567',
  request_uri: 'sip:+15551234567@127.0.0.1',
  from_user: '+4930123456',
  asserted_user: null,
  codecs: ['PCMU'],
  authorization: [],
  x_headers: {},
}
const decision = (changes: Partial<RouteDecision> = {}): RouteDecision => ({
  kind: 'decided',
  outcome: { kind: 'refuse', sip_status: 480, reason: 'slot_empty' },
  organization_id: t.caller.organization_id,
  direction: 'inbound',
  rule: 'number',
  number: '+15551234567',
  caller: '+4930123456',
  trunk_id: null,
  candidates: null,
  fallback: null,
  webhook: null,
  open: null,
  variables: {},
  trace: [{ step: 'source', reason: 'source_accepted' }],
  ...changes,
})
const opened = (
  id: string,
  changes: Partial<RouteDecision> = {},
  request_uri = call.request_uri,
): ConversationEvent => ({
  kind: 'opened',
  id,
  at_ms: T0,
  call: { ...call, request_uri },
  decision: decision(changes),
  decided_in_us: 7,
  status: 'ringing',
})
const answered = (id: string): ConversationEvent => ({ kind: 'answered', id, at_ms: T0 + 1000 })
const said = (id: string, who: 'agent' | 'user', text: string): ConversationEvent => ({
  kind: 'item',
  id,
  item: { at_ms: T0 + 2000, who, kind: who === 'user' ? 'dtmf' : 'speech', text, interrupted: false },
})
const closed = (id: string): ConversationEvent => ({
  kind: 'closed',
  id,
  at_ms: T0 + 4500,
  status: 'completed',
  reason: 'caller_hung_up',
  media: { packets_received: 10, packets_sent: 20, packets_lost: 1, packets_late: 0 },
})
const read = async (id: string) => {
  const { conversation, items } = await getConversation(t.app, t.caller, id)
  const { status, duration_seconds, user_turn_count, user_id, media, answered_at } = conversation
  return {
    status,
    duration_seconds,
    user_turn_count,
    user_id,
    media,
    answered_at,
    items: items.map(item => `${item.who}: ${item.text}`),
  }
}

test('statuses are written as they happen', async () => {
  const recorder = await recorderOf()
  const id = v7()
  const seen: unknown[] = []
  for (const event of [opened(id), answered(id), said(id, 'agent', 'Hello.'), said(id, 'user', '12#'), closed(id)]) {
    recorder.record(event)
    await recorder.flush(5000)
    const { status, items } = await read(id)
    seen.push([status, items.length])
  }
  assert.deepEqual(seen, [
    ['ringing', 0],
    ['in_progress', 0],
    ['in_progress', 1],
    ['in_progress', 2],
    ['completed', 2],
  ])
  assert.deepEqual(await read(id), {
    status: 'completed',
    duration_seconds: 3.5,
    user_turn_count: 1,
    user_id: '+4930123456',
    media: { packets_received: 10, packets_sent: 20, packets_lost: 1, packets_late: 0 },
    answered_at: '2026-11-22T12:00:01.000000Z',
    items: ['agent: Hello.', 'user: 12#'],
  })
})

test('variables and metadata are kept; none is null', async () => {
  const recorder = await recorderOf()
  const [id, plain] = [v7(), v7()]
  const reply = {
    override_agent: null,
    override_version: null,
    dynamic_variables: { name: 'Ann' },
    metadata: { ticket: { id: 7 } },
    reject: false,
  }
  const webhook = { kind: 'replied', reply, took_ms: 5, attempts: 1 } as const
  recorder.record(opened(id, { webhook, variables: { x_shoe_size: '44', name: 'Ann' } }))
  recorder.record(opened(plain))
  await recorder.flush(5000)
  const read_back = async (of: string) => {
    const { initial_context, custom_metadata } = (await getConversation(t.app, t.caller, of)).conversation
    return { initial_context, custom_metadata }
  }
  assert.deepEqual(await read_back(id), {
    initial_context: { x_shoe_size: '44', name: 'Ann' },
    custom_metadata: { ticket: { id: 7 } },
  })
  assert.deepEqual(await read_back(plain), { initial_context: null, custom_metadata: null })
})

test('a whole call in one batch is the same as one event at a time', async () => {
  const recorder = await recorderOf()
  const [id, other] = [v7(), v7()]
  for (const event of [
    opened(id),
    opened(other),
    answered(id),
    said(id, 'agent', 'Hello.'),
    said(id, 'user', '1'),
    answered(other),
    closed(id),
  ])
    recorder.record(event)
  await recorder.flush(5000)
  assert.equal((await read(id)).status, 'completed')
  assert.equal((await read(id)).user_turn_count, 1)
  assert.equal((await read(other)).status, 'in_progress')
})

test('a call that fell before its organization was known is nobody’s record', async () => {
  const recorder = await recorderOf()
  const id = v7()
  recorder.record(opened(id, { organization_id: null }))
  recorder.record(closed(id))
  await recorder.flush(5000)
  const { rows } = await sql`select 1 from conversations where id = ${id}`.execute(t.app.db)
  assert.equal(rows.length, 0)
})

test('records that the database cannot take do not hold up others, and hostile text is stored', async () => {
  const recorder = await recorderOf()
  const [poisoned, hostile, good] = [v7(), v7(), v7()]
  recorder.record(opened(poisoned, { caller: 'NUL \u0000 here' }))
  recorder.record(opened(hostile, {}, 'sip:\u0000\ud800\u0007@x'))
  recorder.record(opened(good))
  await recorder.flush(5000)
  assert.equal((await read(good)).status, 'ringing')
  assert.equal((await read(hostile)).status, 'ringing')
  assert.ok(t.log.lines.some(line => line.level === 'error' && line.fields.conversation_id === poisoned))
})

test('the same events written twice leave one record', async () => {
  const recorder = await recorderOf()
  const id = v7()
  const events = [opened(id), answered(id), said(id, 'agent', 'Hello.'), closed(id)]
  for (const event of [...events, ...events]) recorder.record(event)
  await recorder.flush(5000)
  assert.deepEqual((await read(id)).items, ['agent: Hello.'])
})

test('a database that is away delays the record, and loses nothing', async () => {
  // 57P01 is what PostgreSQL tells a session that it ends; the second try finds it back.
  let failures = 0
  const { db } = t.app
  const away: typeof db = Object.assign(Object.create(db), {
    transaction: () => {
      failures += 1
      if (failures === 1) throw Object.assign(new Error('terminating connection'), { code: '57P01' })
      return db.transaction()
    },
  })
  const recorder = await recorderOf({ db: away })
  const id = v7()
  recorder.record(opened(id))
  recorder.record(answered(id))
  await recorder.flush(10_000)
  assert.deepEqual([failures, (await read(id)).status], [2, 'in_progress'])
})

// Each was taken for the record's own fault once, and the record thrown away.
for (const [what, code] of [
  ['no way to its network', 'ENETUNREACH'],
  ['no database of that name, while a backup is put back', '3D000'],
  ['its tables are not there yet', '42P01'],
  ['a password that was changed', '28P01'],
  ['a statement that an operator cancelled', '57014'],
] as const)
  test(`records wait for a database that does not take them now: ${what}`, async () => {
    let failures = 0
    const { db } = t.app
    const away: typeof db = Object.assign(Object.create(db), {
      transaction: () => {
        failures += 1
        if (failures === 1) throw Object.assign(new Error('not now'), { code })
        return db.transaction()
      },
    })
    const recorder = await recorderOf({ db: away })
    const id = v7()
    for (const event of [opened(id), answered(id), closed(id)]) recorder.record(event)
    await recorder.flush(10_000)
    assert.deepEqual([failures, (await read(id)).status], [2, 'completed'])
  })

test('calls of a process that fell silent are closed, those of a living one are not', async () => {
  const [dead, living] = [v7(), v7()]
  const [lost, running] = [v7(), v7()]
  for (const [edge_id, id] of [
    [dead, lost],
    [living, running],
  ] as const) {
    await beatVoiceEdge(t.app.db, edge_id)
    const recorder = await recorderOf({ edge_id })
    recorder.record(opened(id))
    recorder.record(answered(id))
    await recorder.flush(5000)
  }
  await sql`update voice_edges set seen_at = now() - interval '21 seconds' where id = ${dead}`.execute(t.app.db)
  await closeAbandonedConversations(t.app.db, 20)
  assert.deepEqual([(await read(lost)).status, (await read(running)).status], ['failed', 'in_progress'])
})

test('a call whose process died has lasted until its last sign of life, not until somebody looked', async () => {
  const edge_id = v7()
  const recorder = await recorderOf({ edge_id })
  const id = v7()
  recorder.record(opened(id))
  recorder.record(answered(id))
  await recorder.flush(5000)
  const seen_at = '2026-11-22T12:05:01Z'
  await sql`insert into voice_edges (id, seen_at) values (${edge_id}, ${seen_at})`.execute(t.app.db)
  await closeAbandonedConversations(t.app.db, 20)
  assert.deepEqual([(await read(id)).status, (await read(id)).duration_seconds], ['failed', 300])
})

test('what a dead process has left on disk undoes nothing of what it had written at once', async () => {
  const recorder = await recorderOf()
  const [living, dead] = [v7(), v7()]
  for (const id of [living, dead])
    for (const event of [opened(id), answered(id), said(id, 'user', '1'), said(id, 'user', '2')]) recorder.record(event)
  await recorder.flush(5000)
  await sql`update conversations set ended_at = ${'2026-11-22T12:00:20Z'}, updated_at = now(),
    status = 'failed', end_reason = 'process_died' where id = ${dead}`.execute(t.app.db)
  const next = await recorderOf()
  // Only its beginning was in a file.
  for (const id of [living, dead]) next.record(opened(id))
  await next.flush(5000)
  assert.deepEqual([(await read(living)).status, (await read(living)).user_turn_count], ['in_progress', 2])
  await closeAbandonedConversations(t.app.db, 0)
  const { status, user_turn_count, duration_seconds } = await read(dead)
  assert.deepEqual([status, user_turn_count, duration_seconds], ['failed', 2, 19])
})

test('filters and pages', async () => {
  const other = await t.organization('Elsewhere')
  assert.deepEqual((await listConversations(t.app, other.caller, { limit: 10, after: null }, {})).items, [])
  const count = async (filters: Parameters<typeof listConversations>[3]) =>
    (await listConversations(t.app, t.caller, { limit: 100, after: null }, filters)).items.length
  const all = await count({})
  assert.ok(all >= 6)
  assert.equal(await count({ user_id: '30123' }), all)
  assert.equal(await count({ user_id: 'nobody' }), 0)
  assert.equal(
    (await count({ duration_above: 3.5 })) + (await count({ duration_below: 3.4 })),
    await count({ duration_above: 0 }),
  )
  assert.equal(await count({ direction: 'outbound' }), 0)
  assert.equal(await count({ created_after: '2026-11-22T12:00:00Z', created_before: '2026-11-22T12:00:00Z' }), all)
  const seen = new Set<string>()
  for (let after: { created_at: string; id: string } | null = null; ; ) {
    const page: Awaited<ReturnType<typeof listConversations>> = await listConversations(
      t.app,
      t.caller,
      { limit: 2, after },
      {},
    )
    for (const item of page.items) seen.add(item.id)
    if (page.next === null) break
    after = page.next
  }
  assert.equal(seen.size, all, 'ties on created_at lose nothing')
})

test('what has piled up while the database was away is written, however much', async () => {
  const recorder = await recorderOf()
  const id = v7()
  recorder.record(opened(id))
  // One statement with all of them would have more parameters than PostgreSQL's protocol can count (65535).
  for (let index = 0; index < 10_000; index += 1) recorder.record(said(id, 'user', String(index)))
  recorder.record(closed(id))
  await recorder.flush(20_000)
  const { status, user_turn_count, items } = await read(id)
  assert.deepEqual([status, user_turn_count, items.length], ['completed', 10_000, 10_000])
})

test('a process that was cut off says itself what became of its calls, after another has taken it for dead', async () => {
  const edge_id = v7()
  const recorder = await recorderOf({ edge_id })
  const [over, going_on, over_at_once] = [v7(), v7(), v7()]
  for (const id of [over, going_on, over_at_once]) recorder.record(opened(id))
  await recorder.flush(5000)
  await closeAbandonedConversations(t.app.db, 0)
  assert.equal((await read(over)).status, 'failed')
  for (const id of [over, going_on]) recorder.record(answered(id))
  await recorder.flush(5000)
  assert.deepEqual([(await read(over)).status, (await read(going_on)).status], ['in_progress', 'in_progress'])
  for (const id of [over, over_at_once]) recorder.record(closed(id))
  await recorder.flush(5000)
  assert.deepEqual([(await read(over)).status, (await read(over_at_once)).status], ['completed', 'completed'])
  await closeAbandonedConversations(t.app.db, 0)
  assert.deepEqual([(await read(over)).status, (await read(going_on)).status], ['completed', 'failed'])
})

test('what is known later is added to what an earlier process has written, by the same notes from their beginning', async () => {
  const id = v7()
  const first = await recorderOf()
  for (const event of [opened(id), answered(id)]) first.record(event)
  await first.flush(5000)
  const second = await recorderOf()
  for (const event of [opened(id), answered(id), said(id, 'user', '1'), closed(id)]) second.record(event)
  await second.flush(5000)
  const { status, items, user_turn_count } = await read(id)
  assert.deepEqual([status, items, user_turn_count], ['completed', ['user: 1'], 1])
})
