/** The inbound webhook's place in a decision: what it may say, and how it can fail. */

/** Closed list: why a webhook has no say in a call. */
export type WebhookFailure =
  /** The budget ran out. */
  | 'webhook_timed_out'
  /** No connection, or one that broke; tried once more if there was time. */
  | 'webhook_unreachable'
  /** Its address, or the one its name stands for, may not be reached. No socket was opened. */
  | 'webhook_address_denied'
  /** A redirect: never followed. */
  | 'webhook_redirected'
  /** Any other answer than 2xx. */
  | 'webhook_status'
  /** More than 64 KiB. */
  | 'webhook_too_large'
  /** Not JSON, or not of the form that is asked for. */
  | 'webhook_malformed'
  /** Too many were being asked at once in this process: this one was not. */
  | 'webhook_busy'
  /** The caller hung up, or the process stopped, before it answered. */
  | 'webhook_abandoned'

/** What the webhook said, in Patchcord's own terms; everything optional. */
export type WebhookReply = {
  /** null: the drawn agent stays. `malformed`: what was sent is no id at all. */
  readonly override_agent: { readonly agent_id: string } | 'malformed' | null
  /** Counted from 1; null: the agent's latest published one. Of the drawn agent, when no other is named. */
  readonly override_version: number | 'malformed' | null
  /** Text only, by name. */
  readonly dynamic_variables: Readonly<Record<string, string>>
  readonly metadata: Readonly<Record<string, unknown>>
  readonly reject: boolean
}

export type WebhookOutcome =
  | { readonly kind: 'replied'; readonly reply: WebhookReply; readonly took_ms: number; readonly attempts: number }
  | {
      readonly kind: 'failed'
      readonly failure: WebhookFailure
      readonly took_ms: number
      readonly attempts: number
      /** HTTP status, where there was one. */
      readonly status?: number
    }
  /** A dry run that asks nobody. */
  | { readonly kind: 'not_asked' }

/** What the webhook is asked about. */
export type WebhookQuestion = {
  readonly url: string
  /** The whole budget, milliseconds. */
  readonly timeout_ms: number
  /** The key behind `whsec_…`; null: none was made, the request goes unsigned. */
  readonly secret: Uint8Array | null
  /** The drawn agent and version (from 1); null: nobody was drawn. */
  readonly agent: { readonly agent_id: string; readonly version: number } | null
  /** The caller, E.164 where it is one; null when anonymous. */
  readonly from_number: string | null
  readonly to_number: string
  readonly trunk_id: string
  /** `X-` headers of the INVITE. */
  readonly sip_headers: Readonly<Record<string, string>>
}
