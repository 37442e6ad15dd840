import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { createAgent, getAgent } from '#app/agents.ts'
import { foldConversationCounts } from '#store/conversation-counts.ts'
import { startTestApp, type TestApp } from '#tests/harness/app.ts'

let t: TestApp
let agent: string
before(async () => {
  t = await startTestApp()
  const input = { name: 'counted', description: null, active: true, is_demo: false, metadata: {} }
  agent = (await createAgent(t.app, t.caller, input)).id
})
after(() => t.close())

/** The same numbers, by counting. */
const counted = async () => {
  const { rows } = await sql<Record<string, unknown>>`
    select count(*) as total, count(*) filter (where ended_at is null) as active,
      count(*) filter (where direction = 'inbound') as inbound, count(*) filter (where direction = 'outbound') as outbound,
      count(*) filter (where status = 'completed') as completed, count(*) filter (where status = 'failed') as failed,
      count(*) filter (where status = 'transferred') as transferred, count(*) filter (where status = 'unanswered') as unanswered,
      round(avg(extract(epoch from ended_at - answered_at)), 6) as average_duration_seconds,
      max(created_at) as last_conversation_at
    from conversations where agent_id = ${agent}`.execute(t.app.db)
  return rows[0]
}
const kept = async () => {
  const { stats } = await getAgent(t.app, t.caller, agent)
  const average = stats.average_duration_seconds
  return { ...stats, average_duration_seconds: average === null ? null : Number(average.toFixed(6)) }
}
const rowCount = async (): Promise<number> => {
  const { rows } = await sql<{ n: number }>`select count(*) as n from conversation_counts`.execute(t.app.db)
  return rows[0]?.n ?? 0
}

const open = (count: number, direction: 'inbound' | 'outbound', status: string) =>
  sql`insert into conversations (id, organization_id, agent_id, direction, channel, status, routing, created_at, updated_at)
    select gen_random_uuid(), ${t.caller.organization_id}, ${agent}, ${direction}, 'telephone', ${status}, '{}',
      '2026-11-22T12:00:00Z'::timestamptz + n * interval '1 s', now() from generate_series(1, ${count}::int) n`.execute(
    t.app.db,
  )
const close = (status: string, limit: number) =>
  sql`update conversations set status = ${status}, answered_at = created_at, ended_at = created_at + interval '7.000001 s',
      updated_at = now()
    where id in (select id from conversations where ended_at is null limit ${limit}::int)`.execute(t.app.db)

test('an agent without conversations has none', async () => {
  assert.partialDeepStrictEqual(await kept(), {
    total: 0,
    active: 0,
    average_duration_seconds: null,
    last_conversation_at: null,
  })
})

test('what is kept is what counting finds, after each kind of write, folded or not', async () => {
  const steps: readonly (() => Promise<unknown>)[] = [
    () => open(50, 'inbound', 'ringing'),
    () => open(20, 'outbound', 'in_progress'),
    () => close('completed', 30),
    () => close('failed', 5),
    () => close('transferred', 5),
    () =>
      sql`update conversations set status = 'unanswered', ended_at = now() where ended_at is null`.execute(t.app.db),
    () => sql`delete from conversations where status = 'failed'`.execute(t.app.db),
  ]
  for (const [index, step] of steps.entries()) {
    await step()
    const truth = await counted()
    assert.deepEqual(await kept(), truth, `after step ${index}`)
    if (index % 2 === 1) await foldConversationCounts(t.app.db)
    assert.deepEqual(await kept(), truth, `folded after step ${index}`)
  }
})

test('a write that changes no count adds none', async () => {
  await foldConversationCounts(t.app.db)
  const before_write = await rowCount()
  await sql`update conversations set user_turn_count = user_turn_count + 1`.execute(t.app.db)
  assert.equal(await rowCount(), before_write)
  assert.equal(before_write, 1)
})

test('folding at once, while calls are written, loses and doubles nothing', async () => {
  const work = Array.from({ length: 12 }, (_, n) =>
    n % 3 === 0 ? foldConversationCounts(t.app.db) : open(5, 'inbound', 'in_progress'),
  )
  await Promise.all(work)
  assert.deepEqual(await kept(), await counted())
})
