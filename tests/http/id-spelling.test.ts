/** Ids in capitals are the same ids (RFC 9562 4): in what is stored, routed by, audited and tagged. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openInbound } from '#app/trunk-secrets.ts'
import { readTrunkRoutes } from '#store/routing.ts'
import { type Answer, ask, type Request } from '#tests/harness/http.ts'
import { seedNumbers } from '#tests/harness/seed.ts'
import { startWorld, type World } from '#tests/harness/world.ts'

let world: World
before(async () => {
  world = await startWorld()
})
after(() => world.close())

const served = async (request: Request): Promise<Answer> => {
  const answer = await ask(world, 'admin', request)
  assert.ok(answer.status < 300, JSON.stringify(answer.body))
  return answer
}

const post = (path: string, body: object) => served({ method: 'POST', path, body })
const idOf = (answer: Answer): string => (answer.body as { id: string }).id
const tagOf = (answer: Answer): string => String(answer.headers.etag)

test('an agent spelt in capitals is published, deployed and deleted like any other', { timeout: 20_000 }, async () => {
  const [number = ''] = await seedNumbers({ app: world.app, caller: world.admin }, 1)
  const id = idOf(await post('/core/agents', { name: 'Capitals' }))
  const path = `/core/agents/${id.toUpperCase()}`
  await post(`${path}/versions`, { config: {} })
  await post(`${path}/versions/1/publish`, { phone_numbers: [number] })
  const deployed = await post(`${path}/deploy-as-sip`, {})
  assert.ok((deployed.body as { uri: string }).uri.startsWith(`sip:${id}@`))
  await served({ method: 'DELETE', path: `${path}/deploy-as-sip`, headers: { 'if-match': tagOf(deployed) } })
  await served({ method: 'PUT', path, body: { description: 'x' } })
  // Would take the agent out of no slot, again and again, and never end.
  await served({ method: 'DELETE', path })
  const held = await served({ method: 'GET', path: `/core/phone-numbers/${encodeURIComponent(number)}` })
  assert.deepEqual((held.body as { inbound_agents: unknown[] }).inbound_agents, [])
  const touched = new Set(world.routed.flatMap(change => change.agent_ids))
  assert.ok(touched.has(id) && !touched.has(id.toUpperCase()))
  const audited = await served({ method: 'GET', path: `/core/audit-log?subject=${id}` })
  assert.deepEqual(
    (audited.body as { action: string }[]).map(entry => entry.action),
    ['agent.delete', 'agent.update', 'sip_endpoint.remove', 'sip_endpoint.deploy', 'agent.create'],
  )
})

test('ids in bodies, spelt in capitals, are stored as they are elsewhere', async () => {
  const [number = ''] = await seedNumbers({ app: world.app, caller: world.admin }, 1)
  const id = idOf(await post('/core/agents', { name: 'Capitals in bodies' }))
  await post(`/core/agents/${id}/versions`, { config: {} })
  await post(`/core/agents/${id}/versions/1/publish`, {})
  const agents = [{ agent_id: id.toUpperCase(), version: 1 }]
  const slot = `/core/phone-numbers/${number}/slots/inbound`
  const put = await served({ method: 'PUT', path: slot, body: { agents } })
  assert.partialDeepStrictEqual(put.body, { agents: [{ agent_id: id, arm: `${id}:1` }] })
  const again = await served({ method: 'PUT', path: slot, body: { agents: [{ agent_id: id, version: 1 }] } })
  assert.equal(tagOf(again), tagOf(put))
  const after_hours = { agent_id: id.toUpperCase() }
  const schedule = await post('/core/schedules', { name: 'x', timezone: 'UTC', after_hours })
  assert.partialDeepStrictEqual(schedule.body, { after_hours: { agents: [{ agent_id: id }] } })
  const routing = `/core/phone-numbers/${number}/routing`
  const time_routing = { enabled: true, schedule_id: idOf(schedule).toUpperCase() }
  await served({ method: 'PATCH', path: routing, body: { time_routing, default_agent_id: id.toUpperCase() } })
  await served({ method: 'PUT', path: '/core/inbound-routing', body: { fallback_agent_id: id.toUpperCase() } })
  await served({ method: 'DELETE', path: `/core/agents/${id}` })
  const { body } = await served({ method: 'GET', path: `/core/schedules/${idOf(schedule)}` })
  assert.partialDeepStrictEqual(body, { after_hours: null })
})

test('a trunk spelt in capitals keeps its password, and is routed by from then on', async () => {
  const inbound_config = { auth_username: 'ann', auth_password: 'correct horse' }
  const id = idOf(await post('/core/trunks', { name: 'T', inbound_config }))
  const path = `/core/trunks/${id.toUpperCase()}`
  await served({ method: 'PUT', path, body: { inbound_config: { auth_username: 'ann', auth_password: 'a new one' } } })
  const [row] = await readTrunkRoutes(world.app.system, [id])
  assert.equal(openInbound(world.app.secrets, id, row?.inbound_secret ?? '').username, 'ann')
  await served({ method: 'DELETE', path })
  const touched = new Set(world.routed.flatMap(change => change.trunk_ids))
  assert.ok(touched.has(id) && !touched.has(id.toUpperCase()))
})
