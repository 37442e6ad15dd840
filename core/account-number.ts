import type { PhoneNumber } from '#core/phone-number.ts'

/** A phone number with what UponAI's dialect shows of it beside its slots. */
export type AccountNumber = PhoneNumber & {
  /** The integer that stands for it there. */
  readonly number_id: number
  readonly webhook_url: string | null
  readonly time_routing_enabled: boolean
  /** Who answers when nobody of the slot can. */
  readonly default_agent_id: string | null
}
