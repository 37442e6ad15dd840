/** The HTTP server: the operations, and one way to say that something went wrong. */
import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { type FastifyInstance, type FastifyRequest, fastify } from 'fastify'
import type { App } from '#app/context.ts'
import type { Log } from '#app/ports.ts'
import { Refused } from '#app/refused.ts'
import { errorReply } from '#http/error-answer.ts'
import { handlersFor } from '#http/handlers.ts'
import { acceptJson } from '#http/json-body.ts'
import type { Readiness } from '#http/process.ts'
import { readQuery } from '#http/query-string.ts'
import { createRateLimits } from '#http/rate-limit.ts'
import { mountReference } from '#http/reference.ts'
import { mountOperations, send } from '#http/routes.ts'
import type { Probe } from '#http/while-database-answers.ts'
import { BODY_LIMIT_BYTES, dialectOf } from '#wire/operation.ts'

export type HttpServer = {
  /** Where it listens in the end; port 0 takes any free one. Rejects with Node's own error (EADDRINUSE, EACCES …). */
  listen(host: string, port: number): Promise<{ readonly host: string; readonly port: number }>
  /** Takes no new requests; those in flight have this long to end. */
  close(): Promise<void>
}

export type HttpServerInput = {
  /** null: this process has no `api` role and answers only /health and /openapi.json. */
  readonly app: App | null
  /** Whether the database answers (store/probe.ts); asked only about requests that wait for it. */
  readonly database_answers: Probe
  /** Requests a second and credential; 0: no limit. */
  readonly rate_limit_rps: number
  readonly log: Log
  readonly ready: () => Readiness | Promise<Readiness>
}

/** A whole request, 4 MiB over a slow line included, has this long to arrive. */
const REQUEST_TIMEOUT_MS = 60_000
const CLOSE_TIMEOUT_MS = 5000
/** Longer than any id or number that a path carries. */
const PARAMETER_LENGTH = 300

const BAD_REQUEST = JSON.stringify({ detail: 'This is not an HTTP request.', code: 'invalid_request' })

/** Below HTTP there is no request to answer; what can be said is said on the socket. */
const onClientError = (
  _error: unknown,
  socket: { writable: boolean; end(text: string): unknown; destroy(): unknown },
) => {
  if (!socket.writable) return socket.destroy()
  const head = `HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${BAD_REQUEST.length}`
  return socket.end(`${head}\r\n\r\n${BAD_REQUEST}`)
}

/** The server before it listens; tests ask it directly. */
export const buildHttpServer = async (input: HttpServerInput): Promise<FastifyInstance> => {
  const { app, database_answers, log, ready } = input
  const answerError = (error: unknown, { id, url, routeOptions }: FastifyRequest, operation: string) =>
    errorReply(log, error, { request_id: id, operation, dialect: dialectOf(routeOptions?.url ?? url) })
  const server = fastify({
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    genReqId: () => randomUUID(),
    return503OnClosing: false,
    routerOptions: { maxParamLength: PARAMETER_LENGTH, querystringParser: readQuery },
    clientErrorHandler: onClientError,
    frameworkErrors: (error, request, reply) => {
      reply.header('x-request-id', request.id)
      send(reply, answerError(error, request, 'none'))
    },
  })
  acceptJson(server)
  server.decorateRequest('caller', null)
  server.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
  })
  server.setErrorHandler((error, request, reply) =>
    send(reply, answerError(error, request, `${request.method} ${request.routeOptions.url ?? ''}`)),
  )
  server.setNotFoundHandler((request, reply) =>
    send(reply, answerError(new Refused({ code: 'not_found' }), request, 'none')),
  )
  mountOperations(
    server,
    app && { app, limits: createRateLimits(input.rate_limit_rps), database_answers },
    handlersFor(ready),
  )
  mountReference(server)
  await server.ready()
  return server
}

const addressOf = (address: AddressInfo | string | null): { host: string; port: number } => {
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port')
  return { host: address.address, port: address.port }
}

export const createHttpServer = async (input: HttpServerInput): Promise<HttpServer> => {
  const server = await buildHttpServer(input)
  return {
    listen: async (host, port) => {
      await server.listen({ host, port })
      return addressOf(server.server.address())
    },
    close: async () => {
      const force = setTimeout(() => server.server.closeAllConnections(), CLOSE_TIMEOUT_MS)
      await server.close().finally(() => clearTimeout(force))
    },
  }
}
