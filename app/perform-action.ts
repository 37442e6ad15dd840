/** What a tool's actions do where nobody speaks: ask a web service, look something up. */
import type { App } from '#app/context.ts'
import { lookUp } from '#app/look-up.ts'
import type { Action, MindConfig } from '#core/mind-config.ts'
import type { ActionOutcome } from '#core/tool-run.ts'

export type ActionPlace = {
  readonly app: App
  readonly organization_id: string
  readonly config: MindConfig
  /** The same for the same action of the same turn, also when that is taken up again after a crash. */
  readonly idempotency_key: string
  readonly signal: AbortSignal
}

const has = (headers: Readonly<Record<string, string>>, name: string): boolean =>
  Object.keys(headers).some(key => key.toLowerCase() === name)

const askWeb = async (action: Action, { app, idempotency_key, signal }: ActionPlace): Promise<ActionOutcome> => {
  if (action.url === null) return { ok: false, error: 'a value in the URL would make it another path' }
  const own = action.headers as Readonly<Record<string, string>>
  const body = typeof action.body === 'string' ? action.body : null
  const headers = {
    ...(has(own, 'idempotency-key') ? {} : { 'idempotency-key': idempotency_key }),
    ...(body === null || has(own, 'content-type') ? {} : { 'content-type': 'application/json' }),
    ...own,
  }
  const { method = 'POST', url, timeout_ms = 5000 } = action
  const answer = await app.web_requests.send(
    { method: String(method), url: String(url), headers, body, timeout_ms: Number(timeout_ms) },
    signal,
  )
  return answer.ok ? { ok: true, result: answer.text } : { ok: false, error: answer.reason }
}

const askKnowledge = async (action: Action, { app, organization_id, config }: ActionPlace): Promise<ActionOutcome> => {
  const { knowledge_base_id, query, top_n = 5 } = action
  const known = config.knowledge_bases.map(({ id }) => id.toLowerCase())
  const one = typeof knowledge_base_id === 'string' ? knowledge_base_id.toLowerCase() : null
  const asked = one === null ? known : known.filter(id => id === one)
  if (asked.length === 0) return { ok: false, error: 'the version has no such knowledge base' }
  const passages = await lookUp(app, organization_id, asked, String(query), Number(top_n))
  if (passages.length === 0) return { ok: true, result: 'nothing was found' }
  return { ok: true, result: passages.map(({ source, text }) => `[${source}]\n${text}`).join('\n\n') }
}

export const performInText = async (action: Action, place: ActionPlace): Promise<ActionOutcome> => {
  switch (action.type) {
    case 'http_request':
      return askWeb(action, place)
    case 'knowledge_base':
      return askKnowledge(action, place)
    // Whoever reads has all the time there is.
    case 'wait':
      return { ok: true, result: 'skipped in a text conversation' }
    default:
      return { ok: false, error: `${action.type} is not possible in a text conversation` }
  }
}
