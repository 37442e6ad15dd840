/** A website becomes an agent, by rule and in this process; and every way in which it does not, leaving nothing behind. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { createSiteReader } from '#adapters/site-reader.ts'
import { type SiteOrder, startAgentFromSite } from '#app/agent-from-site.ts'
import { getAgent } from '#app/agents.ts'
import { boundTo } from '#app/context.ts'
import { makeKnowledgeBase, queryKnowledge } from '#app/knowledge.ts'
import { getNumber, registerNumber } from '#app/phone-numbers.ts'
import { Refused } from '#app/refused.ts'
import { getVersion } from '#app/versions.ts'
import { getWorkflow } from '#app/workflows.ts'
import type { Passage } from '#core/knowledge.ts'
import type { JsonObject } from '#core/version.ts'
import type { Workflow } from '#core/workflow.ts'
import { lockAgent } from '#store/agents.ts'
import { holdKnowledgeBases } from '#store/knowledge-bases.ts'
import {
  html,
  openSite,
  PAGE_COUNT,
  practiceSite,
  type Respond,
  type SiteServer,
} from '#tests/adapters/practice-site.ts'
import { startTestApp, type TestApp } from '#tests/harness/app.ts'
import { effectsBetween, snapshot } from '#tests/harness/effects.ts'
import { says, startModelServer } from '#tests/peers/model-server.ts'
import { parseAgentConfig } from '#wire/parse-agent-config.ts'
import { workflowRegistry } from '#workflows/registry.ts'
import { runWorkflow } from '#workflows/runner.ts'

let t: TestApp
let site: SiteServer

before(async () => {
  t = await startTestApp({ outbound_allow: ['127.0.0.0/8'] })
  site = await openSite(practiceSite)
})
after(async () => {
  await t.close()
  await site.close()
})

const NOTHING: SiteOrder = {
  company_name: 'Riverside Dental Care',
  company_website: '',
  company_overview: null,
  instructions: null,
  is_demo: false,
  demo_type: null,
  skip_deployment: false,
  include_phone_number: false,
  voice_id: null,
  avatar_url: null,
  existing_agent_id: null,
  existing_collection_id: null,
}

const urlOf = (passage: Passage | undefined): string | null | undefined => passage?.place.url

const chunks = async (): Promise<unknown> => (await sql`select count(*) from knowledge_chunks`.execute(t.app.db)).rows

const start = (order: Partial<SiteOrder>, type: 'create_from_website' | 'create_demo' = 'create_from_website') =>
  startAgentFromSite(boundTo(t.app, t.caller.organization_id), t.caller, type, {
    ...NOTHING,
    company_website: site.url,
    ...order,
  })

const never = new AbortController().signal

/** What a worker does once it is given the job. */
const work = async (workflow_id: string): Promise<Workflow> => {
  const { app, caller } = t
  const query = app.db.selectFrom('workflows').select('job_id').where('id', '=', workflow_id)
  const { job_id } = await query.executeTakeFirstOrThrow()
  const job = { workflow_id, organization_id: caller.organization_id, job_id }
  await runWorkflow({ app, registry: workflowRegistry, draining: never, ending: never }, job, never)
  return getWorkflow(app, caller, workflow_id)
}

const make = async (order: Partial<SiteOrder> = {}, type?: 'create_demo') => {
  const workflow = await work(await start(order, type))
  assert.equal(workflow.status, 'completed', JSON.stringify(workflow.error))
  const { agent_id, version, collection_id, phone_numbers } = workflow.result ?? assert.fail()
  assert.ok(agent_id && version && collection_id)
  const { agent } = await getAgent(t.app, t.caller, agent_id)
  return {
    workflow,
    agent,
    version: await getVersion(t.app, t.caller, agent_id, version),
    collection_id,
    phone_numbers,
    ask: (query: string) => queryKnowledge(t.app, t.caller.organization_id, [collection_id], query, 5),
  }
}

