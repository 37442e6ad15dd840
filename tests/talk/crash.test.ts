/** A process that dies in the middle of a turn: the turn in the air is lost, and nothing else. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { openReceiver } from '#tests/adapters/receiver.ts'
import { breakGround, type Ground, type Patchcord } from '#tests/calls/patchcord.ts'
import { type ModelServer, type ModelTurn, says, startModelServer } from '#tests/peers/model-server.ts'

let ground: Ground
let model: ModelServer
before(async () => {
  ground = await breakGround()
  model = await startModelServer()
})
after(async () => {
  await ground.clear()
  await model.close()
})

const start = (): Promise<Patchcord> =>
  ground.start({ ROLES: 'api', LLM_BASE_URL: model.base_url, LLM_MODEL: 'm', OUTBOUND_ALLOW: '127.0.0.0/8' })

type Begun = { conversation: { id: string } }
type Said = { reply: string; tool_calls: unknown[] }
type Told = { conversation: { who: string; kind: string; text: string }[]; user_turn_count: number }

/** A model that has begun to answer and goes on for ever; resolves when it was asked so. */
const endless = (): { readonly turn: ModelTurn; readonly asked: Promise<void> } => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const between = () => {
    resolve()
    return new Promise<void>(() => {})
  }
  return { turn: { kind: 'text', pieces: ['We ', 'are'], between }, asked: promise }
}

/** Fifteen seconds later. */
const letHoldsRunOut = () =>
  sql`update conversation_turns set held_until = held_until - interval '15 seconds'`.execute(ground.test_app.app.db)

test('killed while the model writes, after a tool has worked: what is stored stays, each thing is done once', async t => {
  const service = await openReceiver(t, response => response.end('{"slots":["9:00"]}'))
  const tools = [{ name: 'find_slots', actions: [{ type: 'http_request', url: service.url }] }]
  const first = await start()
  const { conversation } = await first.ask<Begun>('POST', '/core/conversations', {
    ...{ channel: 'text', user_id: 'ann', agent_config: { starting_message: 'Hello.', tools } },
  })
  const path = `/core/conversations/${conversation.id}`
  model.turns.push(says('Yes.'))
  await first.ask('POST', `${path}/messages`, { text: 'Are you there?', message_id: '1' })

  const broken = endless()
  model.turns.push({ kind: 'tool_calls', calls: [{ id: 'c', name: 'find_slots', arguments: '{}' }] }, broken.turn)
  const message = { text: 'Have you got time?', message_id: '2' }
  const lost = assert.rejects(first.request('POST', `${path}/messages`, message))
  await broken.asked
  first.child.kill('SIGKILL')
  await lost
  await first.ended

  const second = await start()
  const early = await second.request('POST', `${path}/messages`, message)
  assert.equal(early.status, 409, 'the dead one holds the turn still')
  await letHoldsRunOut()
  model.turns.push(says('At nine.'))
  const said = await second.ask<Said>('POST', `${path}/messages`, message)
  assert.equal(said.reply, 'At nine.')
  assert.equal(said.tool_calls.length, 1)
  assert.equal(service.requests.length, 1, 'the tool was used once')
  assert.deepEqual(await second.ask('POST', `${path}/messages`, message), said)
  const told = await second.ask<Told>('GET', path)
  assert.deepEqual(
    told.conversation.map(({ who, kind, text }) => `${who} ${kind} ${text}`.trim()),
    [
      'agent text Hello.',
      'user text Are you there?',
      'agent text Yes.',
      'user text Have you got time?',
      'agent tool_call',
      'agent text At nine.',
    ],
  )
  assert.equal(told.user_turn_count, 2)
})
