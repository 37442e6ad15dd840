/** Everything that serves, started and stopped in order. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Log } from '#app/ports.ts'
import type { Config } from '#server/config.ts'
import type { DatabaseAddress } from '#store/address.ts'
import { migrate } from '#store/migrate.ts'

export type Services = {
  /** Where HTTP is served, `http://host:port`; null in a process without it. */
  readonly http: string | null
  /** Not ready any more, no new calls; resolves when those in flight have ended. */
  drain(): Promise<void>
  stop(): Promise<void>
}

export async function startServices(input: {
  readonly config: Config
  readonly address: DatabaseAddress
  readonly log: Log
}): Promise<Services> {
  const { config, address, log } = input
  await migrate(address)
  let ready = true
  const server = createServer((request, response) => {
    const status = request.url === '/health/live' ? 200 : request.url === '/health/ready' ? (ready ? 200 : 503) : 404
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ status }))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(config.http_port, config.http_host, resolve)
  })
  const { port } = server.address() as AddressInfo
  const http = `http://${config.http_host}:${port}`
  log.info({ http }, 'listening')
  return {
    http,
    drain: async () => {
      ready = false
    },
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
