/** A process that does the product's background work, and dies where it is told. */
import { createDocumentReader } from '#adapters/document-reader.ts'
import { createSiteReader } from '#adapters/site-reader.ts'
import type { App } from '#app/context.ts'
import { parseRange } from '#core/ip.ts'
import { createLog } from '#server/log.ts'
import type { DatabaseAddress } from '#store/address.ts'
import { openDatabase } from '#store/database.ts'
import { createSecretBox } from '#store/secret-box.ts'
import { openTenants } from '#store/tenants.ts'
import { NOBODY_OUTSIDE, TEST_SECRET_KEY, testWorkflows } from '#tests/harness/app.ts'
import { fillDefaults } from '#wire/parse-agent-config.ts'
import { workflowRegistry } from '#workflows/registry.ts'
import { startWorker } from '#workflows/worker.ts'
import { registryOf, type Step } from '#workflows/workflow.ts'

/** `run:extract`: when that step has done its work outside; `save:extract`: in its transaction, with its effects written. */
export type Moment = `${'run' | 'save'}:${string}`
export type ProductWorkerSettings = { readonly address: DatabaseAddress; readonly die_at: Moment | null }

const { address, die_at }: ProductWorkerSettings = JSON.parse(process.argv[2] ?? '')
// A test that is killed must not leave workers behind.
process.stdin.on('end', () => process.exit(1)).resume()

const dieAt = (moment: Moment): void => {
  if (moment === die_at) process.kill(process.pid, 'SIGKILL')
}

const mortal = (step: Step): Step => ({
  name: step.name,
  run: async context => {
    const output = await step.run(context)
    dieAt(`run:${step.name}`)
    return output
  },
  save: async (tx, context, output) => {
    const recorded = (await step.save?.(tx, context, output)) ?? output
    dieAt(`save:${step.name}`)
    return recorded
  },
})

const registry = registryOf(
  ...[...workflowRegistry.values()].map(definition => ({ ...definition, steps: definition.steps.map(mortal) })),
)
const db = openDatabase(address, { max_connections: 2 })
const tenants = openTenants(address, { max_connections: 4 })
const allow = [parseRange('127.0.0.0/8')].flatMap(range => range ?? [])
const app: App = {
  ...NOBODY_OUTSIDE,
  ...{ db, system: db, tenants, clock: { now_ms: Date.now }, log: createLog('info'), callers: new Map() },
  ...{ routing: { changed: async () => {} }, sip_public_host: 'sip.example.test', sip_transports: ['udp'] },
  ...{ default_config: fillDefaults({}), outbound_allow: allow },
  documents: createDocumentReader({ allow }),
  sites: createSiteReader({ allow, limits: { pause_ms: 0, pages: 5 } }),
  workflows: testWorkflows(db, registry),
  secrets: createSecretBox(TEST_SECRET_KEY),
}
const worker = await startWorker({ app, address, registry, concurrency: 1 })
process.on('SIGTERM', async () => {
  await worker.stop(5000)
  await tenants.close()
  await db.destroy()
  process.exit(0)
})
app.log.info({}, 'at work')
