/** A website becomes an agent, over HTTP and by a worker, and is asked by text: by rule, and by a model over a socket. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openSite, practiceSite, type SiteServer } from '#tests/adapters/practice-site.ts'
import { ask } from '#tests/harness/http.ts'
import { startWorld, type World } from '#tests/harness/world.ts'
import { says, startModelServer } from '#tests/peers/model-server.ts'
import { begin, bodyOf } from '#tests/talk/talking.ts'
import { workflowRegistry } from '#workflows/registry.ts'
import { startWorker } from '#workflows/worker.ts'

let site: SiteServer
before(async () => {
  site = await openSite(practiceSite)
})
after(() => site.close())

type Made = { readonly status: string; readonly error: unknown; readonly result: { readonly agent_id: string } | null }

/** As a client would: by asking until it is done. */
const agentOf = async (world: World): Promise<string> => {
  const body = { company_name: 'Riverside Dental Care', company_website: site.url }
  const started = await ask(world, 'admin', { method: 'POST', path: '/core/agents/create-from-website', body })
  assert.equal(started.status, 202)
  const path = `/core/workflows/${(started.body as { workflow_id: string }).workflow_id}`
  for (;;) {
    const made = bodyOf(await ask(world, 'admin', { method: 'GET', path })) as unknown as Made
    assert.ok(['queued', 'running', 'completed'].includes(made.status), JSON.stringify(made.error))
    if (made.status === 'completed') return made.result?.agent_id ?? assert.fail()
    await sleep(50)
  }
}

const withWorker = async (world: World, work: () => Promise<void>): Promise<void> => {
  const { app, address } = world
  const worker = await startWorker({ app, address, registry: workflowRegistry, concurrency: 1 })
  await work().finally(() => worker.stop(5000))
}

test('by rule: the hours and a price, with the pages they stand on', async () => {
  const world = await startWorld({ outbound_allow: ['127.0.0.0/8'] })
  await withWorker(world, async () => {
    const talk = await begin(world, { agent_id: await agentOf(world) })
    const hours = bodyOf(await talk.say('When are you open on Friday?'))
    assert.equal(hours.written_by, 'offline')
    assert.match(String(hours.reply), /Friday[^\n]*8:00 am – 1:00 pm/)
    assert.ok(String(hours.reply).includes(`${site.url}contact`), String(hours.reply))
    const price = bodyOf(await talk.say('How much is whitening?'))
    assert.match(String(price.reply), /Whitening[^\n]*\$350/)
    assert.ok(String(price.reply).includes(`${site.url}prices`), String(price.reply))
  }).finally(() => world.close())
})

test('by a model: it is given the page, and its words are the reply', async () => {
  const server = await startModelServer()
  const model = { base_url: server.base_url, model: 'm', api_key: null, prices: null }
  const world = await startWorld({ outbound_allow: ['127.0.0.0/8'], model })
  await withWorker(world, async () => {
    server.turns.push(says('{"instructions":"You are kind.","starting_message":"Hello!"}'))
    const talk = await begin(world, { agent_id: await agentOf(world) })
    // It knows nothing but what it is given.
    server.otherwise = ({ body }) => {
      const [, page = 'nowhere'] = new RegExp(`(${site.url}prices)`).exec(JSON.stringify(body.messages)) ?? []
      const [price = 'nothing'] = /\$350/.exec(JSON.stringify(body.messages)) ?? []
      return says('It costs ', price, `, says ${page}.`)
    }
    const answer = bodyOf(await talk.say('How much is whitening?'))
    assert.equal(answer.reply, `It costs $350, says ${site.url}prices.`)
    assert.equal(answer.written_by, 'model')
  }).finally(async () => {
    await world.close()
    await server.close()
  })
})
