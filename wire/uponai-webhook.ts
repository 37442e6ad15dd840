/** The inbound webhook in UponAI's form: what it is asked, and what its answer means. Versions are counted from 0 here. */
import type { WebhookQuestion, WebhookReply } from '#core/webhook.ts'
import { findUnstorable } from '#wire/unstorable.ts'
import { fromUponaiAgentId, toUponaiAgentId } from '#wire/uponai-ids.ts'

const VARIABLES_LIMIT = 100
/** UTF-16 code units. */
const VALUE_LIMIT = 4096
const METADATA_LIMIT_BYTES = 16 * 1024
const VARIABLE_NAME = /^[A-Za-z_]\w{0,63}$/

/** The request's body. `core_version` is `agent_version` as the `/core` dialect counts it. */
export const toWebhookBody = (question: WebhookQuestion): object => ({
  event: 'call_inbound',
  call_inbound: {
    agent_id: question.agent === null ? null : toUponaiAgentId(question.agent.agent_id),
    agent_version: question.agent === null ? null : question.agent.version - 1,
    core_version: question.agent?.version ?? null,
    from_number: question.from_number,
    to_number: question.to_number,
    trunk: question.trunk_id,
    sip_headers: question.sip_headers,
  },
})

/** The webhook has nothing to say: the drawn version answers. */
const NOTHING: WebhookReply = {
  override_agent: null,
  override_version: null,
  dynamic_variables: {},
  metadata: {},
  reject: false,
}

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** undefined: no JSON. */
const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Below, undefined says that a field is malformed; null means absent, as in all of this dialect. */
type Read<T> = T | undefined

const readAgent = (sent: unknown): Read<WebhookReply['override_agent']> => {
  if (sent === null) return null
  if (typeof sent !== 'string') return undefined
  const agent_id = fromUponaiAgentId(sent)
  return agent_id === null ? 'malformed' : { agent_id }
}

const readVersion = (sent: unknown): WebhookReply['override_version'] => {
  if (sent === null) return null
  return typeof sent === 'number' && Number.isSafeInteger(sent) && sent >= 0 ? sent + 1 : 'malformed'
}

const readVariables = (sent: unknown): Read<WebhookReply['dynamic_variables']> => {
  if (sent === null) return {}
  if (!isFields(sent) || findUnstorable(sent) !== null) return undefined
  const texts: (readonly [string, string])[] = []
  for (const [name, value] of Object.entries(sent)) {
    const text = ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : null
    if (text === null || text.length > VALUE_LIMIT || !VARIABLE_NAME.test(name)) return undefined
    texts.push([name, text])
  }
  return texts.length > VARIABLES_LIMIT ? undefined : Object.fromEntries(texts)
}

const readMetadata = (sent: unknown): Read<WebhookReply['metadata']> => {
  if (sent === null) return {}
  if (!isFields(sent) || findUnstorable(sent) !== null) return undefined
  return new TextEncoder().encode(JSON.stringify(sent)).length > METADATA_LIMIT_BYTES ? undefined : sent
}

const readReject = (sent: unknown): Read<boolean> => {
  if (sent === null) return false
  return typeof sent === 'boolean' ? sent : undefined
}

/**
 * What an answer's body means; null when it is not of the form that is asked for. Unknown keys are ignored. Its limits:
 * 100 variables of 4096 characters each, 16 KiB of metadata, nothing that PostgreSQL cannot store.
 */
export const parseWebhookReply = (text: string): WebhookReply | null => {
  if (text.trim() === '') return NOTHING
  const body = parseJson(text)
  if (!isFields(body)) return null
  const said = body.call_inbound ?? {}
  if (!isFields(said)) return null
  const override_agent = readAgent(said.override_agent_id ?? null)
  const override_version = readVersion(said.override_agent_version ?? null)
  const dynamic_variables = readVariables(said.dynamic_variables ?? null)
  const metadata = readMetadata(said.metadata ?? null)
  const reject = readReject(said.reject ?? null)
  if (override_agent === undefined || dynamic_variables === undefined) return null
  if (metadata === undefined || reject === undefined) return null
  return { override_agent, override_version, dynamic_variables, metadata, reject }
}
