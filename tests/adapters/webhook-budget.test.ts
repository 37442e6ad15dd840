import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import type { WebhookOutcome } from '#core/webhook.ts'
import { failed, JSON_200, openWebhook, question, told } from '#tests/adapters/asking.ts'
import { openRaw, watchConnects } from '#tests/adapters/receiver.ts'

/** Nothing happens at one millisecond less than the budget; at the budget it is over. */
const assertBudget = async (
  t: TestContext,
  asked: Promise<WebhookOutcome>,
  reached: Promise<unknown>,
): Promise<void> => {
  let is_over = false
  const outcome = asked.finally(() => {
    is_over = true
  })
  await reached
  t.mock.timers.tick(1_999)
  await new Promise(resolve => setImmediate(resolve))
  assert.equal(is_over, false)
  t.mock.timers.tick(1)
  assert.deepEqual(told(await outcome), failed('webhook_timed_out', 1))
}

const SLOW: Readonly<Record<string, (socket: Socket) => void>> = {
  'never answers': () => undefined,
  'never ends its headers': socket => socket.write(JSON_200),
  'never ends its body': socket => socket.write(`${JSON_200}\r\n{"call_inbound":`),
}

for (const [name, answer] of Object.entries(SLOW)) {
  test(`a webhook that ${name} is over with its budget, and its socket is freed`, async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const reached = Promise.withResolvers<void>()
    const receiver = await openRaw(t, socket => {
      answer(socket)
      reached.resolve()
    })
    await assertBudget(t, openWebhook(t).ask(question(receiver.url, { timeout_ms: 2_000 })), reached.promise)
    await receiver.gone(1)
    assert.equal(receiver.called.length, 1)
  })
}

test('a look-up that never ends is over with the budget', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const reached = Promise.withResolvers<void>()
  const connects = watchConnects(t)
  const resolve = (): Promise<never> => {
    reached.resolve()
    return new Promise(() => undefined)
  }
  const { ask } = openWebhook(t, { resolve })
  await assertBudget(t, ask(question('http://hook.example/', { timeout_ms: 2_000 })), reached.promise)
  assert.equal(connects(), 0)
})

test('a TLS handshake that never ends is over with the budget', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const reached = Promise.withResolvers<void>()
  const receiver = await openRaw(t, () => reached.resolve())
  const { ask } = openWebhook(t)
  const url = receiver.url.replace('http:', 'https:')
  await assertBudget(t, ask(question(url, { timeout_ms: 2_000 })), reached.promise)
  await receiver.gone(1)
})

test('what is spent on a first attempt is missing from the second', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const second = Promise.withResolvers<void>()
  const receiver = await openRaw(t, (socket, nth) => {
    if (nth === 2) return second.resolve()
    t.mock.timers.tick(1_500)
    socket.resetAndDestroy()
  })
  const asked = openWebhook(t).ask(question(receiver.url, { timeout_ms: 2_000 }))
  await second.promise
  t.mock.timers.tick(500)
  assert.deepEqual(told(await asked), failed('webhook_timed_out', 2))
})
