/** UponAI's dialect end to end: its document's own example, and what absent, empty and null mean. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { putSlot } from '#app/slots.ts'
import { effectsBetween, snapshot } from '#tests/harness/effects.ts'
import { type Answer, ask, codeOf, type Request } from '#tests/harness/http.ts'
import { assertSeedRequest } from '#tests/harness/uponai-seed.ts'
import { type Actor, startWorld, type World } from '#tests/harness/world.ts'
import { toUponaiAgentId } from '#wire/uponai-ids.ts'

let world: World
/** Agents with versions 1 and 2 published; 3 is a draft. */
let ann: string
let bob: string

const NUMBER = '+15551230001'
const EXTENSION = '100'
const HOOK = 'https://app.uponai.com/inbound-dynamic-vars/1/uponaiworkspace-913'
type Numbers = { readonly numbers: readonly Record<string, unknown>[]; readonly assignment: Record<string, unknown> }

const post = async (path: string, body: object, actor: Actor = 'admin'): Promise<Record<string, unknown>> => {
  const answer = await ask(world, actor, { method: 'POST', path, body })
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return answer.body as Record<string, unknown>
}

const makeAgent = async (name: string): Promise<string> => {
  const { id } = await post('/core/agents', { name })
  for (const instructions of ['one', 'two', 'three'])
    await post(`/core/agents/${id}/versions`, { config: { instructions } })
  for (const version of [1, 2]) await post(`/core/agents/${id}/versions/${version}/publish`, {})
  return String(id)
}

before(async () => {
  world = await startWorld()
  ann = await makeAgent('Ann')
  bob = await makeAgent('Bob')
  for (const actor of ['admin', 'other'] as const) {
    const phone_number = actor === 'admin' ? NUMBER : '+15559990001'
    await post('/core/phone-numbers', { phone_number }, actor)
    await post('/core/phone-numbers', { extension: EXTENSION, base_number: phone_number }, actor)
  }
})
after(() => world.close())

const account = () => ({ accountSid: world.admin.organization_id, workspaceId: 1 })

const request = (body: object, number = NUMBER): Request => ({
  method: 'PUT',
  path: `/api/numbers/${number}/agent`,
  body: { ...account(), ...body },
})

const put = async (body: object, number = NUMBER): Promise<Numbers> => {
  const answer = await ask(world, 'admin', request(body, number))
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return answer.body as Numbers
}

const ref = (id: string, agent_version?: number, weight = 1) => ({
  agent_id: toUponaiAgentId(id),
  ...(agent_version === undefined ? {} : { agent_version }),
  core_version: agent_version === undefined ? null : agent_version + 1,
  weight,
})

const one = async (number = NUMBER): Promise<Record<string, unknown>> => (await put({}, number)).numbers[0] ?? {}

const unchanged = async (work: () => Promise<void>): Promise<void> => {
  const then = await snapshot(world.app.db)
  await work()
  assert.deepEqual(effectsBetween(then, await snapshot(world.app.db)), {})
}

describe('the documents’ own example', () => {
  test('is taken, and answered as documented', async () => {
    const body = {
      ...account(),
      outboundAgentId: toUponaiAgentId(ann),
      outboundAgentVersion: 0,
      inboundAgents: [
        { agent_id: toUponaiAgentId(ann), agent_version: 0, weight: 0.5 },
        { agent_id: toUponaiAgentId(bob), agent_version: 0, weight: 0.5 },
      ],
      inboundWebhookUrl: HOOK,
      isTimeRoutingEnabled: false,
    }
    assertSeedRequest(body)
    const then = await snapshot(world.app.db)
    const answer = await ask(world, 'admin', { ...request({}), body })
    const effects = { phone_numbers: 'changed', assignments: 2, slot_entries: 3, audit_log: 1, routing_changes: 1 }
    assert.deepEqual(effectsBetween(then, await snapshot(world.app.db)), effects)
    const { id, phone_number_sid, ...number } = (answer.body as Numbers).numbers[0] ?? {}
    const shared = {
      account_sid: world.admin.organization_id,
      workspace_id: 1,
      agent_id: toUponaiAgentId(ann),
      inbound_agent_id: toUponaiAgentId(ann),
      outbound_agents: [ref(ann, 0)],
      inbound_agents: [ref(ann, 0, 0.5), ref(bob, 0, 0.5)],
      is_time_routing_enabled: false,
      platform_import_error: false,
      platform_import_error_message: null,
    }
    assert.deepEqual(answer.body, {
      success: true,
      message: `The assignment of ${NUMBER} was updated.`,
      numbers: [{ id, phone_number_sid, ...number }],
      assignment: shared,
    })
    assert.deepEqual(number, {
      ...shared,
      number: NUMBER,
      base_number: NUMBER,
      default_agent_id: null,
      inbound_agent_version: 0,
      outbound_agent_version: 0,
      application_sid: null,
      inbound_webhook_url: HOOK,
    })
    assert.ok(Number.isInteger(id))
    assert.match(String(phone_number_sid), /^[0-9a-f]{8}-/)
    assert.match(String(answer.headers.etag), new RegExp(`^"${phone_number_sid}\\.\\d+"$`))
  })
  test('is what /core shows, counted from 1', async () => {
    const { body } = await ask(world, 'reader', { method: 'GET', path: `/core/phone-numbers/${NUMBER}` })
    assert.partialDeepStrictEqual(body, {
      inbound_agents: [
        { agent_id: ann, version: 1, weight: 0.5 },
        { agent_id: bob, version: 1, weight: 0.5 },
      ],
      outbound_agents: [{ agent_id: ann, version: 1, weight: 1 }],
    })
  })
  test('is told to routing and to the audit log, before and after', async () => {
    const { id } = await post('/core/phone-numbers', { phone_number: '+15551230002' })
    const told = world.routed.length
    await put({ outboundAgentId: ann, inboundWebhookUrl: HOOK }, '+15551230002')
    assert.deepEqual(
      world.routed.slice(told).flatMap(change => change.number_ids),
      [id],
    )
    const { body } = await ask(world, 'admin', { method: 'GET', path: '/core/audit-log?limit=1' })
    assert.partialDeepStrictEqual(body, [
      {
        action: 'phone_number.assign',
        subject: id,
        before: { outbound: [], webhook_url: null },
        after: { outbound: [{ agent_id: ann, version: null, weight_bp: 10_000 }], webhook_url: HOOK },
      },
    ])
  })
})

