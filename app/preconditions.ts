import type { Caller } from '#app/context.ts'
import { refuse } from '#app/refused.ts'
import { ifMatchHolds, type Revised } from '#core/entity-tag.ts'

/**
 * Refuses a write whose If-Match names another revision than the one that is about to be changed. To be asked under the
 * resource's lock, before anything is written; null: there is no such resource yet.
 */
export const requireMatch = (caller: Caller, current: Revised | null): void => {
  const if_match = caller.request?.if_match ?? null
  if (if_match !== null && !ifMatchHolds(if_match, current)) refuse('precondition_failed')
}
