/** Valid and mutated requests against the real server: none may fail inside, and each answer must be a declared one. */
import { sql } from 'kysely'
import { openCallers } from '#tests/fuzz/callers.ts'
import { documentedRows, type Row, undocumented } from '#tests/fuzz/document.ts'
import { pick, type Random } from '#tests/fuzz/mutate.ts'
import { type FuzzedRequest, makeRequest } from '#tests/fuzz/requests.ts'
import { type Memory, openMemory, openSamples } from '#tests/fuzz/samples.ts'
import { type Answer, ask, codeOf, operationOf } from '#tests/harness/http.ts'
import { startWorld, type World } from '#tests/harness/world.ts'
import { seededRandom } from '#tests/sip/fuzz.ts'

export type HttpFuzz = { readonly requests: number; readonly seed: number }

export type HttpFuzzReport = {
  /** How often each operation was answered with each status. */
  readonly statuses: Readonly<Record<string, Readonly<Record<number, number>>>>
  /** Operations that never were served. */
  readonly never_served: readonly string[]
}

const CONCURRENCY = 8
/** Requests after which a person is given all rights again, who may have lost some. */
const RENEWED_AFTER = 250

/** More things are made than deleted, or there would be nothing to ask for; most is done to what hangs under others. */
const weightOf = ({ method, path }: Row): number => {
  if (method === 'DELETE') return 0.4
  if (path === '/openapi.json' || path.startsWith('/health')) return 0.1
  return /\}\/./.test(path) ? 3 : 1
}

const chooser = (rows: readonly Row[], random: Random): (() => Row) => {
  const tickets = rows.flatMap(row => Array<Row>(Math.ceil(weightOf(row) * 10)).fill(row))
  return () => pick(random, tickets)
}

const fail = (message: string): never => {
  throw new Error(message)
}

/** Nobody calls in a fuzz; one conversation to be asked for. */
const insertConversation = (world: World) =>
  sql`insert into conversations (id, organization_id, direction, channel, status, user_id, routing, created_at, updated_at)
    values (gen_random_uuid(), ${world.admin.organization_id}, 'inbound', 'telephone', 'completed', '+15557654321',
      '{"rule":"number"}', now(), now())`.execute(world.app.db)

const describe = (request: FuzzedRequest, answer: Answer | null): string =>
  [
    `${request.method} ${request.path} (${request.damage})`,
    JSON.stringify(request.headers),
    String(request.raw ?? '').slice(0, 3000),
    answer === null ? '' : `${answer.status} ${JSON.stringify(answer.body).slice(0, 2000)}`,
  ].join('\n')

type Run = { readonly world: World; readonly memory: Memory; readonly counts: Map<string, Map<number, number>> }

/** Rejects when the answer is not one that the document declares. */
const askChecked = async ({ world, memory, counts }: Run, row: Row, request: FuzzedRequest): Promise<Answer> => {
  let answer: Answer | null = null
  try {
    answer = await ask(world, 'nobody', request)
    const meant = operationOf(request.method, request.path)?.id === row.operation.operationId
    if (answer.status >= 500 && codeOf(answer) !== 'model_unreachable') fail('an answer of 500 or more')
    const complaint = meant ? undocumented(row.operation, answer.status, answer.body) : null
    if (complaint !== null) fail(complaint)
  } catch (error) {
    throw new Error(describe(request, answer), { cause: error })
  }
  if (answer.status < 300) memory.learn(row.path, request.path.split('?', 1)[0] ?? '', answer.body)
  const seen = counts.get(row.operation.operationId) ?? new Map<number, number>()
  counts.set(row.operation.operationId, seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1))
  return answer
}

/** Rejects at the first answer that is wrong, with the request that it was given to. */
export const fuzzHttp = async ({ requests, seed }: HttpFuzz): Promise<HttpFuzzReport> => {
  const world = await startWorld({ outbound_allow: ['127.0.0.0/8'], database_answers: async () => true })
  const random = seededRandom(seed)
  // What follows a workflow ends with it, and nobody works here.
  const rows = documentedRows().filter(row => row.operation.operationId !== 'followWorkflow')
  const choose = chooser(rows, random)
  const run: Run = {
    world,
    memory: openMemory(
      random,
      rows.map(row => row.path),
    ),
    counts: new Map(),
  }
  const samples = openSamples(random)
  const callers = await openCallers(world, random)
  let left = requests
  const work = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      const row = choose()
      const caller = callers.any()
      const request = makeRequest({ random, samples, memory: run.memory, caller }, row)
      const answer = await askChecked(run, row, request)
      const untouched = request.damage !== 'credential' && request.damage !== 'header'
      const refused = answer.status === 401 || codeOf(answer) === 'not_a_member'
      if ((untouched && refused) || left % RENEWED_AFTER === 0) await callers.renew()
    }
  }
  try {
    await insertConversation(world)
    await Promise.all(Array.from({ length: CONCURRENCY }, work))
  } finally {
    left = 0
    await world.close()
  }
  const statuses = Object.fromEntries([...run.counts].map(([id, seen]) => [id, Object.fromEntries(seen)]))
  const served = (id: string) => Object.keys(statuses[id] ?? {}).some(status => Number(status) < 300)
  return { statuses, never_served: rows.map(row => row.operation.operationId).filter(id => !served(id)) }
}
