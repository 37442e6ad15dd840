/** What came back from a webhook, or why nothing did. */
import { type Dispatcher, errors } from 'undici'
import { AddressDenied } from '#adapters/guarded-connect.ts'
import type { WebhookFailure, WebhookReply } from '#core/webhook.ts'
import { parseWebhookReply } from '#wire/uponai-webhook.ts'

const BODY_LIMIT_BYTES = 64 * 1024

/** A failure that is known for what it is. */
export class WebhookFault extends Error {
  readonly failure: WebhookFailure
  readonly status: number | undefined
  constructor(failure: WebhookFailure, status?: number) {
    super(failure)
    this.failure = failure
    this.status = status
  }
}

/** Whatever else goes wrong is the connection's fault. */
export const toFault = (error: unknown): WebhookFault => {
  if (error instanceof WebhookFault) return error
  if (error instanceof AddressDenied) return new WebhookFault('webhook_address_denied')
  if (error instanceof errors.HeadersOverflowError) return new WebhookFault('webhook_too_large')
  return new WebhookFault(error instanceof errors.HTTPParserError ? 'webhook_malformed' : 'webhook_unreachable')
}

const REDIRECTS = [301, 302, 303, 307, 308]

/** Reads no further than the limit. */
const readBody = async ({ headers, body, statusCode }: Dispatcher.ResponseData): Promise<Buffer> => {
  if (Number(headers['content-length'] ?? 0) > BODY_LIMIT_BYTES) throw new WebhookFault('webhook_too_large', statusCode)
  const chunks: Buffer[] = []
  let left_bytes = BODY_LIMIT_BYTES
  for await (const chunk of body) {
    left_bytes -= chunk.length
    if (left_bytes < 0) throw new WebhookFault('webhook_too_large', statusCode)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const decode = (bytes: Buffer): string | null => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

/** Throws a `WebhookFault`, or what the connection broke with. */
export const readAnswer = async (response: Dispatcher.ResponseData): Promise<WebhookReply> => {
  const { statusCode: status, headers } = response
  if (REDIRECTS.includes(status)) throw new WebhookFault('webhook_redirected', status)
  if (status < 200 || status > 299) throw new WebhookFault('webhook_status', status)
  // None was asked for; unpacking one could make a gigabyte of a kilobyte.
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') throw new WebhookFault('webhook_malformed', status)
  const text = decode(await readBody(response))
  const reply = text === null ? null : parseWebhookReply(text)
  if (reply === null) throw new WebhookFault('webhook_malformed', status)
  return reply
}
