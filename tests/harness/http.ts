/** Scenarios: who asks for what, what is answered, and what it did to the database, including nothing. */
import assert from 'node:assert/strict'
import { REFUSALS, type RefusalCode } from '#core/refusal.ts'
import { type Effects, effectsBetween, snapshot } from '#tests/harness/effects.ts'
import { assertSeedAnswer } from '#tests/harness/uponai-seed.ts'
import type { Actor, World } from '#tests/harness/world.ts'
import { CORE_STATUS, CoreError, CoreFaults } from '#wire/core-errors.ts'
import { type Dialect, dialectOf, type Method, type Operation, refusalStatuses } from '#wire/operation.ts'
import { type OperationId, operationList } from '#wire/operations.ts'
import { UPONAI_STATUS, UponaiError } from '#wire/uponai-errors.ts'
import { bodyValidator } from '#wire/validate.ts'

/** `$name` anywhere in a path, body or expected body stands for the id kept under that name. */
export type Request = {
  readonly method: Method | 'HEAD' | 'OPTIONS'
  readonly path: string
  readonly body?: unknown
  /** Sent as it is in place of `body`. */
  readonly raw?: string | Buffer
  readonly headers?: Readonly<Record<string, string>>
}

export type Scenario = {
  readonly name: string
  /** Default: admin. */
  readonly as?: Actor
  readonly request: Request
  readonly expect: {
    readonly status: number
    readonly code?: RefusalCode
    /** What the body must at least hold; lists must have as many items. */
    readonly body?: unknown
    /** Where a 422 must point to. */
    readonly loc?: readonly (string | number)[]
    readonly headers?: Readonly<Record<string, string>>
  }
  /** Rows by table; `{}` when nothing may change. */
  readonly effects: Effects
  /** Name → key of the answer's body, `a.b` within it, or `header:<name>`, to keep under that name. */
  readonly keep?: Readonly<Record<string, string>>
}

export type Answer = {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: unknown
}

export type Kept = Map<string, string>

/** Who may do everything, and can: what only people do, by a person. */
export const asker = (row: Operation): 'admin' | 'person' =>
  row.refusals.includes('person_required') ? 'person' : 'admin'

/** Which refusals of which operations were seen. */
export type Seen = Set<`${OperationId} ${string}`>

const replaceNames = (value: unknown, kept: Kept): unknown => {
  if (typeof value === 'string') return value.replace(/\$([a-z_]+)/g, (whole, name) => kept.get(name) ?? whole)
  if (Array.isArray(value)) return value.map(item => replaceNames(item, kept))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaceNames(item, kept)]))
}

const assertHolds = (actual: unknown, expected: unknown, at: string): void => {
  if (typeof expected !== 'object' || expected === null) {
    assert.deepEqual(actual, expected, at)
    return
  }
  assert.ok(typeof actual === 'object' && actual !== null, `${at} is ${JSON.stringify(actual)}`)
  if (Array.isArray(expected)) assert.equal((actual as unknown[]).length, expected.length, `${at} length`)
  for (const [key, item] of Object.entries(expected)) {
    assertHolds((actual as Record<string, unknown>)[key], item, `${at}/${key}`)
  }
}

/** A stack frame, SQL, a file, a driver's word: the inside of the process. */
const INSIDE =
  /\bat .+:\d+:\d+|\.(ts|mjs|cjs|js):\d+|node_modules|node:internal|\/(work|home|usr|var|tmp|root|opt)\/|\b(select|insert into|update|delete from)\b.+\b(from|values|set|where)\b|\brelation "|\bsyntax error\b|postgres|kysely|fastify|\bFST_|\bECONN|\bajv\b/i

const pathPattern = (path: string): RegExp =>
  new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+').replaceAll('.', '\\.')}$`)
const ROUTES = operationList().map(([id, row]) => ({
  id,
  row,
  pattern: pathPattern(row.path),
  parameters: row.path.split('{').length,
}))

export const operationOf = (method: string, url: string): { id: OperationId; row: Operation } | null => {
  const path = url.split('?', 1)[0] ?? ''
  const found = ROUTES.filter(route => route.row.method === method && route.pattern.test(path))
  return found.sort((a, b) => a.parameters - b.parameters)[0] ?? null
}

const errorSchema = (dialect: Dialect, status: number) =>
  dialect === 'uponai' ? UponaiError : status === 422 ? CoreFaults : CoreError

