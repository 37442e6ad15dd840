/** Routes out of the table of operations: who may ask, what may be asked, who answers. */
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import { type App, boundTo, type Caller } from '#app/context.ts'
import { refuse } from '#app/refused.ts'
import { authorize, authorizeAccount, recognize } from '#http/authorize.ts'
import { BadInput, type InputPart } from '#http/bad-input.ts'
import type { Call, Reply } from '#http/call.ts'
import type { Handlers } from '#http/handlers.ts'
import { keyOf, serveOncePerKey } from '#http/idempotency-key.ts'
import type { RateLimits } from '#http/rate-limit.ts'
import { factsOf } from '#http/request-facts.ts'
import { type Probe, whileDatabaseAnswers } from '#http/while-database-answers.ts'
import { BODY_LIMIT_BYTES, changesNothing, type Operation, scopesOf, takesIdempotencyKey } from '#wire/operation.ts'
import { type OperationId, operationList } from '#wire/operations.ts'
import { UUID_PATTERN } from '#wire/schema.ts'
import { bodyValidator, textValidator, type Validator } from '#wire/validate.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set once a credential was accepted. */
    caller: Caller | null
  }
}

type AnyHandler = (call: Call<OperationId>) => Promise<Reply>
type Check = (value: unknown) => unknown

export const send = (reply: FastifyReply, answer: Reply): FastifyReply => {
  reply.code(answer.status).headers(answer.headers ?? {})
  if (answer.stream) {
    // Whoever went away before the first piece is no fault of ours.
    return reply.raw.destroyed ? reply.hijack() : reply.send(Readable.from(answer.stream))
  }
  const text = answer.text ?? (answer.body === undefined ? undefined : JSON.stringify(answer.body))
  return text === undefined ? reply.send() : reply.type('application/json; charset=utf-8').send(text)
}

const checked =
  (part: InputPart, validate: Validator): Check =>
  value => {
    const faults = validate(value)
    if (faults.length > 0) throw new BadInput(part, faults)
    return value
  }

const nothing: Check = () => undefined

const checksOf = (row: Operation): { readonly path: Check; readonly query: Check; readonly body: Check } => {
  const body = row.body ? checked('body', bodyValidator(row.body)) : nothing
  const absent = row.body_optional ? {} : undefined
  return {
    path: row.path_parameters ? checked('path', textValidator(row.path_parameters)) : nothing,
    query: row.query ? checked('query', textValidator(row.query)) : nothing,
    body: value => body(value === undefined || value === null ? (absent ?? required(row)) : value),
  }
}

const required = (row: Operation): unknown => {
  if (row.body) throw new BadInput('body', [{ path: [], type: 'required', message: 'a JSON body is required' }])
  return undefined
}

/** Aborts when the answer has been sent, its reader is gone, or the server stops. Only streams outlast their handler. */
const signalOf = (row: Operation, reply: FastifyReply, closing: AbortSignal): AbortSignal => {
  if (row.streamed === undefined) return closing
  reply.type(`${row.streamed}; charset=utf-8`)
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  // A HEAD asks for the head alone.
  if (reply.request.method === 'HEAD') gone.abort()
  return AbortSignal.any([gone.signal, closing])
}

/** What the API stands on; null in a process that serves none. */
export type Backing = { readonly app: App; readonly limits: RateLimits; readonly database_answers: Probe }

const wantsEvents = (request: FastifyRequest): boolean => /\btext\/event-stream\b/i.test(request.headers.accept ?? '')

/** Bound to the caller's organization; once per Idempotency-Key. */
const serveAs = (
  whole: App,
  request: FastifyRequest,
  row: Operation,
  body: unknown,
  serve: (app: App, caller: Caller | null) => Promise<Reply>,
): Promise<Reply> => {
  if (request.caller === null) return serve(whole, null)
  const app = boundTo(whole, request.caller.organization_id)
  const caller = { ...request.caller, request: factsOf(request) }
  const key = takesIdempotencyKey(row) ? keyOf(request.headers) : null
  // What is streamed is not kept.
  if (key === null || (row.kept_apart && wantsEvents(request))) return serve(app, caller)
  const apart = row.kept_apart === true || changesNothing(row)
  const { method, path } = row
  return serveOncePerKey(app, caller, { key, method, url: request.url, path, body, apart }, joined =>
    serve(joined, caller),
  )
}

