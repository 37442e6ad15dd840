/** What a handler is given, and what it gives back. */

import type { Static, TSchema } from 'typebox'
import type { App, Caller } from '#app/context.ts'
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
}

export type Reply = {
  readonly status: number
  /** Absent: no body. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export type Handler<Id extends OperationId> = (call: Call<Id>) => Promise<Reply>

export const ok = (body: unknown): Reply => ({ status: 200, body })

export const NO_CONTENT: Reply = { status: 204 }
