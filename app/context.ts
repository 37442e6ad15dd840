/** What every use case is given: the database, the clock, and who is asking. */
import { v7 } from 'uuid'
import type { Clock, Log, RoutingChange, RoutingFollower } from '#app/ports.ts'
import type { Scope } from '#core/scopes.ts'
import type { AgentConfig } from '#core/version.ts'
import { insertRoutingChange } from '#store/changes.ts'
import type { Db, Tx } from '#store/database.ts'

export type App = {
  readonly db: Db
  readonly clock: Clock
  readonly log: Log
  readonly routing: RoutingFollower
  /** `host:port` in `sip:<agent-id>@<host>`. */
  readonly sip_public_host: string
  /** The transports that SIP listens on, as answers name them. */
  readonly sip_transports: readonly string[]
  /** `{}` with every default filled in: what a draft starts from. */
  readonly default_config: AgentConfig
  /** Credentials found a moment ago (app/authenticate.ts). */
  readonly callers: Map<string, CachedCaller>
}

/** Who is asking, and what they may do. */
export type Caller = { readonly organization_id: string; readonly key_id: string; readonly scopes: readonly Scope[] }

export type CachedCaller = {
  readonly caller: Caller
  readonly expires_at_ms: number | null
  readonly found_at_ms: number
}

/** UUID version 7: ids made one after the other sort one after the other. */
export const newId = (): string => v7()

type Touch = (change: Partial<RoutingChange>) => void

/**
 * One transaction a use case. What the work `touch`es is written beside it, so that every process that routes calls
 * hears of it; this process routes by it before the promise resolves.
 */
export const transact = async <T>(app: App, work: (tx: Tx, touch: Touch) => Promise<T>): Promise<T> => {
  const number_ids: string[] = []
  const agent_ids: string[] = []
  const trunk_ids: string[] = []
  const change: RoutingChange = { number_ids, agent_ids, trunk_ids }
  const add = (list: string[], more: readonly string[] = []) => {
    for (const id of more) list.push(id)
  }
  const touch: Touch = part => {
    add(number_ids, part.number_ids)
    add(agent_ids, part.agent_ids)
    add(trunk_ids, part.trunk_ids)
  }
  const touched = () => number_ids.length + agent_ids.length + trunk_ids.length > 0
  const perform = async (tx: Tx) => {
    const value = await work(tx, touch)
    if (touched()) await insertRoutingChange(tx, change)
    return value
  }
  const result = app.db.isTransaction ? await perform(app.db as Tx) : await app.db.transaction().execute(perform)
  if (touched()) await app.routing.changed(change)
  return result
}

/** Several use cases as one: what they do is committed together, or not at all. */
export const inOneTransaction = <T>(app: App, work: (app: App) => Promise<T>): Promise<T> =>
  transact(app, (tx, touch) => work({ ...app, db: tx, routing: { changed: async change => touch(change) } }))
