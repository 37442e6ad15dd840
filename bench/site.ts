/** Websites: how fast pages are read when nobody has to be spared, and how soon a site of thirty pages is an agent. */
import { createSiteReader } from '#adapters/site-reader.ts'
import { startAgentFromSite } from '#app/agent-from-site.ts'
import { boundTo } from '#app/context.ts'
import { createOrganization } from '#app/organizations.ts'
import { getWorkflow } from '#app/workflows.ts'
import { openBenchApp } from '#bench/bench-app.ts'
import { timed } from '#bench/measure.ts'
import type { Bench } from '#bench/table.ts'
import { parseRange } from '#core/ip.ts'
import { isOver } from '#core/workflow.ts'
import { migrate } from '#store/migrate.ts'
import { openSite, PAGE_COUNT, practiceSite } from '#tests/adapters/practice-site.ts'
import { startThrowawayCluster } from '#tests/harness/cluster.ts'
import { prepareQueue } from '#workflows/queue.ts'
import { workflowRegistry } from '#workflows/registry.ts'
import { startWorker } from '#workflows/worker.ts'

const ORDER = {
  ...{ company_name: 'Riverside', company_overview: null, instructions: null, is_demo: false, demo_type: null },
  ...{ skip_deployment: false, include_phone_number: false, voice_id: null, avatar_url: null },
  ...{ existing_agent_id: null, existing_collection_id: null },
}

export const site: Bench = {
  name: 'site',
  run: async show => {
    await using closing = new AsyncDisposableStack()
    const served = await openSite(practiceSite)
    closing.defer(() => served.close())
    const allow = ['127.0.0.0/8'].flatMap(text => parseRange(text) ?? [])

    const hasty = createSiteReader({ allow, limits: { pause_ms: 0 } })
    const read = () => hasty.read(new URL(served.url), new AbortController().signal, () => undefined)
    await read()
    const read_ms = await timed(read)
    const pages_per_second = (PAGE_COUNT / read_ms) * 1000
    show({
      name: 'site: pages read, without pauses',
      unit: '/s',
      reference: null,
      ours: pages_per_second,
      target: null,
    })

    const cluster = await startThrowawayCluster(true)
    closing.defer(() => cluster.stop())
    await migrate(cluster.address)
    await prepareQueue(cluster.address)
    const bench = await openBenchApp(cluster.address)
    closing.defer(() => bench.close())
    const app = { ...bench.app, outbound_allow: allow, sites: createSiteReader({ allow }) }
    const { caller } = await createOrganization(app, { name: 'Bench', slug: 'bench', allowed_addresses: [] })
    const ours = boundTo(app, caller.organization_id)
    const worker = await startWorker({ app, address: cluster.address, registry: workflowRegistry, concurrency: 1 })
    closing.defer(() => worker.stop(1000))
    const work_ms = await timed(async () => {
      const order = { ...ORDER, company_website: served.url }
      const id = await startAgentFromSite(ours, caller, 'create_from_website', order)
      while (!isOver((await getWorkflow(ours, caller, id)).status))
        await new Promise(resolve => setTimeout(resolve, 20))
      const { status, error } = await getWorkflow(ours, caller, id)
      if (status !== 'completed') throw new Error(error?.detail ?? status)
    })
    show({
      name: `site: ${PAGE_COUNT} pages to a published agent, by rule`,
      unit: 's',
      reference: null,
      ours: work_ms / 1000,
      target: { at_most: 10 },
    })
  },
}
