/** Stored rows as the routing table holds them: secrets opened, equal things shared, calendars compiled. */
import { compileFor } from '#app/compile-schedule.ts'
import type { Log } from '#app/ports.ts'
import { openInbound, openOutbound } from '#app/trunk-secrets.ts'
import { parseRange } from '#core/ip.ts'
import {
  type AfterHours,
  type InboundRouting,
  type NumberRouting,
  type OutboundTrunk,
  PLAIN_ROUTING,
  type ScheduleRoute,
  type TrunkRoute,
  toAssignment,
  type WebhookRoute,
} from '#core/routing-table.ts'
import type {
  InboundRoutingRow,
  NumberRoutesRow,
  ScheduleRouteRow,
  SharedRouteRow,
  TrunkRouteRow,
} from '#store/routing.ts'
import type { SecretBox } from '#store/secret-box.ts'

export type RowTools = {
  readonly log: Log
  readonly secrets: SecretBox
  /** The budget of webhooks whose number names none, milliseconds. */
  readonly webhook_timeout_ms: number
}

const toOutbound = (row: TrunkRouteRow, secrets: SecretBox): OutboundTrunk | null => {
  const { address, auth_username, transport } = row.outbound_config
  if (address === null) return null
  if (row.outbound_secret === null || auth_username === null) return { address, transport, credentials: null }
  const password = openOutbound(secrets, row.id, row.outbound_secret)
  return { address, transport, credentials: { username: auth_username, password } }
}

/** null: what its callers must prove cannot be opened, so it accepts nobody. */
export const toTrunkRoute = (row: TrunkRouteRow, { secrets, log }: RowTools): TrunkRoute | null => {
  const { id, organization_id, inbound_config, inbound_secret } = row
  const tryTo = <T>(open: () => T, consequence: string): T | null => {
    try {
      return open()
    } catch (error) {
      log.error({ trunk: id, err: String(error) }, `the credentials of a trunk cannot be opened: ${consequence}`)
      return null
    }
  }
  const inbound = tryTo(
    () => ({ credentials: inbound_secret === null ? null : openInbound(secrets, id, inbound_secret) }),
    'it accepts no calls',
  )
  if (inbound === null) return null
  return {
    id,
    organization_id,
    accepts: inbound_config.allowed_addresses.flatMap(text => parseRange(text) ?? []),
    transports: inbound_config.transports,
    credentials: inbound.credentials,
    forwarding: inbound_config.forwarding ?? 'redirect',
    trusts_asserted_identity: inbound_config.trust_asserted_identity ?? true,
    outbound: tryTo(() => toOutbound(row, secrets), 'it takes no calls out'),
  }
}

/** `whsec_` and Base64, as Standard Webhooks writes a key. */
const openWebhookSecret = (sealed: string, purpose: string, { secrets, log }: RowTools): Uint8Array | null => {
  try {
    return Buffer.from(secrets.open(sealed, purpose).slice('whsec_'.length), 'base64')
  } catch (error) {
    log.error(
      { purpose, err: String(error) },
      'the secret of a webhook cannot be opened: it is asked without a signature',
    )
    return null
  }
}

const toWebhook = (
  row: { readonly webhook_url: string | null; readonly webhook_secret: string | null },
  timeout_ms: number,
  purpose: string,
  tools: RowTools,
): WebhookRoute | null => {
  const { webhook_url: url, webhook_secret } = row
  if (url === null) return null
  const secret = webhook_secret === null ? null : openWebhookSecret(webhook_secret, purpose, tools)
  return { url, timeout_ms, secret }
}

export const numberWebhookPurpose = (id: string): string => `number ${id} webhook`
export const organizationWebhookPurpose = (id: string): string => `organization ${id} webhook`

const isPlain = (row: SharedRouteRow): boolean =>
  row.stickiness === 'caller' &&
  row.schedule_id === null &&
  row.webhook_url === null &&
  row.default_agent_id === null &&
  row.forward === null &&
  row.message === null

/** Beyond as many different ones it starts over: sharing saves memory, and nothing depends on it. */
const SHARED_LIMIT = 20_000

/** Equal routings of numbers become one object. A sealed secret is bound to one number, whose row then has no other. */
export const createRoutings = (tools: RowTools) => {
  const known = new Map<string, NumberRouting>()
  const make = (row: NumberRoutesRow, id: string): NumberRouting => ({
    stickiness: row.stickiness,
    schedule_id: row.schedule_id,
    webhook: toWebhook(row, row.webhook_timeout_ms ?? tools.webhook_timeout_ms, numberWebhookPurpose(id), tools),
    default_agent_id: row.default_agent_id,
    forward: row.forward,
    message: row.message,
  })
  return (row: NumberRoutesRow, id: string): NumberRouting => {
    if (isPlain(row)) return PLAIN_ROUTING
    if (row.webhook_secret !== null) return make(row, id)
    const { stickiness, schedule_id, webhook_url, webhook_timeout_ms, default_agent_id, forward, message } = row
    const key = JSON.stringify([
      stickiness,
      schedule_id,
      webhook_url,
      webhook_timeout_ms,
      default_agent_id,
      forward,
      message,
    ])
    const shared = known.get(key) ?? make(row, id)
    if (known.size >= SHARED_LIMIT) known.clear()
    known.set(key, shared)
    return shared
  }
}

const toAfterHours = ({ id, organization_id, after_hours }: ScheduleRouteRow): AfterHours => {
  if (after_hours === null) return { kind: 'none' }
  if ('forward' in after_hours) return { kind: 'forward', target: after_hours.forward }
  if ('message' in after_hours) return { kind: 'message', text: after_hours.message }
  return { kind: 'agents', assignment: toAssignment(organization_id, id, after_hours.agents) }
}

/** null: its rules cannot be compiled, which says so; numbers with it are then as without. */
export const toScheduleRoute = (row: ScheduleRouteRow, now_ms: number, log: Log): ScheduleRoute | null => {
  const { id, organization_id, name, timezone, weekly, dates } = row
  const rules = { weekly, dates }
  try {
    const compiled = compileFor({ rules, timezone }, now_ms)
    return { id, organization_id, name, timezone, rules, compiled, after_hours: toAfterHours(row) }
  } catch (error) {
    log.error(
      { schedule: id, err: String(error) },
      'a schedule cannot be compiled: its numbers are routed as without it',
    )
    return null
  }
}

export const toInboundRouting = (row: InboundRoutingRow, tools: RowTools): InboundRouting => {
  const { organization_id, fallback_agent_id } = row
  const purpose = organizationWebhookPurpose(organization_id)
  return { organization_id, webhook: toWebhook(row, tools.webhook_timeout_ms, purpose, tools), fallback_agent_id }
}
