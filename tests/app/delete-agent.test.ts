import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createAgent } from '#app/agents.ts'
import { deleteAgent } from '#app/delete-agent.ts'
import { getNumber } from '#app/phone-numbers.ts'
import { publish } from '#app/publish.ts'
import { deployAsSip } from '#app/sip-endpoints.ts'
import { createVersion } from '#app/versions.ts'
import type { AssignmentEntry } from '#core/routing-table.ts'
import { ensureAssignment } from '#store/assignments.ts'
import { listAudit } from '#store/audit.ts'
import { setSlots } from '#store/numbers.ts'
import { startTestApp, type TestApp } from '#tests/harness/app.ts'
import { seedNumbers } from '#tests/harness/seed.ts'
import { fillDefaults } from '#wire/parse-agent-config.ts'

let t: TestApp
const routed: { readonly number_ids: readonly string[]; readonly agent_ids: readonly string[] }[] = []
before(async () => {
  t = await startTestApp({
    max_connections: 20,
    routing: {
      changed: async change => {
        routed.push(change)
      },
    },
  })
})
after(() => t.close())

const liveAgent = async (name: string): Promise<string> => {
  const input = { name, description: null, active: true, is_demo: false, metadata: {} }
  const { id } = await createAgent(t.app, t.caller, input)
  await createVersion(t.app, t.caller, id, { config: fillDefaults({}), brings_instructions: false })
  await publish(t.app, t.caller, id, 1, { phone_numbers: [], unassign_phone_numbers: [], direction: 'inbound' })
  return id
}

const share = (agent_id: string, weight_bp: number): AssignmentEntry => ({
  agent_id,
  version: 1,
  weight_bp,
  arm: `arm of ${agent_id}`,
})

const hold = async (phone_number: string, entries: readonly AssignmentEntry[]): Promise<void> => {
  const { id } = await getNumber(t.app, t.caller, phone_number)
  await t.app.db.transaction().execute(async tx => {
    const assignment = await ensureAssignment(tx, t.caller.organization_id, entries)
    await setSlots(tx, [id], 'inbound', assignment)
    await setSlots(tx, [id], 'outbound', assignment)
  })
}

const slotsOf = async (phone_number: string) => {
  const { inbound, outbound } = await getNumber(t.app, t.caller, phone_number)
  const shown = (entries: typeof inbound) => entries.map(({ agent_id, weight_bp, arm }) => [agent_id, weight_bp, arm])
  return { inbound: shown(inbound), outbound: shown(outbound) }
}

test('the others in a slot keep their arms and share what the agent leaves', async () => {
  const [gone, small, large] = [await liveAgent('gone'), await liveAgent('small'), await liveAgent('large')]
  const [split = '', alone = '', apart = ''] = await seedNumbers(t, 3)
  await hold(split, [share(gone, 5000), share(small, 1000), share(large, 4000)])
  await hold(alone, [share(gone, 10_000)])
  await hold(apart, [share(small, 3000), share(large, 7000)])
  await deployAsSip(t.app, t.caller, gone, { version: null })
  const untouched = await getNumber(t.app, t.caller, apart)
  await deleteAgent(t.app, t.caller, gone)
  const rest = [
    [small, 2000, `arm of ${small}`],
    [large, 8000, `arm of ${large}`],
  ]
  assert.deepEqual(await slotsOf(split), { inbound: rest, outbound: rest })
  assert.deepEqual(await slotsOf(alone), { inbound: [], outbound: [] })
  assert.deepEqual(await getNumber(t.app, t.caller, apart), untouched)
  const { items } = await listAudit(t.app.db, t.caller.organization_id, { limit: 1, after: null }, { subject: gone })
  const told = (items[0]?.before ?? {}) as { slots: { phone_numbers: string[] }[]; sip_endpoint: unknown }
  assert.deepEqual(told.slots.flatMap(slot => slot.phone_numbers).sort(), [alone, split].sort())
  assert.deepEqual(told.sip_endpoint, { version: null })
  assert.deepEqual([routed.at(-1)?.agent_ids, routed.at(-1)?.number_ids.length], [[gone], 2])
})

test('agents that leave one slot at once all leave it', async () => {
  const agents = await Promise.all(Array.from({ length: 8 }, (_, n) => liveAgent(`one of ${n}`)))
  const stays = await liveAgent('stays')
  const numbers = await seedNumbers(t, 20)
  for (const number of numbers) await hold(number, [...agents.map(id => share(id, 1000)), share(stays, 2000)])
  await Promise.all(agents.map(id => deleteAgent(t.app, t.caller, id)))
  for (const number of numbers) {
    const last = [[stays, 10_000, `arm of ${stays}`]]
    assert.deepEqual(await slotsOf(number), { inbound: last, outbound: last })
  }
})
