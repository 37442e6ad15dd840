/** What a handler is given, and what it gives back. */

import type { Static, TSchema } from 'typebox'
import type { App, Caller } from '#app/context.ts'
import { entityTagOf, type Revised } from '#core/entity-tag.ts'
import type { OperationId, Operations } from '#wire/operations.ts'

type Checked<Row, Key extends string> =
  Row extends Readonly<Record<Key, infer Schema extends TSchema>> ? Static<Schema> : unknown

/** One request, after everything about it was checked against its operation's schemas. */
export type Call<Id extends OperationId> = {
  readonly app: App
  readonly caller: Caller
  /** Path and query as they arrived, for links to further pages. */
  readonly url: string
  readonly path: Checked<Operations[Id], 'path_parameters'>
  readonly query: Checked<Operations[Id], 'query'>
  readonly body: Checked<Operations[Id], 'body'>
  readonly wants: {
    /** The Idempotency-Key; null: none. */
    readonly key: string | null
    /** Server-sent events, where the operation has them. */
    readonly events: boolean
  }
  /** Of an answer that is streamed: aborts when nobody reads it any more, or the server stops. */
  readonly signal: AbortSignal
}

export type Reply = {
  readonly status: number
  /** Absent: no body. */
  readonly body?: unknown
  /** The body's JSON, where it is known already; in place of `body`. */
  readonly text?: string
  /** The body of a `streamed` operation, piece by piece; in place of `body`. */
  readonly stream?: AsyncIterable<string>
  readonly headers?: Readonly<Record<string, string>>
  /** What the secret in the body belongs to: a credential, a number, an organization. Such an answer is never kept to be given again. */
  readonly secret_of?: string
}

export type Handler<Id extends OperationId> = (call: Call<Id>) => Promise<Reply>

/** `revised`: the resource that is answered, whose revision the ETag names. */
export const ok = (body: unknown, revised?: Revised): Reply => ({
  status: 200,
  body,
  ...(revised ? { headers: { etag: entityTagOf(revised) } } : {}),
})

export const NO_CONTENT: Reply = { status: 204 }
