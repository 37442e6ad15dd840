/** Written conversations with a language model behind a socket: streams, tools, and what goes wrong. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import { sql } from 'kysely'
import { ask, codeOf } from '#tests/harness/http.ts'
import { startWorld, type World } from '#tests/harness/world.ts'
import { type ModelServer, says, startModelServer } from '#tests/peers/model-server.ts'
import { begin, bodyOf, itemsOf } from '#tests/talk/talking.ts'

let world: World
let model: ModelServer
const asked: { method: string; url: string; headers: Record<string, unknown>; body: string }[] = []
let answerStatus = 200
const service = createServer(async (request, response) => {
  const body = Buffer.concat(await request.toArray()).toString()
  asked.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body })
  response.writeHead(answerStatus, { 'content-type': 'application/json' }).end('{"slots":["9:00"]}')
})
let service_url = ''

before(async () => {
  model = await startModelServer()
  await new Promise<void>(resolve => service.listen(0, '127.0.0.1', resolve))
  service_url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`
  world = await startWorld({
    model: { base_url: model.base_url, model: 'm', api_key: null, prices: null },
    outbound_allow: ['127.0.0.0/8'],
  })
})
after(async () => {
  await world.close()
  await model.close()
  service.closeAllConnections()
  service.close()
})
beforeEach(() => {
  asked.length = 0
  model.requests.length = 0
  model.turns.length = 0
  answerStatus = 200
})

const calls = (...list: readonly (readonly [name: string, args: object])[]) => ({
  kind: 'tool_calls' as const,
  calls: list.map(([name, args], index) => ({ id: `c${index}`, name, arguments: JSON.stringify(args) })),
})

const config = () => ({
  instructions: 'You book for {{practice}}.',
  dynamic_variables: { practice: 'Riverside' },
  max_tool_steps: 3,
  tools: [
    {
      name: 'find_slots',
      description: 'Finds free hours.',
      properties: { day: { type: 'string' }, kind: { type: 'string', enum: ['cleaning', 'check-up'] } },
      required: ['day'],
      actions: [
        { type: 'play_message', text: 'Looking at {{day}}.' },
        {
          type: 'http_request',
          url: `${service_url}/slots?day={{day}}`,
          body: '{"day":"{{day}}","at":"{{practice}}"}',
        },
      ],
      actions_on_error: [{ type: 'play_message', text: 'The calendar does not answer.' }],
    },
    { name: 'dial', actions: [{ type: 'dtmf', digits: '1' }] },
    { name: 'leave', actions: [{ type: 'hangup', message: 'Goodbye from {{practice}}.' }], output: 'Done.' },
  ],
})

test('a reply is streamed as it is written, kept with how long it took', async () => {
  const talk = await begin(world, { agent_config: config() })
  model.turns.push(says('We are ', 'open ', 'today.'))
  const events = await talk.hear('Are you open?')
  assert.deepEqual(
    events.map(({ name, data }) => (name === 'text' ? data.text : name)),
    ['We are ', 'open ', 'today.', 'done'],
  )
  assert.partialDeepStrictEqual(events.at(-1)?.data, {
    reply: 'We are open today.',
    written_by: 'model',
    status: 'in_progress',
  })
  const [, item] = await itemsOf(talk)
  assert.partialDeepStrictEqual(item, { text: 'We are open today.', written_by: 'model' })
  assert.equal(typeof item?.took_ms, 'number')
  const { messages, tools } = model.requests[0]?.body ?? assert.fail()
  assert.match(String(messages[0]?.content), /You book for Riverside\.\n\nAnswer in this language: en-US/)
  assert.equal(tools?.length, 3)
})

test('a tool says, asks, and its result goes back; what the model gives stays text', async () => {
  const talk = await begin(world, { agent_config: config() })
  const day = '"},"admin":true,{"x":"{{practice}} &a=1'
  model.turns.push(calls(['find_slots', { day }]), says('At nine.'))
  const answer = bodyOf(await talk.say('Do you have time?'))
  assert.equal(answer.reply, `Looking at ${day}.\n\nAt nine.`)
  assert.equal(asked.length, 1)
  assert.equal(new URL(asked[0]?.url ?? '', service_url).searchParams.get('day'), day)
  assert.deepEqual(JSON.parse(asked[0]?.body ?? ''), { day, at: 'Riverside' })
  assert.equal(asked[0]?.headers['idempotency-key'], `${talk.id}-0-0-1`)
  const [call] = answer.tool_calls as { name: string; result: string; error: null }[]
  assert.match(call?.result ?? '', /9:00/)
  const second = model.requests[1]?.body.messages ?? []
  assert.equal(second.at(-1)?.role, 'tool')
  assert.match(String(second.at(-1)?.content), /9:00/)
  const items = await itemsOf(talk)
  assert.deepEqual(
    items.map(({ kind }) => kind),
    ['text', 'text', 'tool_call', 'text'],
  )
  // What came before is told in the next turn too.
  model.turns.push(says('Yes.'))
  await talk.say('Sure?')
  assert.deepEqual(
    model.requests.at(-1)?.body.messages.map(({ role }) => role),
    ['system', 'user', 'assistant', 'assistant', 'tool', 'assistant', 'user'],
  )
})

test('a tool that fails does what it has for that; what a channel cannot do fails alike', async () => {
  answerStatus = 503
  const talk = await begin(world, { agent_config: config() })
  model.turns.push(calls(['find_slots', { day: 'Monday' }], ['dial', {}]), says('Sorry.'))
  const answer = bodyOf(await talk.say('Time?'))
  assert.equal(answer.reply, 'Looking at Monday.\n\nThe calendar does not answer.\n\nSorry.')
  const [slots, dial] = answer.tool_calls as { error: string }[]
  assert.equal(slots?.error, 'it answered 503')
  assert.equal(dial?.error, 'dtmf is not possible in a text conversation')
})

test('what an action got decides whether the next one happens', async () => {
  const said = (text: string, condition: object) => ({ type: 'play_message', text, condition })
  const actions = [
    { type: 'http_request', url: service_url },
    said('Free.', { value: '{{result}}', is: '{"slots":["9:00"]}' }),
    said('Taken.', { value: '{{day}}', is_not: 'Monday' }),
  ]
  const days = [{ name: 'ask', properties: { day: {} }, actions, output: 'Asked.' }]
  const talk = await begin(world, { agent_config: { tools: days } })
  model.turns.push(calls(['ask', { day: 'Monday' }]), says('Done.'))
  assert.equal(bodyOf(await talk.say('Time?')).reply, 'Free.\n\nDone.')
})

test('faulty calls are told so, and after max_tool_steps there are no more tools', async () => {
  const talk = await begin(world, { agent_config: config() })
  const faulty = [calls(['nothing', {}]), calls(['find_slots', {}]), calls(['find_slots', { day: 'x', kind: 'y' }])]
  model.turns.push(...faulty, calls(['find_slots', { day: 'x' }]))
  model.otherwise = () => calls(['dial', {}])
  const answer = bodyOf(await talk.say('Time?'))
  const errors = (answer.tool_calls as { error: string }[]).map(({ error }) => error)
  assert.deepEqual(errors.slice(0, 4), [
    'there is no such tool',
    'these parameters are missing: day',
    'kind must be one of cleaning, check-up',
    'no more tools in this turn; answer now',
  ])
  assert.equal(model.requests.at(-1)?.body.tools, undefined)
  assert.equal(model.requests.length, 6)
  assert.equal(asked.length, 0)
  assert.equal(answer.reply, 'I have no answer to that.')
  model.otherwise = () => says('Certainly.')
})

test('the agent ends the conversation; it is summarized by the model', async () => {
  const talk = await begin(world, { agent_config: { ...config(), success_criteria: [{ name: 'Booked' }] } })
  model.turns.push(calls(['leave', {}]))
  const answer = bodyOf(await talk.say('Bye'))
  assert.partialDeepStrictEqual(answer, { reply: 'Goodbye from Riverside.', status: 'completed' })
  assert.equal(codeOf(await talk.say('Hello?')), 'conversation_ended')
  model.turns.push(says('{"summary":"They left.","criteria":[{"name":"Booked","met":false,"why":"They left."}]}'))
  const ended = bodyOf(await talk.end())
  assert.partialDeepStrictEqual(ended, { summary: 'They left.', summarized_by: 'model' })
  const before_it = model.requests.length
  assert.deepEqual(bodyOf(await talk.end()), ended)
  assert.equal(model.requests.length, before_it)
  assert.deepEqual((await talk.read()).criteria, [{ name: 'Booked', met: false, why: 'They left.' }])
})

test('a model that fails: 502, and the same message again is answered once', async () => {
  const talk = await begin(world, { agent_config: config() })
  model.turns.push({ kind: 'status', status: 401 })
  const failed = await talk.say('Are you open?')
  assert.equal(failed.status, 502)
  model.turns.push({ kind: 'breaks', pieces: ['We are '] })
  const events = await talk.hear('Are you open?')
  assert.deepEqual(
    events.map(({ name }) => name),
    ['text', 'error'],
  )
  assert.equal(events.at(-1)?.data.code, 'model_broken_stream')
  model.turns.push(says('Yes.'))
  assert.equal(bodyOf(await talk.say('Are you open?')).reply, 'Yes.')
  assert.deepEqual(
    (await itemsOf(talk)).map(({ who, text }) => `${who}: ${text}`),
    ['user: Are you open?', 'agent: Yes.'],
  )
})

test('a turn that broke off behind a tool goes on behind it', async () => {
  const talk = await begin(world, { agent_config: config() })
  model.turns.push(calls(['find_slots', { day: 'Monday' }]), { kind: 'status', status: 400 })
  assert.equal((await talk.say('Time?', { message_id: 'a' })).status, 502)
  model.turns.push(says('At nine.'))
  const answer = bodyOf(await talk.say('Time?', { message_id: 'a' }))
  assert.equal(answer.reply, 'Looking at Monday.\n\nAt nine.')
  assert.equal(asked.length, 1, 'asked once')
})

test('who ends the conversation while the agent thinks is not written to any more', async () => {
  const talk = await begin(world, { agent_config: config() })
  const writes = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  const between = () => {
    writes.resolve()
    return ended.promise
  }
  model.turns.push({ kind: 'text', pieces: ['We ', 'are.'], between })
  const saying = talk.say('Are you open?')
  await writes.promise
  bodyOf(await talk.end())
  ended.resolve()
  assert.equal(codeOf(await saying), 'conversation_ended')
  assert.deepEqual(
    (await itemsOf(talk)).map(({ who }) => who),
    ['user'],
  )
})

test('a reply is no longer than the channel lets it be, and the model is not listened to any further', async () => {
  const talk = await begin(world, {
    agent_config: { ...config(), channel_properties: { text: { max_reply_characters: 100 } } },
  })
  model.turns.push(says('x'.repeat(60), 'y'.repeat(60), 'z'.repeat(60)))
  const { reply } = bodyOf(await talk.say('Are you open?'))
  assert.equal(String(reply).length, 100)
  assert.equal(reply, `${'x'.repeat(60)}${'y'.repeat(39)}…`)
})

test('a generated greeting is written by the model', async () => {
  model.turns.push(says('Good day!'))
  const talk = await begin(world, { agent_config: { starting_message: { type: 'generated', text: 'Be formal.' } } })
  assert.equal(talk.starting_message, 'Good day!')
  assert.match(JSON.stringify(model.requests[0]?.body.messages), /Be formal/)
})

test('what one user said is erased, and nothing of anybody else', async () => {
  const secret = 'my card is in the xylophone'
  const talk = await begin(world, { agent_config: config(), user_id: '+15550009999', initial_context: { secret } })
  const other = await begin(world, { agent_config: config(), user_id: '+15550009998' })
  model.turns.push(says(`You said: ${secret}.`))
  await talk.say(secret, { key: 'erase me' })
  await other.say('Hello there')
  await talk.end()
  const { rows: before_it } = await sql<{ n: number }>`select count(*) as n from conversation_items`.execute(
    world.app.db,
  )
  const request = { method: 'POST', path: '/core/conversations/erase', body: { user_id: '+15550009999' } } as const
  assert.deepEqual((await ask(world, 'admin', request)).body, { conversations: 1, items: 2, still_open: 0 })
  assert.deepEqual((await ask(world, 'admin', request)).body, { conversations: 0, items: 0, still_open: 0 })
  const { rows: after_it } = await sql<{ n: number }>`select count(*) as n from conversation_items`.execute(
    world.app.db,
  )
  assert.equal((before_it[0]?.n ?? 0) - (after_it[0]?.n ?? 0), 2)
  for (const table of ['conversations', 'conversation_items', 'idempotency_keys', 'audit_log']) {
    const { rows } = await sql<{ n: number }>`select count(*) as n from ${sql.table(table)} t
      where t::text like '%xylophone%' or t::text like '%+15550009999%'`.execute(world.app.db)
    assert.equal(rows[0]?.n, 0, table)
  }
  assert.partialDeepStrictEqual(await talk.read(), {
    user_id: null,
    summary: null,
    conversation: [],
    status: 'completed',
  })
  assert.equal((await itemsOf(other)).length, 2)
})