describe('absent, empty and null', () => {
  const start = () => ({ outboundAgents: [ref(ann, 1)], inboundAgents: [ref(bob)], inboundWebhookUrl: HOOK })
  const cases: readonly (readonly [string, () => object, () => object])[] = [
    [
      'what is absent stays',
      () => ({}),
      () => ({ outbound_agents: [ref(ann, 1)], inbound_agents: [ref(bob)], inbound_webhook_url: HOOK }),
    ],
    [
      'an empty inbound list empties it alone',
      () => ({ inboundAgents: [] }),
      () => ({
        inbound_agents: [],
        inbound_agent_id: null,
        inbound_agent_version: null,
        outbound_agents: [ref(ann, 1)],
      }),
    ],
    [
      'an empty outbound list empties it alone',
      () => ({ outboundAgents: [] }),
      () => ({
        outbound_agents: [],
        agent_id: null,
        outbound_agent_version: null,
        inbound_agents: [ref(bob)],
      }),
    ],
    [
      'null for the outbound agent empties its list',
      () => ({ outboundAgentId: null }),
      () => ({
        outbound_agents: [],
        agent_id: null,
        inbound_agents: [ref(bob)],
      }),
    ],
    [
      'null for the webhook takes it off',
      () => ({ inboundWebhookUrl: null }),
      () => ({
        inbound_webhook_url: null,
        inbound_agents: [ref(bob)],
      }),
    ],
    [
      'a version that is absent follows the latest published one',
      () => ({ outboundAgentId: bob }),
      () => ({
        outbound_agents: [ref(bob)],
        outbound_agent_version: null,
        agent_id: toUponaiAgentId(bob),
      }),
    ],
    [
      'the heaviest is shown where one fits',
      () => ({ inboundAgents: [ref(ann, 0, 0.2), ref(bob, 1, 0.8)] }),
      () => ({
        inbound_agent_id: toUponaiAgentId(bob),
        inbound_agent_version: 1,
      }),
    ],
    [
      'without weights all are equal',
      () => ({ inboundAgents: [0, 1].map(agent_version => ({ agent_id: ann, agent_version })) }),
      () => ({
        inbound_agents: [ref(ann, 0, 0.5), ref(ann, 1, 0.5)],
      }),
    ],
    [
      'an answer’s list can be sent back',
      () => ({ inboundAgents: start().inboundAgents, outboundAgents: start().outboundAgents }),
      () => ({
        outbound_agents: [ref(ann, 1)],
        inbound_agents: [ref(bob)],
      }),
    ],
  ]
  for (const [name, body, expected] of cases) {
    test(name, async () => {
      await put(start())
      assert.partialDeepStrictEqual((await put(body())).numbers[0], expected())
    })
  }
  for (const key of [
    'outboundAgentVersion',
    'inboundAgents',
    'outboundAgents',
    'isTimeRoutingEnabled',
    'workspaceId',
    'accountSid',
  ]) {
    test(`null for ${key} is refused, and points at it`, () =>
      unchanged(async () => {
        const answer = await ask(world, 'admin', request({ [key]: null }))
        assert.equal(answer.status, 400)
        assert.match((answer.body as { error: string }).error, new RegExp(`/${key}: must be`))
      }))
  }
  test('a list of which one entry is wrong changes nothing of the others', () =>
    unchanged(async () => {
      const inboundAgents = [ref(ann, 0, 0.5), ref(bob, 2, 0.5)]
      const answer = await ask(
        world,
        'admin',
        request({ outboundAgentId: null, inboundWebhookUrl: null, inboundAgents }),
      )
      assert.equal(codeOf(answer), 'version_not_published')
    }))
  test('a weight that JSON has no word for is no JSON', () =>
    unchanged(async () => {
      const raw = JSON.stringify(request({ inboundAgents: [{ agent_id: ann, weight: 'NaN' }] }).body).replace(
        '"NaN"',
        'NaN',
      )
      const answer = await ask(world, 'admin', { ...request({}), raw, headers: { 'content-type': 'application/json' } })
      assert.equal(answer.status, 400)
    }))
})

