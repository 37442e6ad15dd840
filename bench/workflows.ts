/** Background work on a real server, fsync on: what a workflow costs that does nothing, and how soon one begins. */
import { sql } from 'kysely'
import { type App, boundTo, inOneTransaction } from '#app/context.ts'
import { createOrganization } from '#app/organizations.ts'
import { startWorkflow } from '#app/workflows.ts'
import { openBenchApp } from '#bench/bench-app.ts'
import { quantile, timed } from '#bench/measure.ts'
import type { Bench } from '#bench/table.ts'
import type { JsonObject } from '#core/version.ts'
import { migrate } from '#store/migrate.ts'
import { startThrowawayCluster } from '#tests/harness/cluster.ts'
import { createEngine } from '#workflows/engine.ts'
import { createEnqueue, prepareQueue } from '#workflows/queue.ts'
import { startWorker } from '#workflows/worker.ts'
import { NO_RESULT, registryOf } from '#workflows/workflow.ts'

const WORKFLOWS = 600
const STARTED_AT_ONCE = 8
const SINGLE = 60
const CONCURRENCY = 4

/** Three steps that do nothing; `begun` hears of the first. */
const registryFor = (begun: (id: string) => void) =>
  registryOf({
    type: 'create_demo',
    steps: ['one', 'two', 'three'].map(name => ({
      name,
      run: async ({ workflow_id }): Promise<JsonObject> => {
        if (name === 'one') begun(workflow_id)
        return {}
      },
    })),
    result: () => NO_RESULT,
  })

const unfinished = async (app: App): Promise<number> => {
  const { rows } = await sql<{ n: number }>`select count(*) as n from workflows where finished_at is null`.execute(
    app.db,
  )
  return rows[0]?.n ?? 0
}

export const workflows: Bench = {
  name: 'workflows',
  run: async show => {
    await using closing = new AsyncDisposableStack()
    const cluster = await startThrowawayCluster(true)
    closing.defer(() => cluster.stop())
    await migrate(cluster.address)
    await prepareQueue(cluster.address)
    const bench = await openBenchApp(cluster.address)
    closing.defer(() => bench.close())
    let begun = (_id: string): void => {}
    const registry = registryFor(id => begun(id))
    const app = { ...bench.app, workflows: createEngine(registry, createEnqueue(bench.app.db)) }
    const { caller } = await createOrganization(app, { name: 'Bench', slug: 'bench', allowed_addresses: [] })
    const ours = boundTo(app, caller.organization_id)
    const start = (): Promise<string> =>
      inOneTransaction(ours, async joined => {
        if (joined.joined === undefined) throw new Error('there is a transaction')
        return startWorkflow(joined, joined.joined.tx, caller, 'create_demo', {})
      })
    const start_ms = await timed(async () => {
      const starters = Array.from({ length: STARTED_AT_ONCE }, async () => {
        for (let n = 0; n < WORKFLOWS / STARTED_AT_ONCE; n++) await start()
      })
      await Promise.all(starters)
    })
    show({
      name: 'workflows: started',
      unit: '/s',
      reference: null,
      ours: (WORKFLOWS / start_ms) * 1000,
      target: null,
    })
    const worker = await startWorker({ app, address: cluster.address, registry, concurrency: CONCURRENCY })
    closing.defer(() => worker.stop(1000))
    const work_ms = await timed(async () => {
      while ((await unfinished(app)) > 0) await new Promise(resolve => setTimeout(resolve, 20))
    })
    const done_per_second = (WORKFLOWS / work_ms) * 1000
    show({
      name: 'workflows: done, three steps each, four at once',
      unit: '/s',
      reference: null,
      ours: done_per_second,
      target: { at_least: 50 },
    })
    const waits_ms: number[] = []
    for (let n = 0; n < SINGLE; n++) {
      const first_step = new Promise<void>(resolve => {
        begun = () => resolve()
      })
      await start()
      waits_ms.push(await timed(() => first_step))
    }
    for (const share of [0.5, 0.99])
      show({
        name: `workflows: from commit to first step, p${share * 100}`,
        unit: 'ms',
        reference: null,
        ours: quantile(waits_ms, share),
        target: { at_most: share === 0.5 ? 50 : 1000 },
      })
  },
}