const assertShape = (answer: Answer, dialect: Dialect, row: Operation | undefined): void => {
  const { status, body } = answer
  const error = status >= 400 && !(row && status in row.answers)
  if (dialect === 'uponai') assertSeedAnswer(status, body, row?.method === 'GET')
  const schema = error ? errorSchema(dialect, status) : row?.answers[status]
  if (error && row) assert.ok(refusalStatuses(row).has(status) || status === 404, `${status} is not declared`)
  if (schema === undefined) return
  if (schema === null) assert.equal(body, null, 'no body')
  else assert.deepEqual(bodyValidator(schema)(body), [], 'the body matches its schema')
}

/** What every answer owes, whatever it answers. */
export const assertDecent = (answer: Answer, dialect: Dialect, row?: Operation): void => {
  const text = JSON.stringify(answer.body) ?? ''
  assert.match(String(answer.headers['x-request-id']), /^[0-9a-f-]{36}$/)
  assertShape(answer, dialect, row)
  if (answer.status < 400 || (row && answer.status in row.answers)) return
  assert.doesNotMatch(text, INSIDE)
  const code = codeOf(answer) as RefusalCode
  assert.ok(code in REFUSALS, `${code} is in the registry`)
  assert.equal(answer.status, (dialect === 'core' ? CORE_STATUS : UPONAI_STATUS)[code])
  if (dialect === 'core')
    assert.equal((answer.body as { request_id: string }).request_id, answer.headers['x-request-id'])
  if (answer.status === 401) assert.match(String(answer.headers['www-authenticate']), /^Bearer/)
  if ([429, 503].includes(answer.status)) assert.ok(Number(answer.headers['retry-after']) <= 2)
}

/** What is streamed is text. */
const bodyOf = (text: string, type: string): unknown =>
  text === '' ? null : type.startsWith('text/') ? text : JSON.parse(text)

/** In the body, or where the body has no place for it. */
export const codeOf = ({ body, headers }: Answer): string =>
  (body as { code?: string } | null)?.code ?? String(headers['x-error-code'] ?? '')

export const ask = async (world: World, actor: Actor, request: Request): Promise<Answer> => {
  const credential = world.credentials[actor]
  const organization = world.organizations[actor]
  const payload = request.raw ?? (request.body === undefined ? undefined : JSON.stringify(request.body))
  const response = await world.server.inject({
    method: request.method,
    url: request.path,
    headers: {
      ...(credential === null ? {} : { authorization: `Bearer ${credential}` }),
      ...(organization === undefined ? {} : { 'x-anyreach-org': organization }),
      ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
      ...request.headers,
    },
    ...(payload === undefined ? {} : { payload }),
  })
  const answer = {
    status: response.statusCode,
    headers: response.headers,
    body: bodyOf(response.body, String(response.headers['content-type'])),
  }
  if (request.method !== 'HEAD')
    assertDecent(answer, dialectOf(request.path), operationOf(request.method, request.path)?.row)
  return answer
}

/** `a.b`: the member b of a. */
const within = (body: unknown, path: string): unknown =>
  path.split('.').reduce((value, key) => (value as Record<string, unknown>)[key], body)

export const runScenario = async (world: World, scenario: Scenario, kept: Kept, seen: Seen): Promise<void> => {
  const { expect, effects } = scenario
  const request = replaceNames({ ...scenario.request, raw: undefined }, kept) as Request
  const { raw } = scenario.request
  const before = await snapshot(world.app.db)
  const answer = await ask(world, scenario.as ?? 'admin', raw === undefined ? request : { ...request, raw })
  const after = await snapshot(world.app.db)
  const said = JSON.stringify(answer.body)
  assert.equal(answer.status, expect.status, said)
  if (expect.code !== undefined) assert.equal(codeOf(answer), expect.code, said)
  if (expect.body !== undefined) assertHolds(answer.body, replaceNames(expect.body, kept), '')
  if (expect.loc !== undefined) {
    const { detail } = answer.body as { detail: { loc: unknown }[] }
    assert.ok(
      detail.some(({ loc }) => JSON.stringify(loc) === JSON.stringify(expect.loc)),
      said,
    )
  }
  for (const [name, value] of Object.entries(expect.headers ?? {}))
    assert.equal(answer.headers[name], replaceNames(value, kept))
  assert.deepEqual(effectsBetween(before, after), effects, 'effects')
  for (const [name, key] of Object.entries(scenario.keep ?? {})) {
    const header = /^header:(.+)$/.exec(key)?.[1]
    kept.set(name, String(header === undefined ? within(answer.body, key) : answer.headers[header]))
  }
  const operation = operationOf(request.method, request.path)
  if (operation) seen.add(`${operation.id} ${codeOf(answer) || answer.status}`)
}