const respond = (backing: Backing | null, row: Operation, handler: AnyHandler, closing: AbortSignal) => {
  const check = checksOf(row)
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const input = {
      url: request.url,
      path: check.path(named(request.params)),
      query: check.query(request.query),
      body: check.body(request.body),
      signal: signalOf(row, reply, closing),
    }
    const wants = { key: takesIdempotencyKey(row) ? keyOf(request.headers) : null, events: wantsEvents(request) }
    const serve = (app: App | undefined, caller: Caller | null) =>
      // Handlers of operations without a scope ask for neither app nor caller; all others have passed `authorize`.
      handler({ app, caller, wants, ...input } as Call<OperationId>)
    if (backing && row.account_in === 'body') request.caller = await admit(backing, row, request, input.body)
    const work = backing ? serveAs(backing.app, request, row, input.body, serve) : serve(undefined, null)
    return send(reply, await (backing ? whileDatabaseAnswers(work, backing.database_answers) : work))
  }
}

/** The account that a path or a body names, when it is text. */
const accountIn = (values: unknown): string => {
  const { accountSid } = values as { readonly accountSid?: unknown }
  return typeof accountSid === 'string' ? accountSid : ''
}

/** Before the body is read: who may not ask need not be listened to. null: the body says for which organization. */
const greet = async (backing: Backing, row: Operation, request: FastifyRequest): Promise<Caller | null> => {
  const { app, limits, database_answers } = backing
  const scopes = scopesOf(row)
  if (row.account_in !== 'body') {
    const account = row.account_in === 'path' ? accountIn(request.params) : null
    return whileDatabaseAnswers(authorize(app, limits, request, scopes, account), database_answers)
  }
  await whileDatabaseAnswers(recognize(app, limits, request, scopes), database_answers)
  return null
}

/** Whoever was greeted without knowing for which organization they ask. */
const admit = async (backing: Backing, row: Operation, request: FastifyRequest, body: unknown): Promise<Caller> => {
  const { app, limits, database_answers } = backing
  const admitted = authorizeAccount(app, limits, request, scopesOf(row), accountIn(body))
  return whileDatabaseAnswers(admitted, database_answers)
}

const UUID = new RegExp(UUID_PATTERN)

/**
 * `/core/agents/` is the path of no agent, not of one whose id is faulty. Ids in capitals are the same ids (RFC 9562 4):
 * PostgreSQL finds them either way, and from here on they are compared as texts.
 */
const named = (parameters: unknown): object => {
  const values = Object.entries(parameters as Record<string, string>)
  if (values.some(([, value]) => value === '')) refuse('not_found')
  return Object.fromEntries(values.map(([key, value]) => [key, UUID.test(value) ? value.toLowerCase() : value]))
}

const toFastifyPath = (path: string): string => path.replace(/\{(\w+)\}/g, ':$1')

const mount = (
  server: FastifyInstance,
  backing: Backing | null,
  row: Operation,
  handler: AnyHandler,
  closing: AbortSignal,
): void => {
  server.route({
    method: row.method,
    url: toFastifyPath(row.path),
    bodyLimit: row.body_limit_bytes ?? BODY_LIMIT_BYTES,
    onRequest: async request => {
      if (row.scope !== null && backing !== null) request.caller = await greet(backing, row, request)
    },
    handler: respond(backing, row, handler, closing),
  })
}

const METHODS: readonly HTTPMethods[] = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'TRACE']

/** Where a path exists, its other methods are 405 and say which there are. */
export const mountOthers = (
  server: FastifyInstance,
  path: string,
  rows: readonly Pick<Operation, 'method'>[],
): void => {
  const known: string[] = rows.map(row => row.method)
  if (known.includes('GET')) known.push('HEAD')
  server.route({
    method: METHODS.filter(method => !known.includes(method)),
    url: toFastifyPath(path),
    onRequest: async (_request, reply) => {
      reply.header('allow', known.join(', '))
      refuse('method_not_allowed')
    },
    handler: async () => refuse('method_not_allowed'),
  })
}

/** `backing` null: this process serves no API, only what says how it is. */
export const mountOperations = (server: FastifyInstance, backing: Backing | null, handlers: Handlers): void => {
  const closing = new AbortController()
  server.addHook('preClose', async () => closing.abort())
  const rows = operationList().filter(([, row]) => row.scope === null || backing !== null)
  for (const [id, row] of rows) {
    const handler: unknown = handlers[id]
    if (typeof handler !== 'function') throw new Error(`the operation ${id} is declared and has no handler`)
    mount(server, backing, row, handler as AnyHandler, closing.signal)
  }
  const paths = Map.groupBy(rows, ([, row]) => row.path)
  for (const [path, there] of paths) {
    mountOthers(
      server,
      path,
      there.map(([, row]) => row),
    )
  }
}
