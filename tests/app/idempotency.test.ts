import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { type RepeatableRequest, type StoredAnswer, serveOnce } from '#app/idempotency.ts'
import { Refused, refuse } from '#app/refused.ts'
import { startTestApp, type TestApp } from '#tests/harness/app.ts'

let t: TestApp
before(async () => {
  t = await startTestApp({ max_connections: 1 })
})
after(() => t.close())

const answerOf = (body: string): StoredAnswer => ({
  request_id: '0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d',
  status: 200,
  headers: {},
  body,
  secret_of: null,
})

const request = (
  key: string,
  effect: boolean,
  serve: RepeatableRequest['serve'],
  request_sha256 = Buffer.alloc(32, 1),
): RepeatableRequest => ({
  key,
  apart: !effect,
  request_sha256,
  serve,
  answerOf: ({ refusal }) => answerOf(refusal.code),
})

test('what changes nothing is served without a transaction, and answered again as it was', async () => {
  const serve: RepeatableRequest['serve'] = async app => {
    assert.equal(app.joined, undefined)
    // Of the one connection there is.
    await sql`select 1`.execute(t.app.db)
    return answerOf('"first"')
  }
  const first = await serveOnce(t.app, t.caller, request('asked', false, serve))
  assert.deepEqual([first.answer.body, first.replayed], ['"first"', false])
  const again = await serveOnce(
    t.app,
    t.caller,
    request('asked', false, async () => assert.fail('served twice')),
  )
  assert.deepEqual([again.answer.body, again.replayed], ['"first"', true])
  const other = request('asked', false, serve, Buffer.alloc(32, 2))
  await assert.rejects(
    serveOnce(t.app, t.caller, other),
    error => error instanceof Refused && error.refusal.code === 'idempotency_key_reused',
  )
})

test('two that ask at once under one key are answered as the first of them', async () => {
  const second = await serveOnce(
    t.app,
    t.caller,
    request('at once', false, async () => {
      await serveOnce(
        t.app,
        t.caller,
        request('at once', false, async () => answerOf('"first"')),
      )
      return answerOf('"second"')
    }),
  )
  assert.deepEqual([second.answer.body, second.replayed], ['"first"', true])
})

for (const effect of [true, false])
  test(`a refusal is kept, one for this moment only is not; ${effect ? 'with' : 'without'} effect`, async () => {
    const refusing = (code: 'rate_limited' | 'number_not_found') => async () => refuse(code)
    const busy = request(`busy ${effect}`, effect, refusing('rate_limited'))
    await assert.rejects(
      serveOnce(t.app, t.caller, busy),
      error => error instanceof Refused && error.refusal.code === 'rate_limited',
    )
    const later = await serveOnce(t.app, t.caller, { ...busy, serve: async () => answerOf('"later"') })
    assert.deepEqual([later.answer.body, later.replayed], ['"later"', false])

    const lost = request(`lost ${effect}`, effect, refusing('number_not_found'))
    assert.equal((await serveOnce(t.app, t.caller, lost)).answer.body, 'number_not_found')
    assert.deepEqual(await serveOnce(t.app, t.caller, { ...lost, serve: async () => assert.fail('served twice') }), {
      answer: answerOf('number_not_found'),
      replayed: true,
    })
  })
