/** A publish onto ten thousand numbers in one request, and its repetition. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ask } from '#tests/harness/http.ts'
import { seedNumbers } from '#tests/harness/seed.ts'
import { startWorld, type World } from '#tests/harness/world.ts'

const NUMBERS = 10_000

let world: World
before(async () => {
  world = await startWorld()
})
after(() => world.close())

const post = async (path: string, body: object, headers: Record<string, string> = {}) => {
  const answer = await ask(world, 'admin', { method: 'POST', path, body, headers })
  assert.equal(answer.status, 200, JSON.stringify(answer.body).slice(0, 300))
  return answer
}

type Number = { readonly phone_number: string; readonly inbound_agent_version_id: string | null }

test('ten thousand numbers take a version in one request, answered in request order, once under one key', async () => {
  const numbers = await seedNumbers({ app: world.app, caller: world.admin }, NUMBERS)
  const agent = (await post('/core/agents', { name: 'many' })).body as { id: string }
  const versions = `/core/agents/${agent.id}/versions`
  const version = (await post(versions, { config: {} })).body as { id: string }
  const wanted = numbers.toReversed()
  const publish = () => post(`${versions}/1/publish`, { phone_numbers: wanted }, { 'idempotency-key': 'many' })
  const first = await publish()
  const answered = first.body as readonly Number[]
  assert.deepEqual(
    answered.map(number => number.phone_number),
    wanted,
  )
  assert.ok(answered.every(number => number.inbound_agent_version_id === version.id))
  const routed = world.routed.length
  const again = await publish()
  assert.equal(again.headers['idempotent-replayed'], 'true')
  assert.deepEqual(again.body, first.body)
  assert.equal(world.routed.length, routed)
})

test('one unknown number among ten thousand: nothing has changed', async () => {
  const numbers = await seedNumbers({ app: world.app, caller: world.admin }, NUMBERS)
  const agent = (await post('/core/agents', { name: 'none' })).body as { id: string }
  const versions = `/core/agents/${agent.id}/versions`
  await post(versions, { config: {} })
  const answer = await ask(world, 'admin', {
    method: 'POST',
    path: `${versions}/1/publish`,
    body: { phone_numbers: [...numbers, '+15559999999'] },
  })
  assert.equal(answer.status, 404)
  const version = await ask(world, 'admin', { method: 'GET', path: `${versions}/1` })
  assert.equal((version.body as { published: boolean }).published, false)
  const number = await ask(world, 'admin', { method: 'GET', path: `/core/phone-numbers/${numbers[0]}` })
  assert.equal((number.body as Number).inbound_agent_version_id, null)
})
