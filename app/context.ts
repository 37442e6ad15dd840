/** What every use case is given: the database, the clock, and who is asking. */
import { sql } from 'kysely'
import { v7 } from 'uuid'

import type { DocumentReader } from '#app/document-reader.ts'
import type { Clock, InboundWebhook, Log, RoutingChange, RoutingFollower, WebRequests, Writers } from '#app/ports.ts'
import type { SiteReader } from '#app/site-reader.ts'
import type { WorkflowEngine } from '#app/workflow-engine.ts'
import type { AddressRange } from '#core/ip.ts'
import type { Scope } from '#core/scopes.ts'
import type { AgentConfig } from '#core/version.ts'
import { insertRoutingChange } from '#store/changes.ts'
import type { Db, Tx } from '#store/database.ts'
import type { SecretBox } from '#store/secret-box.ts'
import { TENANT_ROLE } from '#store/tenant-role.ts'
import type { Tenants } from '#store/tenants.ts'

export type App = {
  /** In a request: the rows of the caller's organization, and no others (`boundTo`). Else, as `system`: all of them. */
  readonly db: Db
  /** All organizations' rows, for what the program itself does: finding out who asks, starting. */
  readonly system: Db
  readonly tenants: Tenants
  readonly clock: Clock
  readonly log: Log
  readonly routing: RoutingFollower
  /** Asked by dry runs that want it; calls have their own (app/call-desk.ts). */
  readonly inbound_webhook: InboundWebhook
  /** The budget of webhooks whose number names none, milliseconds. */
  readonly webhook_timeout_ms: number
  /** `host:port` in `sip:<agent-id>@<host>`. */
  readonly sip_public_host: string
  /** The transports that SIP listens on, as answers name them. */
  readonly sip_transports: readonly string[]
  /** `{}` with every default filled in: what a draft starts from. */
  readonly default_config: AgentConfig
  /** What may be reached besides public addresses: OUTBOUND_ALLOW. */
  readonly outbound_allow: readonly AddressRange[]
  /** Who writes what people did not write themselves. */
  readonly writers: Writers
  /** What tools ask. */
  readonly web_requests: WebRequests
  /** Reads websites. */
  readonly sites: SiteReader
  /** What reads documents of other people. */
  readonly documents: DocumentReader
  /** Who does background work. */
  readonly workflows: WorkflowEngine

  /** Seals what must not be read in the database. */
  readonly secrets: SecretBox
  /** Credentials found a moment ago (app/authenticate.ts). */
  readonly callers: Map<string, CachedCaller>
  /** Set while a whole request runs in one transaction (app/idempotency.ts); `transact` joins it. */
  readonly joined?: { readonly tx: Tx; readonly touch: Touch }
}

/** Who is asking, and what they may do. */
export type Caller = {
  readonly organization_id: string
  /** The credential: an organization's key, or a person's token. */
  readonly key_id: string
  /** The person whose token it is; null: it is an organization's key. */
  readonly user_id: string | null
  readonly scopes: readonly Scope[]
  /** When the credential runs out; absent: never. */
  readonly expires_at?: string
  /** Absent: nobody outside asked. */
  readonly request?: RequestFacts
}

/** One request of a caller: where it comes from, and on what its write depends. */
export type RequestFacts = {
  readonly request_id: string
  /** The IP address it came from. */
  readonly address: string
  /** The If-Match header. */
  readonly if_match: string | null
  /** If-None-Match: * */
  readonly create_only: boolean
}

export type CachedCaller = {
  readonly caller: Caller
  readonly expires_at: string | null
  readonly found_at_ms: number
}

/** UUID version 7: ids made one after the other sort one after the other. */
export const newId = (): string => v7()

/** What a request is served with: row-level security holds it to the organization, whatever its queries forget. */
export const boundTo = (app: App, organization_id: string): App => ({ ...app, db: app.tenants.of(organization_id) })

export type Touch = (change: Partial<RoutingChange>) => void

/**
 * One transaction a use case. What the work `touch`es is written beside it, so that every process that routes calls
 * hears of it; this process routes by it before the promise resolves.
 */
export const transact = async <T>(app: App, work: (tx: Tx, touch: Touch) => Promise<T>): Promise<T> => {
  if (app.joined) return work(app.joined.tx, app.joined.touch)
  const number_ids: string[] = []
  const agent_ids: string[] = []
  const trunk_ids: string[] = []
  const schedule_ids: string[] = []
  const organization_ids: string[] = []
  const change = { number_ids, agent_ids, trunk_ids, schedule_ids, organization_ids }
  const lists = Object.entries(change) as [keyof RoutingChange, string[]][]
  const touch: Touch = part => {
    for (const [name, list] of lists) for (const id of part[name] ?? []) list.push(id)
  }
  const touched = () => lists.some(([, list]) => list.length > 0)
  const result = await app.db.transaction().execute(async tx => {
    const value = await work(tx, touch)
    if (touched()) await insertRoutingChange(tx, change)
    return value
  })
  if (touched()) await app.routing.changed(change)
  return result
}

/** Several use cases as one: what they do is committed together, or not at all. */
export const inOneTransaction = <T>(app: App, work: (app: App) => Promise<T>): Promise<T> =>
  transact(app, (tx, touch) => {
    const system = app.db === app.system ? tx : app.system
    return work({ ...app, db: tx, system, joined: { tx, touch } })
  })

/**
 * Part of a transaction that reaches beyond the caller's organization: people, their tokens, a new organization. The role
 * is laid down for as long as it takes; a failure ends the transaction, and with it this.
 */
export const beyondOrganization = async <T>(app: App, tx: Tx, work: () => Promise<T>): Promise<T> => {
  if (app.db === app.system) return work()
  await sql`set local role none`.execute(tx)
  const value = await work()
  await sql`set local role ${sql.raw(TENANT_ROLE)}`.execute(tx)
  return value
}
