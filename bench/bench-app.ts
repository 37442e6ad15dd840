/** The API on a database of its own, without a limit on the rate, for measuring. */

import type { FastifyInstance } from 'fastify'
import type { App } from '#app/context.ts'
import { buildHttpServer } from '#http/server.ts'
import type { DatabaseAddress } from '#store/address.ts'
import { openDatabase } from '#store/database.ts'
import { createSecretBox } from '#store/secret-box.ts'
import { openTenants } from '#store/tenants.ts'
import { NOBODY_OUTSIDE } from '#tests/harness/app.ts'
import { fillDefaults } from '#wire/parse-agent-config.ts'
import { createEngine } from '#workflows/engine.ts'
import { createEnqueue } from '#workflows/queue.ts'
import { workflowRegistry } from '#workflows/registry.ts'

const CONNECTIONS = 10

const quiet = { info: () => {}, warn: () => {}, error: () => {} }

export type BenchApp = { readonly app: App; readonly server: FastifyInstance; close(): Promise<void> }

/** The database must be migrated. */
export const openBenchApp = async (address: DatabaseAddress): Promise<BenchApp> => {
  const db = openDatabase(address, { max_connections: CONNECTIONS })
  const tenants = openTenants(address, { max_connections: CONNECTIONS })
  const app: App = {
    db,
    system: db,
    tenants,
    clock: { now_ms: () => Date.now() },
    log: quiet,
    routing: { changed: () => Promise.resolve() },
    ...NOBODY_OUTSIDE,
    sip_public_host: '127.0.0.1:5060',
    sip_transports: ['udp', 'tcp'],
    default_config: fillDefaults({}),
    workflows: createEngine(workflowRegistry, createEnqueue(db)),
    secrets: createSecretBox(Buffer.alloc(32)),
    callers: new Map(),
  }
  const server = await buildHttpServer({
    app,
    database_answers: () => Promise.resolve(true),
    rate_limit_rps: 0,
    log: quiet,
    ready: () => ({ ready: true, roles: {} }),
  })
  return {
    app,
    server,
    close: async () => {
      await server.close()
      await tenants.close()
      await db.destroy()
    },
  }
}
