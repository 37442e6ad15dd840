/** Agent ids in UponAI's dialect: `agent_` and the 32 hex digits of the UUID. */

const AGENT_ID = /^(?:agent_)?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/i

export const toUponaiAgentId = (id: string): string => `agent_${id.replaceAll('-', '')}`

/** From either form, in any case; null: this is no agent's id. Lower case. */
export const fromUponaiAgentId = (text: string): string | null => {
  const groups = AGENT_ID.exec(text)?.slice(1)
  return groups ? groups.join('-').toLowerCase() : null
}
