/** Written conversations that look things up, offline and with a language model. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { boundTo } from '#app/context.ts'
import { makeKnowledgeBase } from '#app/knowledge.ts'
import { addSource } from '#app/knowledge-sources.ts'
import { ask } from '#tests/harness/http.ts'
import { startWorld, type World } from '#tests/harness/world.ts'
import { type ModelServer, says, startModelServer } from '#tests/peers/model-server.ts'
import { begin, bodyOf } from '#tests/talk/talking.ts'

let offline: World
let modelled: World
let model: ModelServer
before(async () => {
  model = await startModelServer()
  offline = await startWorld()
  modelled = await startWorld({ model: { base_url: model.base_url, model: 'm', api_key: null, prices: null } })
})
after(async () => {
  await offline.close()
  await modelled.close()
  await model.close()
})

const PAGES = {
  'Opening hours': '# Opening hours\n\nMonday to Friday: 8:00 – 17:00\n\nSaturday: 9:00 – 12:00\n\nClosed on Sunday.',
  Prices: '# Prices\n\n| Service | Price |\n|---|---|\n| Cleaning | $95 |\n| Check-up | $60 |\n\nPrices include tax.',
  Team: '# Team\n\nDr. Ada Brown has been a dentist since 2004. She loves hiking.',
}

const fill = async (world: World): Promise<string> => {
  const app = boundTo(world.app, world.admin.organization_id)
  const base = await makeKnowledgeBase(app, world.admin, { name: 'Site', description: null, language: 'en' })
  for (const [title, text] of Object.entries(PAGES))
    await addSource(app, world.admin, base.id, { kind: 'text', title, text, media_type: 'text/markdown' })
  return base.id
}

test('offline it says what the page says, and names the page', async () => {
  const id = await fill(offline)
  const talk = await begin(offline, { agent_config: { instructions: 'Be kind.', knowledge_bases: [{ id }] } })
  const reply = async (question: string) => String(bodyOf(await talk.say(question)).reply)
  const hours = await reply('When are you open on Saturday?')
  assert.match(hours, /Saturday: 9:00 – 12:00/)
  assert.match(hours, /\(From: Opening hours\)/)
  assert.match(hours, /no language model/)
  const price = await reply('How much is a cleaning?')
  assert.match(price, /Cleaning · \$95/)
  assert.doesNotMatch(price, /Check-up/)
  assert.match(price, /\(From: Prices\)/)
  assert.match(await reply('What are your opening hours?'), /Monday to Friday: 8:00 – 17:00/)
  assert.match(await reply('Who is Dr. Brown?'), /Ada Brown has been a dentist since 2004/)
  assert.match(await reply('Do you sell bicycles?'), /found nothing/)
})

test('a model is given the passages with their pages, and a tool can look up more', async () => {
  const id = await fill(modelled)
  const tools = [
    {
      name: 'look_up',
      properties: { what: { type: 'string' } },
      actions: [{ type: 'knowledge_base', query: '{{what}}', top_n: 1 }],
    },
  ]
  const talk = await begin(modelled, { agent_config: { knowledge_bases: [{ id, top_n: 2 }], tools } })
  const calls = [{ id: 'c', name: 'look_up', arguments: '{"what":"dentist"}' }]
  model.turns.push({ kind: 'tool_calls', calls }, says('At nine; ask for Dr. Brown.'))
  const answer = bodyOf(await talk.say('When are you open on Saturday?'))
  const system = String(model.requests[0]?.body.messages[0]?.content)
  assert.match(system, /\[Opening hours\]\n# Opening hours\n[\s\S]*Saturday: 9:00/)
  const [call] = answer.tool_calls as { result: string }[]
  assert.match(call?.result ?? '', /\[Team\].*Ada Brown/s)
})

test('a knowledge base that is gone, or somebody else’s, says nothing', async () => {
  const id = await fill(offline)
  const body = { channel: 'text', agent_config: { knowledge_bases: [{ id }] } }
  const theirs = bodyOf(await ask(offline, 'other', { method: 'POST', path: '/core/conversations', body }))
  const path = `/core/conversations/${(theirs.conversation as { id: string }).id}/messages`
  const answer = bodyOf(
    await ask(offline, 'other', { method: 'POST', path, body: { text: 'How much is a cleaning?' } }),
  )
  assert.match(String(answer.reply), /found nothing/)
})
