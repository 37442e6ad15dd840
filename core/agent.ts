/** An agent: the name that versions, numbers and a SIP address hang under. Timestamps: RFC 3339 UTC, microseconds. */
export type Agent = {
  readonly id: string
  readonly organization_id: string
  readonly name: string
  readonly description: string | null
  readonly active: boolean
  readonly is_demo: boolean
  readonly metadata: Readonly<Record<string, unknown>>
  /** Counts its changes; what hangs under it does not change it. */
  readonly revision: number
  readonly created_at: string
  readonly updated_at: string
}

/** `version` null follows the agent's latest published version. */
export type SipEndpoint = {
  readonly agent_id: string
  readonly version: number | null
  readonly revision: number
  readonly created_at: string
}

export type ConversationStats = {
  readonly total: number
  readonly active: number
  readonly inbound: number
  readonly outbound: number
  readonly completed: number
  readonly failed: number
  readonly transferred: number
  readonly unanswered: number
  readonly average_duration_seconds: number | null
  readonly last_conversation_at: string | null
}
