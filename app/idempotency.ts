/**
 * A request that may be sent again has one effect and one answer. Its use cases join one transaction, which holds the key
 * from the first statement on and writes the answer beside the effect: both are there, or neither.
 */
import { sql } from 'kysely'
import { type App, type Caller, type Touch, transact } from '#app/context.ts'
import { Refused, refuse } from '#app/refused.ts'
import { PASSING, type RefusalCode } from '#core/refusal.ts'
import type { Tx } from '#store/database.ts'
import { findAnswer, holdKey, insertAnswer, type StoredAnswer } from '#store/idempotency-keys.ts'

export type { StoredAnswer }

export type RepeatableRequest = {
  /** The Idempotency-Key. */
  readonly key: string
  /** HMAC-SHA-256 of everything that makes two requests the same. */
  readonly request_sha256: Buffer
  /**
   * It may take long, and changes nothing, or does itself but once, however often it is asked for: no transaction is held
   * open for it. Whoever dies before there is an answer leaves the work to the next one with the key.
   */
  readonly apart: boolean
  /** Serves the request; its use cases are given this app. */
  readonly serve: (app: App) => Promise<StoredAnswer>
  /** The answer that says no. */
  readonly answerOf: (refused: Refused) => StoredAnswer
}

/** A model that refuses may be given another key, and a place in line becomes free. */
const UNKEPT: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  ...PASSING,
  'model_refused',
  'rate_limited',
  'too_many_streams',
  'conversation_busy',
])

/** Whether the refusal is about this moment, not about the request: it is not kept. */
const isPassing = ({ refusal }: Refused): boolean => UNKEPT.has(refusal.code)

/** A refusal undoes what was done, and is itself an answer to keep. Any other failure ends the transaction and the key's hold. */
const serveOrRefuse = async (app: App, tx: Tx, touch: Touch, request: RepeatableRequest): Promise<StoredAnswer> => {
  const touched: Parameters<Touch>[0][] = []
  await sql`savepoint effect`.execute(tx)
  try {
    const answer = await request.serve({ ...app, db: tx, joined: { tx, touch: change => touched.push(change) } })
    touched.forEach(touch)
    return answer
  } catch (error) {
    if (!(error instanceof Refused) || isPassing(error)) throw error
    await sql`rollback to savepoint effect`.execute(tx)
    return request.answerOf(error)
  }
}

const serveApart = async (app: App, request: RepeatableRequest): Promise<StoredAnswer> => {
  try {
    return await request.serve(app)
  } catch (error) {
    if (!(error instanceof Refused) || isPassing(error)) throw error
    return request.answerOf(error)
  }
}

type Kept = { readonly answer: StoredAnswer; readonly replayed: boolean }
type Owner = Parameters<typeof findAnswer>[1]

/** The answer of an earlier request, the key held from here on; null: there was none. */
const replay = async (tx: Tx, owner: Owner, request: RepeatableRequest): Promise<Kept | null> => {
  if (!(await holdKey(tx, owner))) refuse('idempotency_key_running')
  const known = await findAnswer(tx, owner)
  if (!known) return null
  const { request_sha256, ...answer } = known
  if (!request_sha256.equals(request.request_sha256)) refuse('idempotency_key_reused')
  if (answer.secret_of !== null) refuse('idempotency_secret_shown', [answer.secret_of])
  return { answer, replayed: true }
}

/** Of two at once under one key both are served, and both are answered as the first of them. */
const serveOnceApart = async (app: App, owner: Owner, request: RepeatableRequest): Promise<Kept> => {
  const earlier = await transact(app, tx => replay(tx, owner, request))
  if (earlier) return earlier
  const answer = await serveApart(app, request)
  return transact(app, async tx => {
    const meanwhile = await replay(tx, owner, request)
    if (meanwhile) return meanwhile
    await insertAnswer(tx, owner, request.request_sha256, answer)
    return { answer, replayed: false }
  })
}

/** `replayed`: the answer is that of an earlier request. Refuses a key that is in use, or that came with another request. */
export const serveOnce = async (app: App, caller: Caller, request: RepeatableRequest): Promise<Kept> => {
  const owner = { organization_id: caller.organization_id, credential_id: caller.key_id, key: request.key }
  if (request.apart) return serveOnceApart(app, owner, request)
  return transact(app, async (tx, touch) => {
    const earlier = await replay(tx, owner, request)
    if (earlier) return earlier
    const answer = await serveOrRefuse(app, tx, touch, request)
    await insertAnswer(tx, owner, request.request_sha256, answer)
    return { answer, replayed: false }
  })
}
