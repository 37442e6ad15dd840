/** How a number's calls are routed besides its slots, as it is saved and shown. */
import type { Refusal } from '#core/refusal.ts'

export type NumberSettings = {
  /** Whether callers keep their arm, or each call draws anew. */
  readonly stickiness: 'caller' | 'call'
  readonly time_routing_enabled: boolean
  /** Kept while time routing is off. */
  readonly schedule_id: string | null
  readonly webhook_url: string | null
  /** null: the installation's WEBHOOK_TIMEOUT_MS. */
  readonly webhook_timeout_ms: number | null
  readonly default_agent_id: string | null
  /** A SIP URI, or a number in E.164. */
  readonly forward: string | null
  /** What is spoken when nobody else can answer. */
  readonly message: string | null
}

export type SettingsPatch = Partial<NumberSettings>

/** The settings after a change, or why they cannot be so. */
export const patchSettings = (before: NumberSettings, patch: SettingsPatch): NumberSettings | Refusal => {
  const after = { ...before, ...patch }
  return after.time_routing_enabled && after.schedule_id === null ? { code: 'schedule_missing' } : after
}

export const settingsOf = ({
  stickiness,
  time_routing_enabled,
  schedule_id,
  webhook_url,
  webhook_timeout_ms,
  default_agent_id,
  forward,
  message,
}: NumberSettings): NumberSettings => ({
  stickiness,
  time_routing_enabled,
  schedule_id,
  webhook_url,
  webhook_timeout_ms,
  default_agent_id,
  forward,
  message,
})

export const sameSettings = (a: NumberSettings, b: NumberSettings): boolean =>
  JSON.stringify(settingsOf(a)) === JSON.stringify(settingsOf(b))
