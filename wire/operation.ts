/** What an operation is: one row of the table that routes, checks, documents and tests the API. */

import type { TSchema } from 'typebox'
import type { RefusalCode } from '#core/refusal.ts'
import type { Scope } from '#core/scopes.ts'
import { CORE_STATUS } from '#wire/core-errors.ts'
import { UPONAI_STATUS } from '#wire/uponai-errors.ts'

/** `core`: Anyreach's Agents API and what is Patchcord's own; `uponai`: UponAI's number assignment. */
export type Dialect = 'core' | 'uponai'

/** Of a path or its pattern; also of one that leads nowhere, so that it is refused in the words of its neighbours. */
export const dialectOf = (path: string): Dialect => (path.startsWith('/api/') ? 'uponai' : 'core')

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export type Operation = {
  readonly method: Method
  /** With `{name}` where a value goes. */
  readonly path: `/${string}`
  readonly tag: string
  readonly summary: string
  /** What a credential must hold, or one of which; `any`: any credential will do; null: anybody may ask, without one. */
  readonly scope: Scope | readonly Scope[] | 'any' | null
  /** Where a request names its organization itself, as `accountSid`, which takes the header's place. */
  readonly account_in?: 'path' | 'body'
  /** Takes an Idempotency-Key though it is no POST. */
  readonly keyed?: true
  readonly path_parameters?: TSchema
  readonly query?: TSchema
  readonly body?: TSchema
  /** An absent body is `{}`. */
  readonly body_optional?: true
  readonly body_limit_bytes?: number
  /** What is answered when all is well; null: no body. */
  readonly answers: Readonly<Record<number, TSchema | null>>
  /** Answered as a list with X-Next-Cursor and Link: a bare array, in UponAI's dialect `numbers`. */
  readonly listed?: true
  /**
   * Takes long, and does itself but once, however often it is asked for: under an Idempotency-Key no transaction is open
   * meanwhile (app/idempotency.ts).
   */
  readonly kept_apart?: true
  /** Answered piece by piece, as text of this type; refusals come before the first piece. Not kept under an Idempotency-Key. */
  readonly streamed?: 'text/event-stream' | 'text/plain'
  /** Answered with the revision of what is answered, as an ETag. */
  readonly tagged?: true
  /** The refusals that are this operation's own; those that every operation has are added. */
  readonly refusals: readonly RefusalCode[]
}

/** Keeps the types of its schemas, for the handlers. */
export const operation = <const Row extends Operation>(row: Row): Row => row

export const BODY_LIMIT_BYTES = 1024 * 1024

export const takesIdempotencyKey = (row: Operation): boolean =>
  (row.method === 'POST' || row.keyed === true) && row.scope !== null && !row.streamed

/** Whether whoever may only read may ask it, however it is sent: it has no effect that must not happen twice. */
export const changesNothing = (row: Operation): boolean =>
  scopesOf(row)?.every(scope => scope.endsWith(':read')) ?? false

/** What a credential must hold one of; null: nothing. */
export const scopesOf = ({ scope }: Operation): readonly Scope[] | null => {
  if (scope === null || scope === 'any') return null
  return typeof scope === 'string' ? [scope] : scope
}

/** Whether a stale If-Match stops it. */
export const takesIfMatch = (row: Operation): boolean => row.refusals.includes('precondition_failed')

/** Every way the operation can refuse, its own first. */
export const refusalsOf = (row: Operation): readonly RefusalCode[] => {
  const own: RefusalCode[] = [...row.refusals]
  if (row.scope !== null)
    own.push(
      'credential_missing',
      'credential_invalid',
      ...(row.account_in ? [] : (['organization_missing'] as const)),
      ...(row.scope === 'any' ? [] : (['scope_missing'] as const)),
      'organization_mismatch',
      'not_a_member',
      'rate_limited',
      'database_unavailable',
    )
  if (takesIdempotencyKey(row))
    own.push('idempotency_key_malformed', 'idempotency_key_reused', 'idempotency_key_running')
  if (row.path_parameters || row.query || row.body) own.push('invalid_request')
  if (row.listed) own.push('cursor_invalid')
  // A DELETE may carry a body too, which is read before it is ignored.
  if (row.method !== 'GET') own.push('malformed_json', 'unsupported_media_type', 'body_too_large')
  return [...own, 'internal']
}

/** Status → the codes that it can carry. */
export const refusalStatuses = (row: Operation): ReadonlyMap<number, readonly RefusalCode[]> =>
  Map.groupBy(refusalsOf(row), code => statusOf(row, code))

const STATUS = { core: CORE_STATUS, uponai: UPONAI_STATUS } as const

const statusOf = ({ path }: Operation, code: RefusalCode): number => STATUS[dialectOf(path)][code]
