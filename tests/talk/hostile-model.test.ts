/** What a language model or a web service may write that PostgreSQL cannot keep, and what must not stop anybody else. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import { sql } from 'kysely'
import { finishConversations } from '#app/end-conversation.ts'
import { startWorld, type World } from '#tests/harness/world.ts'
import { type ModelServer, says, startModelServer } from '#tests/peers/model-server.ts'
import { begin, bodyOf } from '#tests/talk/talking.ts'

let world: World
let model: ModelServer

before(async () => {
  model = await startModelServer()
  world = await startWorld({
    model: { base_url: model.base_url, model: 'm', api_key: null, prices: null },
    outbound_allow: ['127.0.0.0/8'],
  })
})
after(async () => {
  await world.close()
  await model.close()
})
beforeEach(() => {
  model.requests.length = 0
  model.turns.length = 0
})

const UNFIT = 'a\u0000b\ud800c'
const config = {
  tools: [{ name: 'note', properties: { what: {} }, actions: [{ type: 'play_message', text: 'Noted {{what}}.' }] }],
  success_criteria: [{ name: 'Booked' }],
}

test('a reply, a tool’s arguments and a made-up tool’s name with what cannot be kept are kept without it', async () => {
  const talk = await begin(world, { agent_config: config })
  model.turns.push(says(UNFIT))
  assert.equal(bodyOf(await talk.say('Hello')).reply, 'a\ufffdb\ufffdc')
  const call = (name: string, args: object) => ({
    kind: 'tool_calls' as const,
    calls: [{ id: `c${UNFIT}`, name, arguments: JSON.stringify(args) }],
  })
  model.turns.push(call('note', { what: UNFIT }), call('no\u0000te', { [UNFIT]: [{ [UNFIT]: UNFIT }] }), says('Done.'))
  const answer = bodyOf(await talk.say('Write it down'))
  assert.equal(answer.reply, 'Noted a\ufffdb\ufffdc.\n\nDone.')
  assert.equal((answer.tool_calls as object[]).length, 2)
})

test('a summary that cannot be kept is kept without what cannot be; one conversation’s trouble is its own', async () => {
  const talk = await begin(world, { agent_config: config })
  model.turns.push(says('Hello.'))
  await talk.say('Hello')
  const why = JSON.stringify({ summary: UNFIT, criteria: [{ name: 'Booked', met: true, why: UNFIT }] })
  model.turns.push(says(why))
  assert.equal(bodyOf(await talk.end()).summarized_by, 'model')
})

test('a conversation that cannot be summarized does not keep the others from it', async () => {
  const bad = await begin(world, { agent_config: config })
  const good = await begin(world, { agent_config: config })
  await sql`update conversations set status = 'completed', end_reason = 'ended', ended_at = now() - interval '1 hour',
    config = ${JSON.stringify({ success_criteria: [] })} where id in (${bad.id}, ${good.id})`.execute(world.app.db)
  const { writers } = world.app
  let asked = 0
  const app = {
    ...world.app,
    writers: {
      ...writers,
      for: async (id: string) => (asked++ === 0 ? assert.fail('sealed with another key') : writers.for(id)),
    },
  }
  await finishConversations(app)
  const summarized = [await bad.read(), await good.read()].filter(({ summary }) => summary !== null)
  // Whose model cannot even be asked, that one by rule.
  assert.equal(summarized.length, 2)
})

test('whoever goes away before the first word is no error in the log, and the reply is kept', async () => {
  const talk = await begin(world, { agent_config: config })
  if (!world.server.server.listening) await world.server.listen({ host: '127.0.0.1', port: 0 })
  const { port } = world.server.server.address() as AddressInfo
  const [asked, gone] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  model.otherwise = () => {
    asked.resolve()
    return { kind: 'text', pieces: ['', 'Yes.'], between: () => gone.promise }
  }
  const headers = {
    authorization: `Bearer ${world.credentials.admin}`,
    accept: 'text/event-stream',
    'content-type': 'application/json',
  }
  const path = `/core/conversations/${talk.id}/messages`
  const closed = once(world.server.server, 'connection').then(([socket]) => once(socket as Socket, 'close'))
  const going = request({ host: '127.0.0.1', port, path, method: 'POST', headers, agent: false })
  going.on('error', () => {})
  going.end(JSON.stringify({ text: 'Are you open?', message_id: 'a' }))
  await asked.promise
  going.destroy()
  await closed
  gone.resolve()
  for (;;) {
    const answer = await talk.say('Are you open?', { message_id: 'a' })
    if (answer.status !== 409) {
      assert.equal(bodyOf(answer).reply, 'Yes.')
      break
    }
  }
  assert.deepEqual(
    world.log.lines.filter(({ level }) => level === 'error'),
    [],
  )
  model.otherwise = () => says('Certainly.')
})
