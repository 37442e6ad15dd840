import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { createAgent, getAgent } from '#app/agents.ts'
import { publish } from '#app/publish.ts'
import { Refused } from '#app/refused.ts'
import { createVersion, getVersion, updateVersion } from '#app/versions.ts'
import { canonicalJson } from '#core/canonical-json.ts'
import { startTestApp, type TestApp } from '#tests/harness/app.ts'
import { fillDefaults } from '#wire/parse-agent-config.ts'

let t: TestApp
before(async () => {
  t = await startTestApp({ max_connections: 20 })
})
after(() => t.close())

const agent = async (): Promise<string> =>
  (await createAgent(t.app, t.caller, { name: 'A', description: null, active: true, is_demo: false, metadata: {} })).id
const draft = (agent_id: string, config: Record<string, unknown> = {}, brings_instructions = false) =>
  createVersion(t.app, t.caller, agent_id, { config: fillDefaults(config), brings_instructions })
const publishIt = (agent_id: string, ref: number | 'latest') =>
  publish(t.app, t.caller, agent_id, ref, { phone_numbers: [], unassign_phone_numbers: [], direction: 'inbound' })
const refusedAs = (code: string) => (error: unknown) => error instanceof Refused && error.refusal.code === code

test('versions are numbered 1, 2, 3 however many are made at once', async () => {
  const id = await agent()
  const made = await Promise.all(Array.from({ length: 20 }, () => draft(id)))
  assert.deepEqual(
    made.map(v => v.version).sort((a, b) => a - b),
    Array.from({ length: 20 }, (_, i) => i + 1),
  )
})

test('the digest is the SHA-256 of the canonical, filled config: the order of keys does not matter', async () => {
  const id = await agent()
  const a = await draft(id, { instructions: 'x', language: 'de-DE' })
  const b = await draft(id, { language: 'de-DE', instructions: 'x' })
  const stored = await getVersion(t.app, t.caller, id, 1)
  assert.equal(a.digest, b.digest)
  assert.equal(a.digest, createHash('sha256').update(canonicalJson(stored.config)).digest('hex'))
  assert.notEqual((await draft(id, { instructions: 'y', language: 'de-DE' })).digest, a.digest)
})

test('base_version copies the config and says where it came from', async () => {
  const id = await agent()
  const base = await draft(id, { instructions: 'x' }, true)
  await publishIt(id, 1)
  const copy = await createVersion(t.app, t.caller, id, { base_version: 1 })
  assert.deepEqual(
    [copy.version, copy.base_version, copy.digest, copy.published, copy.manually_edited],
    [2, 1, base.digest, false, true],
  )
  await assert.rejects(createVersion(t.app, t.caller, id, { base_version: 9 }), refusedAs('base_version_not_found'))
  assert.equal((await getAgent(t.app, t.caller, id)).versions.length, 2)
})

test('latest ensures one draft, however many ask at once', async () => {
  const id = await agent()
  const first = await Promise.all(Array.from({ length: 20 }, () => getVersion(t.app, t.caller, id, 'latest')))
  assert.deepEqual(new Set(first.map(v => v.version)), new Set([1]))
  await publishIt(id, 1)
  const second = await Promise.all(Array.from({ length: 20 }, () => getVersion(t.app, t.caller, id, 'latest')))
  assert.deepEqual(new Set(second.map(v => `${v.version} from ${v.base_version}`)), new Set(['2 from 1']))
})

test('publishing latest is the newest version as it is, and a stub has none', async () => {
  const id = await agent()
  await assert.rejects(publishIt(id, 'latest'), refusedAs('version_not_found'))
  await draft(id)
  await publishIt(id, 'latest')
  await publishIt(id, 'latest')
  assert.deepEqual(
    (await getAgent(t.app, t.caller, id)).versions.map(v => [v.version, v.published]),
    [[1, true]],
  )
})

test('a draft takes edits, a published version refuses them and stays', async () => {
  const id = await agent()
  const before_edit = await draft(id, { instructions: 'x' })
  const edited = await updateVersion(t.app, t.caller, id, 1, { config: fillDefaults({ instructions: 'y' }) })
  assert.equal(edited.manually_edited, true)
  assert.notEqual(edited.digest, before_edit.digest)
  const dirty = await updateVersion(t.app, t.caller, id, 1, { instruction_builder_inputs: { purpose: 'book' } })
  assert.deepEqual(
    [dirty.dirty, dirty.instruction_builder_inputs, dirty.digest],
    [true, { purpose: 'book' }, edited.digest],
  )
  await publishIt(id, 1)
  const published = await getVersion(t.app, t.caller, id, 1)
  await assert.rejects(
    updateVersion(t.app, t.caller, id, 1, { config: fillDefaults({ instructions: 'z' }) }),
    refusedAs('version_published'),
  )
  assert.deepEqual(await getVersion(t.app, t.caller, id, 1), published)
})

test('updating latest edits the draft, and makes one where all are published', async () => {
  const id = await agent()
  await draft(id, { instructions: 'x' })
  await publishIt(id, 1)
  const edited = await updateVersion(t.app, t.caller, id, 'latest', { config: fillDefaults({ instructions: 'y' }) })
  assert.deepEqual([edited.version, edited.base_version, edited.config.instructions], [2, 1, 'y'])
})

test('stale or generating instructions block a publish', async () => {
  const id = await agent()
  await draft(id)
  await updateVersion(t.app, t.caller, id, 1, { instruction_builder_inputs: { purpose: 'book' } })
  await assert.rejects(publishIt(id, 1), refusedAs('publish_stale'))
  await sql`update agent_versions set generating = true where agent_id = ${id}`.execute(t.app.db)
  await assert.rejects(publishIt(id, 1), refusedAs('publish_generating'))
  await assert.rejects(updateVersion(t.app, t.caller, id, 1, {}), refusedAs('version_generating'))
  assert.equal((await getVersion(t.app, t.caller, id, 1)).published, false)
})

test("another organization's agent is not there", async () => {
  const id = await agent()
  await draft(id)
  const other = (await t.organization('Other')).caller
  for (const attempt of [
    () => getAgent(t.app, other, id),
    () => getVersion(t.app, other, id, 1),
    () => getVersion(t.app, other, id, 'latest'),
    () => createVersion(t.app, other, id, { base_version: 1 }),
    () => updateVersion(t.app, other, id, 1, {}),
    () => publish(t.app, other, id, 1, { phone_numbers: [], unassign_phone_numbers: [], direction: 'inbound' }),
  ])
    await assert.rejects(attempt(), refusedAs('agent_not_found'))
})
