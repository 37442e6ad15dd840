/** Standard Webhooks 1.0: who sent a request, and when, so that nobody else's and no old one is believed. */
import { createHmac } from 'node:crypto'

export type WebhookRequest = {
  /** The same for every attempt. Without a dot. */
  readonly id: string
  readonly body: string
  /** Milliseconds since the epoch. */
  readonly at_ms: number
  /** The key behind `whsec_…`; null: unsigned. */
  readonly secret: Uint8Array | null
}

/** `webhook-id`, `webhook-timestamp` in seconds, and `webhook-signature`: `v1,` and HMAC-SHA256 of `id.timestamp.body`. */
export const webhookHeaders = ({ id, body, at_ms, secret }: WebhookRequest): Record<string, string> => {
  const timestamp = String(Math.floor(at_ms / 1000))
  const named = { 'webhook-id': id, 'webhook-timestamp': timestamp }
  if (secret === null) return named
  const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')
  return { ...named, 'webhook-signature': `v1,${signature}` }
}