test('thirty pages become a published agent, that knows the hours and the prices, and from where', async () => {
  const { workflow, agent, version, collection_id, ask } = await make()
  assert.deepEqual(
    workflow.steps.map(({ name, status }) => [name, status]),
    ['read_site', 'extract', 'write_instructions', 'create_agent'].map(name => [name, 'completed']),
  )
  assert.equal(workflow.steps[0]?.detail, `${PAGE_COUNT} pages read`)
  const brand = { colors: ['#0a3d62', '#1a7f8e'], logo: `${site.url}img/logo.svg` }
  assert.partialDeepStrictEqual(agent, {
    name: 'Riverside Dental Care',
    description: 'A family dental practice in Springfield.',
    is_demo: false,
    metadata: { company_website: site.url, brand },
  })
  assert.partialDeepStrictEqual(version, {
    version: 1,
    published: true,
    dirty: false,
    manually_edited: false,
    generated_by: 'offline',
    generating: false,
  })
  const { config } = version
  assert.ok(parseAgentConfig(config).ok, JSON.stringify(parseAgentConfig(config)))
  assert.deepEqual(config.knowledge_bases, [{ id: collection_id, top_n: 5 }])
  assert.match(String(config.instructions), /Opening hours: Monday – Thursday 8:00 am – 6:00 pm; Friday/)
  assert.match(String(config.instructions), /Saturday Closed \(From: \S+\/contact\)/)
  assert.match(String(config.instructions), /Whitening: \$350[^\n]* \(From: \S+\/prices\)/)
  assert.equal(config.language, 'en-US')
  assert.equal(
    (config.starting_message as JsonObject).text,
    'Thank you for calling Riverside Dental Care. How can I help you?',
  )
  const [hours] = await ask('When are you open on Friday?')
  assert.match(hours?.text ?? '', /Friday[^\n]*8:00 am – 1:00 pm/)
  assert.equal(urlOf(hours), `${site.url}contact`)
  const [price] = await ask('What does whitening cost, which price?')
  assert.match(price?.text ?? '', /Whitening[^\n]*\$350/)
  assert.equal(urlOf(price), `${site.url}prices`)
  const [parking] = await ask('Is there parking?')
  assert.match(parking?.text ?? '', /behind the house/)
  const [pdf] = await ask('how long do implants last, decades?')
  assert.equal(urlOf(pdf), `${site.url}brochure.pdf`)
})

test('a demonstration is named by the website, does what was wished, and answers a free number', async () => {
  const { app, caller } = t
  const order = {
    company_name: null,
    is_demo: true,
    instructions: 'Offer a free check-up.',
    include_phone_number: true,
  }
  await assert.rejects(
    start(order, 'create_demo'),
    error => error instanceof Refused && error.refusal.code === 'number_none_free',
  )
  await registerNumber(app, caller, { phone_number: '+15551230001', base_number: null, trunk_id: null })
  const waiting = await start(order, 'create_demo')
  const { agent, version, phone_numbers } = await make(order, 'create_demo')
  assert.deepEqual([agent.name, agent.is_demo, phone_numbers], ['Riverside Dental', true, ['+15551230001']])
  assert.match(String(version.config.instructions), /Offer a free check-up\./)
  const number = await getNumber(app, caller, '+15551230001')
  assert.deepEqual(
    number.inbound.map(entry => entry.agent_id),
    [agent.id],
  )
  const before = await snapshot(app.db)
  const late = await work(waiting)
  assert.partialDeepStrictEqual(late, { status: 'failed', error: { code: 'number_none_free', step: 'create_agent' } })
  assert.deepEqual(withoutWork(effectsBetween(before, await snapshot(app.db))), {})
})

const withoutWork = ({ workflows: _, workflow_steps: __, job: ___, ...effects }: Readonly<Record<string, unknown>>) =>
  effects

test('an agent that is there gets a draft beside what it had, and nothing is published', async () => {
  const { app, caller } = t
  const first = await make({
    skip_deployment: true,
    voice_id: 'rms',
    avatar_url: 'https://a.example/b.png',
    demo_type: 'voice',
  })
  assert.deepEqual([first.version.published, first.agent.metadata.demo_type], [false, 'voice'])
  assert.equal(((first.version.config.stt_llm_tts as JsonObject).tts as JsonObject).voice, 'rms')
  const own = await makeKnowledgeBase(app, caller, { name: 'Own', description: null, language: 'en' })
  const second = await make({ existing_agent_id: first.agent.id, existing_collection_id: own.id })
  assert.deepEqual([second.agent.id, second.version.version, second.version.published], [first.agent.id, 2, false])
  assert.deepEqual(second.collection_id, own.id)
  assert.deepEqual(
    (second.version.config.knowledge_bases as JsonObject[]).map(({ id }) => id),
    [first.collection_id, own.id],
  )
  assert.equal(((second.version.config.stt_llm_tts as JsonObject).tts as JsonObject).voice, 'rms')
  const before = await chunks()
  await make({ existing_agent_id: first.agent.id, existing_collection_id: own.id })
  assert.deepEqual(await chunks(), before, 'pages that are there already are not there twice')
})

const page =
  (body: string): Respond =>
  (request, response) =>
    request.url === '/' ? html(response, body) : void response.writeHead(404).end()

