/** Agents' ids as UponAI's dialect writes them: `agent_` and the 32 hex digits of the UUID. */

export const toUponaiAgentId = (agent_id: string): string => `agent_${agent_id.replaceAll('-', '')}`

/** The UUID behind `agent_…`, or a UUID itself, in any case; null when the text is neither. */
export const fromUponaiAgentId = (text: string): string | null => {
  const dashed = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i.test(text)
  const hex = dashed ? text.replaceAll('-', '') : (/^agent_([\da-f]{32})$/i.exec(text)?.[1] ?? null)
  return hex === null ? null : hex.toLowerCase().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
