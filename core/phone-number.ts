/** A phone number, or an extension beneath one, with its two slots. */

export type Direction = 'inbound' | 'outbound'
export type Directions = Direction | 'both'

/** One line of a slot as answers show it. */
export type SlotEntry = {
  readonly agent_id: string
  /** null follows the agent's latest published version. */
  readonly version: number | null
  /** The version this entry means right now; null when it follows an agent that has published nothing. */
  readonly agent_version_id: string | null
  /** Basis points; the entries of a slot sum to 10000. */
  readonly weight_bp: number
  readonly arm: string
}

export type PhoneNumber = {
  readonly id: string
  readonly organization_id: string
  /** E.164; or an extension, 2–8 digits. */
  readonly phone_number: string
  /** What an extension hangs under; its own, for a number. */
  readonly base_number: string
  readonly trunk_id: string
  readonly inbound: readonly SlotEntry[]
  readonly outbound: readonly SlotEntry[]
  readonly outbound_shareable: boolean
  readonly label: string | null
  readonly revision: number
  readonly created_at: string
  readonly updated_at: string
}

/** The entry shown where only one fits: the heaviest, the first among equals. */
export const heaviestEntry = (entries: readonly SlotEntry[]): SlotEntry | null => {
  let best: SlotEntry | null = null
  for (const entry of entries) if (best === null || entry.weight_bp > best.weight_bp) best = entry
  return best
}

export const heaviestVersionId = (entries: readonly SlotEntry[]): string | null =>
  heaviestEntry(entries)?.agent_version_id ?? null
