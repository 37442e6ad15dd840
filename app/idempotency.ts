/**
 * A request that may be sent again has one effect and one answer. Its use cases join one transaction, which holds the key
 * from the first statement on and writes the answer beside the effect: both are there, or neither.
 */
import { sql } from 'kysely'
import { type App, type Caller, type Touch, transact } from '#app/context.ts'
import { Refused, refuse } from '#app/refused.ts'
import type { Tx } from '#store/database.ts'
import { findAnswer, holdKey, insertAnswer, type KeyOwner, type StoredAnswer } from '#store/idempotency-keys.ts'

export type { StoredAnswer }

export type RepeatableRequest = {
  /** The Idempotency-Key. */
  readonly key: string
  /** HMAC-SHA-256 of everything that makes two requests the same. */
  readonly request_sha256: Buffer
  /** Serves the request; its use cases are given this app. */
  readonly serve: (app: App) => Promise<StoredAnswer>
  /** The answer that says no. */
  readonly answerOf: (refused: Refused) => StoredAnswer
}

/** A refusal undoes what was done, and is itself an answer to keep. Any other failure ends the transaction and the key's hold. */
const serveOrRefuse = async (app: App, tx: Tx, touch: Touch, request: RepeatableRequest): Promise<StoredAnswer> => {
  const touched: Parameters<Touch>[0][] = []
  await sql`savepoint effect`.execute(tx)
  try {
    const answer = await request.serve({ ...app, db: tx, joined: { tx, touch: change => touched.push(change) } })
    touched.forEach(touch)
    return answer
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    await sql`rollback to savepoint effect`.execute(tx)
    return request.answerOf(error)
  }
}

/** The answer that is known for the key, if any. Refuses a key that is in use, or that came with another request. */
const recall = async (tx: Tx, owner: KeyOwner, request_sha256: Buffer): Promise<StoredAnswer | null> => {
  if (!(await holdKey(tx, owner))) refuse('idempotency_key_running')
  const known = await findAnswer(tx, owner)
  if (!known) return null
  const { request_sha256: known_sha256, ...answer } = known
  if (!known_sha256.equals(request_sha256)) refuse('idempotency_key_reused')
  if (answer.secret_of !== null) refuse('idempotency_secret_shown', [answer.secret_of])
  return answer
}

type Served = { readonly answer: StoredAnswer; readonly replayed: boolean }

/** `replayed`: the answer is that of an earlier request. Refuses a key that is in use, or that came with another request. */
export const serveOnce = async (app: App, caller: Caller, request: RepeatableRequest): Promise<Served> => {
  const owner = { organization_id: caller.organization_id, credential_id: caller.key_id, key: request.key }
  return transact(app, async (tx, touch) => {
    const known = await recall(tx, owner, request.request_sha256)
    if (known) return { answer: known, replayed: true }
    const answer = await serveOrRefuse(app, tx, touch, request)
    await insertAnswer(tx, owner, request.request_sha256, answer)
    return { answer, replayed: false }
  })
}

/**
 * For work that takes long and does itself but once, however often it is asked for: no transaction is open meanwhile. The
 * first answer is kept; whoever dies before leaves the work to the next one with the key.
 */
export const serveApart = async (
  app: App,
  caller: Caller,
  request: Omit<RepeatableRequest, 'answerOf'>,
): Promise<Served> => {
  const owner = { organization_id: caller.organization_id, credential_id: caller.key_id, key: request.key }
  const known = await transact(app, tx => recall(tx, owner, request.request_sha256))
  if (known) return { answer: known, replayed: true }
  const answer = await request.serve(app)
  return transact(app, async tx => {
    const meanwhile = await recall(tx, owner, request.request_sha256)
    if (meanwhile) return { answer: meanwhile, replayed: true }
    await insertAnswer(tx, owner, request.request_sha256, answer)
    return { answer, replayed: false }
  })
}
