/** Written conversations where no language model is configured. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { finishConversations } from '#app/end-conversation.ts'
import { ask, codeOf } from '#tests/harness/http.ts'
import { startWorld, type World } from '#tests/harness/world.ts'
import { begin, bodyOf, itemsOf, publishAgent, talkIn } from '#tests/talk/talking.ts'

let world: World
before(async () => {
  world = await startWorld()
})
after(() => world.close())

const CONFIG = {
  instructions:
    'You answer for Riverside Dental.\nOpening hours: Monday to Friday 8:00 to 17:00.\nA cleaning costs $95.\nNever promise discounts.',
  starting_message: 'Hello {{name}}, this is {{practice}}.',
  dynamic_variables: { practice: 'Riverside Dental', name: 'you' },
}

test('a conversation from its greeting to its summary', async () => {
  const { agent_id } = await publishAgent(world, CONFIG)
  const talk = await begin(world, {
    agent_id,
    user_id: '+15557654321',
    initial_context: { name: 'Ann' },
    custom_metadata: { a: 1 },
  })
  assert.equal(talk.starting_message, 'Hello Ann, this is Riverside Dental.')
  const first = bodyOf(await talk.say('When are you open?'))
  assert.match(String(first.reply), /Monday to Friday 8:00 to 17:00/)
  assert.match(String(first.reply), /no language model/)
  assert.equal(first.written_by, 'offline')
  const second = bodyOf(await talk.say('How much is a cleaning?'))
  assert.equal(second.reply, 'A cleaning costs $95.')
  const third = bodyOf(await talk.say('Do you give discounts?'))
  assert.doesNotMatch(String(third.reply), /Never/, 'what commands the agent is not shown')
  assert.match(String(third.reply), /found nothing/)
  const ended = bodyOf(await talk.end())
  assert.equal(ended.status, 'completed')
  assert.match(String(ended.summary), /The user spoke 3 times/)
  assert.deepEqual(bodyOf(await talk.end()), ended)
  const items = await itemsOf(talk)
  assert.deepEqual(
    items.map(({ who, kind }) => `${who} ${kind}`),
    ['agent text', 'user text', 'agent text', 'user text', 'agent text', 'user text', 'agent text'],
  )
  assert.partialDeepStrictEqual(await talk.read(), {
    status: 'completed',
    user_turn_count: 3,
    is_test: false,
    version: 1,
    initial_context: { name: 'Ann' },
    custom_metadata: { a: 1 },
    summarized_by: 'offline',
  })
  const late = await talk.say('One more thing')
  assert.equal(codeOf(late), 'conversation_ended')
  const stats = bodyOf(
    await ask(world, 'admin', { method: 'GET', path: `/core/agents/${agent_id}` }),
  ).conversation_stats
  assert.partialDeepStrictEqual(stats, { total: 1, completed: 1, active: 0 })
})

test('those who may not read what was said see nothing of it', async () => {
  const talk = await begin(world, { agent_config: CONFIG, initial_context: { name: 'Ann' }, custom_metadata: { a: 1 } })
  await talk.say('When are you open?')
  await talk.end()
  const seen = await talk.read('reader')
  for (const key of ['summary', 'criteria', 'conversation', 'initial_context', 'custom_metadata'])
    assert.equal(seen[key], null, key)
  const search = {
    method: 'GET',
    path: `/core/conversations?custom_metadata=${encodeURIComponent('{"a":1}')}`,
  } as const
  assert.equal(codeOf(await ask(world, 'reader', search)), 'scope_missing')
  const found = (await ask(world, 'listener', search)).body as { id: string }[]
  assert.ok(found.some(({ id }) => id === talk.id))
})

test('a draft and a bare config are tests: not counted, and as they were when it began', async () => {
  const { agent_id } = await publishAgent(world, CONFIG)
  const path = `/core/agents/${agent_id}/versions`
  const draft = bodyOf(
    await ask(world, 'admin', { method: 'POST', path, body: { config: { ...CONFIG, starting_message: 'Draft.' } } }),
  )
  const talk = await begin(world, { agent_version_id: draft.id })
  assert.equal(talk.starting_message, 'Draft.')
  await ask(world, 'admin', { method: 'PUT', path: `${path}/2`, body: { config: { instructions: '' } } })
  assert.match(String(bodyOf(await talk.say('When are you open?')).reply), /Monday/)
  assert.equal((await talk.read()).is_test, true)
  const bare = await begin(world, { agent_config: {} })
  assert.equal(bare.starting_message, null)
  assert.match(String(bodyOf(await bare.say('Hello?')).reply), /found nothing/)
  const stats = bodyOf(
    await ask(world, 'admin', { method: 'GET', path: `/core/agents/${agent_id}` }),
  ).conversation_stats
  assert.partialDeepStrictEqual(stats, { total: 0 })
})

test('the same message again is answered as it was, by its id, by its key, and when nobody answered', async () => {
  const talk = await begin(world, { agent_config: CONFIG })
  const once = bodyOf(await talk.say('When are you open?', { message_id: 'm1' }))
  assert.deepEqual(bodyOf(await talk.say('When are you open?', { message_id: 'm1' })), once)
  assert.equal(codeOf(await talk.say('Something else', { message_id: 'm1' })), 'message_id_reused')
  const keyed = await talk.say('How much is a cleaning?', { key: 'k1' })
  const again = await talk.say('How much is a cleaning?', { key: 'k1' })
  assert.equal(again.headers['idempotent-replayed'], 'true')
  assert.deepEqual(again.body, keyed.body)
  // Its answer was lost with the process that would have kept it.
  await sql`delete from idempotency_keys`.execute(world.app.db)
  assert.deepEqual((await talk.say('How much is a cleaning?', { key: 'k1' })).body, keyed.body)
  const streamed = await talk.hear('When are you open?', 'm1')
  assert.deepEqual(
    streamed.map(({ name }) => name),
    ['text', 'done'],
  )
  assert.deepEqual(streamed.at(-1)?.data, once)
  const items = await itemsOf(talk)
  assert.equal(items.length, 5)
  // As a crash leaves it: said, held no more, unanswered.
  await sql`update conversation_items set replied_at = null where conversation_id = ${talk.id} and position = 3`.execute(
    world.app.db,
  )
  await sql`delete from conversation_items where conversation_id = ${talk.id} and position = 4`.execute(world.app.db)
  assert.deepEqual(bodyOf(await talk.say('How much is a cleaning?', { key: 'k1' })), keyed.body)
})

test('one turn at a time; who is silent for too long is overrun', async () => {
  const talk = await begin(world, { agent_config: CONFIG })
  await sql`insert into conversation_turns values (${talk.id}, ${world.admin.organization_id}, gen_random_uuid(),
    now() + interval '1 minute')`.execute(world.app.db)
  const busy = await talk.say('Hello?')
  assert.equal(codeOf(busy), 'conversation_busy')
  assert.equal(busy.headers['retry-after'], '1')
  assert.equal((await itemsOf(talk)).length, 1)
  await sql`update conversation_turns set held_until = now() - interval '1 second'`.execute(world.app.db)
  bodyOf(await talk.say('Hello?'))
  assert.equal((await itemsOf(talk)).length, 3)
})

test('fifty conversations at once, twenty turns each, every message sent twice: each stored once', async () => {
  const { agent_id } = await publishAgent(world, CONFIG)
  const talks = await Promise.all(Array.from({ length: 50 }, () => begin(world, { agent_id })))
  await Promise.all(
    talks.map(async talk => {
      for (let turn = 0; turn < 20; turn++) {
        const text = turn % 2 === 0 ? 'When are you open?' : 'How much is a cleaning?'
        const answers = await Promise.all([0, 1].map(() => talk.say(text, { message_id: `t${turn}` })))
        const statuses = answers.map(({ status }) => status).sort()
        assert.ok(statuses[0] === 200 && [200, 409].includes(statuses[1] ?? 0), statuses.join())
        bodyOf(await talk.say(text, { message_id: `t${turn}` }))
      }
    }),
  )
  const { rows } = await sql<{ users: number; agents: number }>`select count(*) filter (where who = 'user') as users,
    count(*) filter (where who = 'agent') as agents from conversation_items
    where conversation_id = any(${talks.map(({ id }) => id)}::uuid[])`.execute(world.app.db)
  assert.deepEqual(rows[0], { users: 1000, agents: 1050 })
  const turns = await sql<{ n: number }>`select count(*) as n from conversations
    where agent_id = ${agent_id} and user_turn_count = 20`.execute(world.app.db)
  assert.equal(turns.rows[0]?.n, 50)
})

test('talkIn reads a spoken conversation and cannot write in it', async () => {
  const id = '0197f0a8-7c1e-7d34-9a51-c0ffee000009'
  await sql`insert into conversations (id, organization_id, direction, channel, status, routing, created_at, updated_at)
    values (${id}, ${world.admin.organization_id}, 'inbound', 'telephone', 'in_progress', '{}', now(), now())`.execute(
    world.app.db,
  )
  const talk = talkIn(world, id)
  assert.equal(codeOf(await talk.say('Hello?')), 'conversation_not_text')
  assert.equal(codeOf(await talk.end()), 'conversation_not_text')
})

test('what lies idle for a day is ended, and what ended by itself is summarized, once', async () => {
  const [idle, open] = [await begin(world, { agent_config: CONFIG }), await begin(world, { agent_config: CONFIG })]
  await idle.say('When are you open?')
  await sql`update conversations set updated_at = now() - interval '25 hours' where id = ${idle.id}`.execute(
    world.app.db,
  )
  await finishConversations(world.app)
  assert.partialDeepStrictEqual(await idle.read(), { status: 'completed', end_reason: 'idle', summarized_by: null })
  assert.equal((await open.read()).status, 'in_progress')
  await sql`update conversations set ended_at = now() - interval '2 minutes' where id = ${idle.id}`.execute(
    world.app.db,
  )
  await finishConversations(world.app)
  const { summary } = await idle.read()
  assert.match(String(summary), /The user spoke once/)
  await finishConversations(world.app)
  assert.equal((await idle.read()).summary, summary)
})
