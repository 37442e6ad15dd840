/** What an organization does with calls to numbers whose slot is empty, as it is saved and shown. */
export type InboundRoutingSettings = {
  readonly enabled: boolean
  readonly webhook_url: string | null
  readonly fallback_agent_id: string | null
}

export type InboundRoutingRecord = InboundRoutingSettings & {
  readonly organization_id: string
  readonly has_webhook_secret: boolean
  /** 0: it was never set. */
  readonly revision: number
  /** null: it was never set. */
  readonly updated_at: string | null
}

export const neverSet = (organization_id: string): InboundRoutingRecord => ({
  organization_id,
  enabled: false,
  webhook_url: null,
  fallback_agent_id: null,
  has_webhook_secret: false,
  revision: 0,
  updated_at: null,
})
