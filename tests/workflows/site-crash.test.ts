/** kill -9 after each step of create-demo, and within its transaction: another worker finishes, and there is one of everything. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { startAgentFromSite } from '#app/agent-from-site.ts'
import { boundTo } from '#app/context.ts'
import { registerNumber } from '#app/phone-numbers.ts'
import { getWorkflow } from '#app/workflows.ts'
import { openSite, practiceSite, type SiteServer } from '#tests/adapters/practice-site.ts'
import { startTestApp, type TestApp } from '#tests/harness/app.ts'
import type { SiteMoment } from '#tests/workflows/site-worker.ts'
import { startWorkerProcess, until } from '#tests/workflows/worker-process.ts'

const STEPS = ['read_site', 'extract', 'write_instructions', 'create_agent']
const MOMENTS = STEPS.flatMap(name => [`run:${name}`, `save:${name}`] as const)

let site: SiteServer
before(async () => {
  site = await openSite(practiceSite)
})
after(() => site.close())

const NOTHING = {
  ...{ company_name: null, company_overview: null, instructions: null, is_demo: true, demo_type: null },
  ...{
    skip_deployment: false,
    voice_id: null,
    avatar_url: null,
    existing_agent_id: null,
    existing_collection_id: null,
  },
} as const

const start = async ({ app, caller }: TestApp): Promise<string> => {
  await registerNumber(app, caller, { phone_number: '+15551230001', base_number: null, trunk_id: null })
  await registerNumber(app, caller, { phone_number: '+15551230002', base_number: null, trunk_id: null })
  const order = { ...NOTHING, company_website: site.url, include_phone_number: true }
  return startAgentFromSite(boundTo(app, caller.organization_id), caller, 'create_demo', order)
}

const COUNTED = ['agents', 'agent_versions', 'knowledge_bases', 'knowledge_sources']

const counts = async ({ app }: TestApp) => {
  const query = COUNTED.map(table => sql`(select count(*)::int from ${sql.table(table)}) as ${sql.ref(table)}`)
  const chunks = sql`(select count(*)::int from knowledge_chunks) as chunks,
    (select count(distinct (source_id, body, heading))::int from knowledge_chunks) as distinct_chunks,
    (select count(*)::int from phone_numbers where inbound_assignment_id is not null) as numbers`
  const { rows } = await sql<Record<string, number>>`select ${sql.join(query)}, ${chunks}`.execute(app.db)
  return rows[0] ?? assert.fail()
}

describe('a worker that makes an agent dies', { concurrency: true }, () => {
  for (const moment of MOMENTS) {
    test(`at ${moment}`, async () => {
      await using closing = new AsyncDisposableStack()
      const t = await startTestApp({ max_connections: 2, outbound_allow: ['127.0.0.0/8'] })
      closing.defer(() => t.close())
      const workflow_id = await start(t)
      const startOne = (die_at: SiteMoment | null) =>
        startWorkerProcess({ address: t.address, die_at }, new URL('./site-worker.ts', import.meta.url))
      const dying = await startOne(moment)
      assert.deepEqual(await dying.ended, [null, 'SIGKILL'])
      const other = await startOne(null)
      closing.defer(() => other.end())
      const read = () => getWorkflow(t.app, t.caller, workflow_id)
      await until('the workflow ends', async () => (await read()).finished_at !== null)
      const { status, error, result } = await read()
      assert.deepEqual(
        [status, error, result?.version, result?.phone_numbers],
        ['completed', null, 1, ['+15551230001']],
      )
      const { chunks, distinct_chunks, ...one } = await counts(t)
      assert.deepEqual(one, { agents: 1, agent_versions: 1, knowledge_bases: 1, knowledge_sources: 5, numbers: 1 })
      assert.equal(chunks, distinct_chunks)
    })
  }
})
