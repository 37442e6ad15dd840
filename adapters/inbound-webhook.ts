/** Asks the webhook of a number who shall answer, while the caller listens to it ring. */
import { type Dispatcher, request } from 'undici'
import { guardedAgent, unlessAborted } from '#adapters/guarded-connect.ts'
import type { ResolveName } from '#adapters/resolve-name.ts'
import { readAnswer, toFault, WebhookFault } from '#adapters/webhook-answer.ts'
import { webhookHeaders } from '#adapters/webhook-signature.ts'
import type { Clock, InboundWebhook, Log } from '#app/ports.ts'
import type { AddressRange } from '#core/ip.ts'
import { refuseUrl } from '#core/outbound-url.ts'
import type { WebhookOutcome, WebhookQuestion, WebhookReply } from '#core/webhook.ts'
import { toWebhookBody } from '#wire/uponai-webhook.ts'

export type InboundWebhookOptions = {
  /** Reached besides public addresses: OUTBOUND_ALLOW. */
  readonly allow: readonly AddressRange[]
  readonly clock: Clock
  readonly log: Log
  readonly new_id: () => string
  /** For tests; else DNS. */
  readonly resolve?: ResolveName
}

/** Ends the questions under way as `webhook_unreachable`; later ones too. Resolves when they have settled. */
export type ClosableWebhook = InboundWebhook & { close(): Promise<void> }

/** One more, and only after a broken connection: an answer, however bad, and time that ran out are final. */
const ATTEMPTS_LIMIT = 2

type Attempts = { count: number }

const send = (question: WebhookQuestion, headers: Record<string, string>, body: string, dispatcher: Dispatcher) =>
  request(question.url, {
    dispatcher,
    method: 'POST',
    body,
    headers: {
      accept: 'application/json',
      'accept-encoding': 'identity',
      'content-type': 'application/json',
      'user-agent': 'Patchcord',
      ...headers,
    },
  })

/** `ECONNREFUSED`, or a sentence. Of several addresses that failed, the error's own text would say nothing. */
const reasonOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error)

export const createInboundWebhook = (options: InboundWebhookOptions): ClosableWebhook => {
  const { allow, clock, log, new_id, resolve } = options
  const under_way = new Map<AbortController, Promise<WebhookOutcome>>()
  let is_closed = false

  /** A connection of its own for each attempt: its address was judged just now, and nothing of it stays behind. */
  const attempt = async (question: WebhookQuestion, id: string, body: string, over: AbortSignal) => {
    const headers = webhookHeaders({ id, body, at_ms: clock.now_ms(), secret: question.secret })
    const agent = guardedAgent({ allow, signal: over, ...(resolve ? { resolve } : {}) })
    try {
      // The budget is kept here, not left to how a client takes the end of its sockets.
      return await unlessAborted(over, send(question, headers, body, agent).then(readAnswer))
    } finally {
      agent.destroy().catch(() => undefined)
    }
  }

  const askRepeatedly = async (question: WebhookQuestion, id: string, over: AbortSignal, attempts: Attempts) => {
    if (is_closed) throw new WebhookFault('webhook_unreachable')
    // Refused when it was saved; the operator's ranges may have changed since.
    if (refuseUrl(question.url, allow) !== null) throw new WebhookFault('webhook_address_denied')
    const body = JSON.stringify(toWebhookBody(question))
    for (;;) {
      attempts.count += 1
      try {
        return await attempt(question, id, body, over)
      } catch (error) {
        if (over.aborted) throw over.reason
        if (toFault(error).failure !== 'webhook_unreachable' || attempts.count === ATTEMPTS_LIMIT) throw error
      }
    }
  }

  const settle = async (question: WebhookQuestion, over: AbortSignal): Promise<WebhookOutcome> => {
    const started_ms = clock.now_ms()
    const took_ms = (): number => Math.max(0, clock.now_ms() - started_ms)
    const id = new_id()
    const attempts: Attempts = { count: 0 }
    try {
      const reply: WebhookReply = await askRepeatedly(question, id, over, attempts)
      return { kind: 'replied', reply, took_ms: took_ms(), attempts: attempts.count }
    } catch (error) {
      const { failure, status } = toFault(error)
      const failed = { took_ms: took_ms(), attempts: attempts.count, ...(status === undefined ? {} : { status }) }
      // The host alone: paths and queries of webhooks often hold their key.
      const { host } = URL.parse(question.url) ?? { host: null }
      log.warn({ webhook_id: id, host, failure, ...failed, err: reasonOf(error) }, 'an inbound webhook had no say')
      return { kind: 'failed', failure, ...failed }
    }
  }

  return {
    async ask(question) {
      const over = new AbortController()
      const timer = setTimeout(() => over.abort(new WebhookFault('webhook_timed_out')), question.timeout_ms)
      const outcome = settle(question, over.signal)
      under_way.set(over, outcome)
      try {
        return await outcome
      } finally {
        clearTimeout(timer)
        under_way.delete(over)
      }
    },
    async close() {
      is_closed = true
      for (const over of under_way.keys()) over.abort(new WebhookFault('webhook_unreachable'))
      await Promise.all(under_way.values())
    },
  }
}