const FAULTS: readonly (readonly [code: string, respond: Respond | null])[] = [
  [
    'site_forbidden_by_robots',
    (_, response) => void response.writeHead(200, { 'content-type': 'text/plain' }).end('User-agent: *\nDisallow: /'),
  ],
  ['site_needs_scripts', page('<div id="root"></div><script src="/a.js"></script>')],
  ['site_no_text', page('<img src="a.png">')],
  ['site_redirect_loop', (_, response) => void response.writeHead(301, { location: '/' }).end()],
  ['site_address_denied', null],
]

for (const [code, respond] of FAULTS) {
  test(`${code}: said in a sentence, at its step, and nothing is left`, async () => {
    const { app } = t
    const bad = await openSite(respond ?? practiceSite)
    const before = await snapshot(app.db)
    const workflow_id = await start({ company_website: bad.url })
    // What may be named may still not be asked: names are looked up only then, and the operator may have changed his mind.
    const sites = respond ? app.sites : createSiteReader({ allow: [] })
    t = { ...t, app: { ...app, sites } }
    const workflow = await work(workflow_id)
    t = { ...t, app }
    await bad.close()
    assert.partialDeepStrictEqual(workflow, { status: 'failed', result: null, error: { code, step: 'read_site' } })
    assert.match(workflow.error?.detail ?? '', /^(The website|There is no text)/)
    const { audit_log: _, ...left } = withoutWork(effectsBetween(before, await snapshot(app.db)))
    assert.deepEqual(left, {})
  })
}

test('a website that fails once is asked once more', async () => {
  let asked = 0
  const moody = await openSite((request, response) => {
    asked += 1
    if (asked <= 2) response.writeHead(request.url === '/robots.txt' ? 404 : 500).end()
    else practiceSite(request, response)
  })
  const workflow = await work(await start({ company_website: moody.url, skip_deployment: true }))
  await moody.close()
  assert.deepEqual([workflow.status, workflow.error], ['completed', null])
})

test('a language model writes from what was found; one that fails leaves nothing', async () => {
  const server = await startModelServer()
  const model = { base_url: server.base_url, api_key: null, model: 'm', prices: null }
  const asked = await startTestApp({ outbound_allow: ['127.0.0.0/8'], model })
  const before_t = t
  t = asked
  server.turns.push(says('{"instructions":"You are kind.","starting_message":"Hello from a model!"}'))
  const { version } = await make()
  assert.deepEqual([version.generated_by, version.config.instructions], ['model', 'You are kind.'])
  const told = JSON.stringify(server.requests[0]?.body.messages)
  assert.match(told, /Whitening: \$350/)
  assert.match(told, /Monday – Thursday 8:00 am – 6:00 pm/)
  const before = await snapshot(asked.app.db)
  server.turns.push({ kind: 'status', status: 401 })
  const workflow = await work(await start({}))
  const { audit_log: _, ...left } = withoutWork(effectsBetween(before, await snapshot(asked.app.db)))
  t = before_t
  assert.partialDeepStrictEqual(workflow, {
    status: 'failed',
    error: { code: 'model_refused', step: 'write_instructions' },
  })
  assert.deepEqual(left, {})
  await asked.close()
  await server.close()
})

const REFUSED = [
  'http://127.0.0.1/',
  'http://10.0.0.1',
  'ftp://a.example',
  'https://user:pw@a.example/',
  'http://[::1]/',
  'not a site',
  '2130706433',
  'http://localhost:80',
]

test('what is no public website is refused when it is named', async () => {
  const { app } = t
  const strict = boundTo({ ...app, outbound_allow: [] }, t.caller.organization_id)
  for (const company_website of REFUSED) {
    const asked = startAgentFromSite(strict, t.caller, 'create_demo', { ...NOTHING, company_website })
    await assert.rejects(
      asked,
      error => error instanceof Refused && error.refusal.code === 'website_refused',
      company_website,
    )
  }
})

test('whoever publishes the agent meanwhile is waited for, and waits for nothing', async () => {
  const { agent, collection_id } = await make()
  const order = { existing_agent_id: agent.id, existing_collection_id: collection_id }
  const id = await start(order)
  const { organization_id } = t.caller
  let working: Promise<Workflow> | undefined
  await t.app.db.transaction().execute(async tx => {
    await lockAgent(tx, organization_id, agent.id)
    working = work(id)
    const isWaiting = async () => {
      const { rows } = await sql<{ n: number }>`select count(*)::int as n from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`.execute(t.app.db)
      return (rows[0]?.n ?? 0) > 0
    }
    while (!(await isWaiting()));
    await holdKnowledgeBases(tx, organization_id, [collection_id])
  })
  assert.equal((await working)?.status, 'completed')
})