describe('what hangs beside the slots', () => {
  test('another organization’s agent is not there', async () => {
    const { id } = await post('/core/agents', { name: 'Theirs' }, 'other')
    await unchanged(async () => {
      const answer = await ask(world, 'admin', request({ inboundAgents: [ref(String(id))] }))
      assert.deepEqual([answer.status, codeOf(answer)], [400, 'agent_not_found'])
    })
  })
  test('another organization’s number is not there', () =>
    unchanged(async () => {
      const answer = await ask(world, 'admin', request({}, '+15559990001'))
      assert.deepEqual([answer.status, codeOf(answer)], [404, 'number_not_found'])
    }))
  test('an extension is the organization’s own, under its base number', async () => {
    const theirs = () =>
      ask(world, 'other', { method: 'GET', path: `/core/phone-numbers/${EXTENSION}` }).then(({ body }) => body)
    const untouched = await theirs()
    const [number] = (await put({ inboundAgents: [ref(ann, 0)] }, EXTENSION)).numbers
    assert.partialDeepStrictEqual(number, { number: EXTENSION, base_number: NUMBER, inbound_agents: [ref(ann, 0)] })
    assert.deepEqual(await theirs(), untouched)
  })
  test('time routing is turned off and on again around the schedule that the number keeps', async () => {
    const id = '0197f0a8-7c1e-7d34-9a51-0000000000aa'
    await sql`insert into schedules (id, organization_id, name, timezone, weekly, dates)
      values (${id}, ${world.admin.organization_id}, 'Hours', 'UTC', '[]', '[]')`.execute(world.app.db)
    await sql`update phone_numbers set schedule_id = ${id} where phone_number = ${NUMBER}`.execute(world.app.db)
    for (const isTimeRoutingEnabled of [true, false, true])
      assert.equal((await put({ isTimeRoutingEnabled })).assignment.is_time_routing_enabled, isTimeRoutingEnabled)
    await put({ isTimeRoutingEnabled: false })
  })
  test('the fallback agent is shown', async () => {
    await sql`update phone_numbers set default_agent_id = ${bob} where phone_number = ${NUMBER}`.execute(world.app.db)
    assert.equal((await one()).default_agent_id, toUponaiAgentId(bob))
  })
  test('an arm that was named in /core keeps its name, and with it its callers', async () => {
    await putSlot(world.app, world.admin, NUMBER, 'inbound', [
      { agent_id: ann, version: 1, weight: 0.5, arm: 'control' },
      { agent_id: bob, version: 1, weight: 0.5 },
    ])
    await put({ inboundAgents: [ref(ann, 0, 0.25), ref(bob, 0, 0.75)] })
    const { body } = await ask(world, 'reader', { method: 'GET', path: `/core/phone-numbers/${NUMBER}` })
    assert.partialDeepStrictEqual(body, { inbound_agents: [{ arm: 'control', weight: 0.25 }, { arm: `${bob}:1` }] })
  })
  test('the ETag of an answer stands for what it shows', async () => {
    const { headers } = await ask(world, 'admin', request({}))
    const guarded = { ...request({ inboundAgents: [] }), headers: { 'if-match': String(headers.etag) } }
    assert.equal((await ask(world, 'admin', guarded)).status, 200)
    assert.equal(
      (await ask(world, 'admin', { ...guarded, body: request({ inboundAgents: [ref(ann)] }).body })).status,
      412,
    )
    assert.deepEqual((await one()).inbound_agents, [])
  })
})

describe('the numbers of an account', () => {
  const list = async (query = ''): Promise<Answer> =>
    ask(world, 'reader', { method: 'GET', path: `/api/numbers/${world.admin.organization_id}${query}` })
  test('are answered as a whole, each as an assignment answers it', async () => {
    const answer = await list()
    const { success, numbers } = answer.body as Numbers & { success: boolean }
    assert.ok(success)
    assert.deepEqual(new Set(numbers.map(({ number }) => number)), new Set([NUMBER, EXTENSION, '+15551230002']))
    assert.deepEqual(
      numbers.find(({ number }) => number === NUMBER),
      await one(),
    )
    assert.equal(answer.headers.link, undefined)
  })
  test('come in pages for who asks for them', async () => {
    const whole = ((await list()).body as Numbers).numbers
    const seen: unknown[] = []
    for (let query: string | undefined = '?limit=1'; query !== undefined; ) {
      const answer: Answer = await list(query)
      seen.push(...(answer.body as Numbers).numbers)
      query = /^<[^?]+(\?.+)>; rel="next"$/.exec(String(answer.headers.link))?.[1]
    }
    assert.deepEqual(seen, whole)
  })
})
