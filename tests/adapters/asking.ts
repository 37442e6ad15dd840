/** An inbound webhook under test: questions to ask it, and its outcomes without what the clock said. */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { createInboundWebhook, type InboundWebhookOptions } from '#adapters/inbound-webhook.ts'
import { parseRange } from '#core/ip.ts'
import type { WebhookOutcome, WebhookQuestion } from '#core/webhook.ts'

const AGENT = '0198c5a1-7e52-7c3a-9f10-2b6f0f6f5a01'
export const SECRET = Buffer.from('a key of a number, 24 to 64 bytes')
/** Never reached: a test that needs it hangs, and says so. */
const AMPLE_MS = 600_000

export const question = (url: string, more: Partial<WebhookQuestion> = {}): WebhookQuestion => ({
  url,
  timeout_ms: AMPLE_MS,
  secret: SECRET,
  agent: { agent_id: AGENT, version: 3 },
  from_number: '+15550001111',
  to_number: '+15551234567',
  trunk_id: '0198c5a1-7e52-7c3a-9f10-2b6f0f6f5a02',
  sip_headers: { 'X-Customer': '7' },
  ...more,
})

type Line = { readonly fields: Record<string, unknown>; readonly message: string }

export const openWebhook = (t: TestContext, more: Partial<InboundWebhookOptions> = {}) => {
  const lines: Line[] = []
  const log = (fields: Record<string, unknown>, message: string): void => void lines.push({ fields, message })
  let ids = 0
  const webhook = createInboundWebhook({
    allow: [parseRange('127.0.0.0/8') ?? assert.fail()],
    clock: { now_ms: () => Date.now() },
    log: { info: log, warn: log, error: log },
    new_id: () => {
      ids += 1
      return `id-${ids}`
    },
    ...more,
  })
  t.after(() => webhook.close())
  return { ask: webhook.ask, close: webhook.close, lines }
}

export const JSON_200 = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n'

/** Without the clock's part. */
export const told = (outcome: WebhookOutcome): object => {
  assert.notEqual(outcome.kind, 'not_asked')
  const { took_ms, ...rest } = outcome as Exclude<WebhookOutcome, { kind: 'not_asked' }>
  assert.ok(took_ms >= 0)
  return rest
}

export const failed = (failure: string, attempts: number, status?: number): object => ({
  kind: 'failed',
  failure,
  attempts,
  ...(status === undefined ? {} : { status }),
})
