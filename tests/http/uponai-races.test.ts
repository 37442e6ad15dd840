/**
 * Assignments against each other, against publishes, and against agents that are deleted: nobody waits for ever, and both
 * slots are always one writer's.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Answer, ask, type Request } from '#tests/harness/http.ts'
import { startWorld, type World } from '#tests/harness/world.ts'
import { toUponaiAgentId } from '#wire/uponai-ids.ts'

let world: World
const NUMBERS = ['+15551230001', '+15551230002', '+15551230003']

before(async () => {
  world = await startWorld()
  for (const phone_number of NUMBERS)
    await ask(world, 'admin', { method: 'POST', path: '/core/phone-numbers', body: { phone_number } })
})
after(() => world.close())

const makeAgent = async (name: string): Promise<string> => {
  const made = await ask(world, 'admin', { method: 'POST', path: '/core/agents', body: { name } })
  const { id } = made.body as { id: string }
  const versions = `/core/agents/${id}/versions`
  for (const instructions of ['one', 'two'])
    await ask(world, 'admin', { method: 'POST', path: versions, body: { config: { instructions } } })
  for (const version of [1, 2])
    await ask(world, 'admin', { method: 'POST', path: `${versions}/${version}/publish`, body: {} })
  return id
}

/** The same list into both slots: whatever else is written, they are equal. */
const assign = (number: string, ...agents: readonly string[]): Request => {
  const list = agents.map(agent_id => ({ agent_id, agent_version: 0 }))
  return {
    method: 'PUT',
    path: `/api/numbers/${number}/agent`,
    body: { accountSid: world.admin.organization_id, workspaceId: 1, inboundAgents: list, outboundAgents: list },
  }
}

const publish = (agent: string, numbers: object): Request => ({
  method: 'POST',
  path: `/core/agents/${agent}/versions/2/publish`,
  body: { ...numbers, direction: 'both' },
})

type Listed = {
  readonly inbound_agents: readonly { agent_id: string; weight: number }[]
  readonly outbound_agents: object
}

const list = async (): Promise<readonly Listed[]> => {
  const { body } = await ask(world, 'reader', { method: 'GET', path: `/api/numbers/${world.admin.organization_id}` })
  return (body as { numbers: readonly Listed[] }).numbers
}

const assertWhole = (numbers: readonly Listed[]): void => {
  for (const { inbound_agents, outbound_agents } of numbers) {
    assert.deepEqual(inbound_agents, outbound_agents)
    const sum = inbound_agents.reduce((total, { weight }) => total + weight, 0)
    assert.ok(inbound_agents.length === 0 || Math.abs(sum - 1) < 1e-9, JSON.stringify(inbound_agents))
  }
}

test('assignments and publishes at once: each is done, and the last one is there whole', async () => {
  const [ann, bob] = [await makeAgent('Ann'), await makeAgent('Bob')]
  for (let round = 0; round < 10; round++) {
    const requests = NUMBERS.flatMap(number => [
      assign(number, ann),
      assign(number, bob, ann),
      assign(number, ann, bob),
      assign(number),
      publish(ann, { phone_numbers: NUMBERS.toReversed() }),
      publish(bob, { phone_numbers: [number], unassign_phone_numbers: NUMBERS.filter(each => each !== number) }),
    ])
    const answers = await Promise.all(requests.map(request => ask(world, 'admin', request)))
    assert.deepEqual(new Set(answers.map(answer => answer.status)), new Set([200]))
    assertWhole(await list())
  }
})

test('an agent that is deleted meanwhile is in no slot afterwards', async () => {
  const ann = await makeAgent('Ann, who stays')
  for (let round = 0; round < 10; round++) {
    const gone = await makeAgent(`Gone ${round}`)
    const allowed = async (request: Request, ...statuses: readonly number[]): Promise<Answer> => {
      const answer = await ask(world, 'admin', request)
      assert.ok(statuses.includes(answer.status), `${answer.status} ${JSON.stringify(answer.body)}`)
      return answer
    }
    await Promise.all([
      ...NUMBERS.flatMap(number => [
        allowed(assign(number, gone, ann), 200, 400),
        allowed(assign(number, ann, gone), 200, 400),
      ]),
      allowed({ method: 'DELETE', path: `/core/agents/${gone}` }, 204),
      ...NUMBERS.flatMap(number => [
        allowed(assign(number, gone), 200, 400),
        allowed(publish(gone, { phone_numbers: [number] }), 200, 404),
      ]),
    ])
    const numbers = await list()
    assertWhole(numbers)
    assert.ok(!JSON.stringify(numbers).includes(toUponaiAgentId(gone)))
    assert.equal((await ask(world, 'admin', assign(NUMBERS[0] ?? '', gone))).status, 400)
  }
})
