/**
 * kill -9 after each step of every workflow there is, and within each step's transaction: another worker finishes, and each
 * effect is there once.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { startAgentFromSite } from '#app/agent-from-site.ts'
import { createAgent } from '#app/agents.ts'
import { boundTo } from '#app/context.ts'
import { startGenerating } from '#app/generate-instructions.ts'
import { makeKnowledgeBase } from '#app/knowledge.ts'
import { addSource } from '#app/knowledge-sources.ts'
import { registerNumber } from '#app/phone-numbers.ts'
import { createVersion, updateVersion } from '#app/versions.ts'
import { getWorkflow } from '#app/workflows.ts'
import type { WorkflowType } from '#core/workflow.ts'
import { openSite, practiceSite, type SiteServer } from '#tests/adapters/practice-site.ts'
import { startTestApp, type TestApp } from '#tests/harness/app.ts'
import type { Moment, ProductWorkerSettings } from '#tests/workflows/product-worker.ts'
import { startWorkerProcess, until } from '#tests/workflows/worker-process.ts'
import { workflowRegistry } from '#workflows/registry.ts'

let site: SiteServer
before(async () => {
  site = await openSite(practiceSite)
})
after(() => site.close())

const ORDER = {
  ...{ company_name: null, company_overview: null, instructions: null, is_demo: false, demo_type: null },
  ...{ skip_deployment: false, include_phone_number: false, voice_id: null, avatar_url: null },
  ...{ existing_agent_id: null, existing_collection_id: null },
} as const

const ours = ({ app, caller }: TestApp) => boundTo(app, caller.organization_id)

const ONE_AGENT = { agents: 1, agent_versions: 1, knowledge_bases: 1, knowledge_sources: 5, numbers: 0, audited: 0 }

type Case = {
  readonly start: (t: TestApp) => Promise<string>
  /** Rows when all is done, however often it was begun. */
  readonly expected: Readonly<Record<string, number>>
}

const CASES: Readonly<Record<WorkflowType, Case>> = {
  create_demo: {
    start: async t => {
      for (const phone_number of ['+15551230001', '+15551230002'])
        await registerNumber(t.app, t.caller, { phone_number, base_number: null, trunk_id: null })
      const order = { ...ORDER, company_website: site.url, is_demo: true, include_phone_number: true }
      return startAgentFromSite(ours(t), t.caller, 'create_demo', order)
    },
    expected: { ...ONE_AGENT, numbers: 1 },
  },
  create_from_website: {
    start: t => {
      const order = { ...ORDER, company_website: site.url, company_name: 'Riverside' }
      return startAgentFromSite(ours(t), t.caller, 'create_from_website', order)
    },
    expected: ONE_AGENT,
  },
  generate_instructions: {
    start: async t => {
      const about = { description: null, active: true, is_demo: false, metadata: {} }
      const agent = await createAgent(t.app, t.caller, { name: 'A', ...about })
      await createVersion(t.app, t.caller, agent.id, { config: t.app.default_config, brings_instructions: false })
      await updateVersion(t.app, t.caller, agent.id, 1, { instruction_builder_inputs: { purpose: 'Takes bookings.' } })
      return startGenerating(ours(t), t.caller, agent.id, 1)
    },
    expected: { agents: 1, agent_versions: 1, knowledge_bases: 0, knowledge_sources: 0, numbers: 0, audited: 1 },
  },
  read_source: {
    start: async t => {
      const { id } = await makeKnowledgeBase(ours(t), t.caller, { name: 'x', description: null, language: 'en' })
      const { workflow_id } = await addSource(ours(t), t.caller, id, { kind: 'url', title: null, url: site.url })
      return workflow_id ?? assert.fail('a page is read in the background')
    },
    expected: { agents: 0, agent_versions: 0, knowledge_bases: 1, knowledge_sources: 1, numbers: 0, audited: 0 },
  },
}

const COUNTED = ['agents', 'agent_versions', 'knowledge_bases', 'knowledge_sources']

const counts = async ({ app }: TestApp) => {
  const query = COUNTED.map(table => sql`(select count(*)::int from ${sql.table(table)}) as ${sql.ref(table)}`)
  const more = sql`(select count(*)::int from knowledge_chunks) as chunks,
    (select count(distinct (source_id, body, heading))::int from knowledge_chunks) as distinct_chunks,
    (select count(*)::int from phone_numbers where inbound_assignment_id is not null) as numbers,
    (select count(*)::int from audit_log where action = 'version.generated') as audited,
    (select count(*)::int from agent_versions where generating) as generating`
  const { rows } = await sql<Record<string, number>>`select ${sql.join(query)}, ${more}`.execute(app.db)
  return rows[0] ?? assert.fail()
}

const survive = async ({ start, expected }: Case, moment: Moment): Promise<void> => {
  await using closing = new AsyncDisposableStack()
  const t = await startTestApp({ max_connections: 2, outbound_allow: ['127.0.0.0/8'] })
  closing.defer(() => t.close())
  const workflow_id = await start(t)
  const startOne = (die_at: Moment | null) => {
    const settings: ProductWorkerSettings = { address: t.address, die_at }
    return startWorkerProcess(settings, new URL('./product-worker.ts', import.meta.url))
  }
  const dying = await startOne(moment)
  assert.deepEqual(await dying.ended, [null, 'SIGKILL'])
  const other = await startOne(null)
  closing.defer(() => other.end())
  const read = () => getWorkflow(t.app, t.caller, workflow_id)
  await until('the workflow ends', async () => (await read()).finished_at !== null)
  const { status, error } = await read()
  assert.deepEqual([status, error], ['completed', null])
  const { chunks, distinct_chunks, generating, ...rows } = await counts(t)
  assert.deepEqual(rows, expected)
  assert.equal(chunks, distinct_chunks)
  assert.equal(generating, 0)
  assert.equal((chunks ?? 0) > 0, (rows.knowledge_sources ?? 0) > 0)
}

const momentsOf = (type: WorkflowType): readonly Moment[] =>
  (workflowRegistry.get(type)?.steps ?? []).flatMap(({ name }) => [`run:${name}`, `save:${name}`] as const)

for (const [type, its] of Object.entries(CASES) as [WorkflowType, Case][])
  describe(`a worker dies at ${type}`, { concurrency: true }, () => {
    for (const moment of momentsOf(type)) test(moment, () => survive(its, moment))
  })

test('every workflow is killed', () => {
  assert.deepEqual(Object.keys(CASES).sort(), [...workflowRegistry.keys()].sort())
})
