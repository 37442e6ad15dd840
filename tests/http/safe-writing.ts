/** What every write that declares it owes: no stale overwrite, and one effect a key. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Answer, ask, asker, type Request } from '#tests/harness/http.ts'
import { useKey, whileKeyIsHeld } from '#tests/harness/idempotency.ts'
import type { Actor, World } from '#tests/harness/world.ts'
import { takesIdempotencyKey, takesIfMatch } from '#wire/operation.ts'
import { type OperationId, operationList } from '#wire/operations.ts'

export type Means = {
  readonly world: () => World
  readonly samples: () => Readonly<Record<OperationId, Request>>
  readonly refused: (id: OperationId, actor: Actor, request: Request, code: string) => Promise<Answer>
  readonly unchanged: (work: () => Promise<void>) => Promise<void>
}

export const safeWriting = ({ world, samples, refused, unchanged }: Means): void => {
  for (const [id, row] of operationList()) {
    if (takesIfMatch(row)) {
      test(`${id} of what has changed meanwhile`, () =>
        unchanged(async () => {
          const headers = { 'if-match': '"another.1"' }
          await refused(id, asker(row), { ...samples()[id], headers }, 'precondition_failed')
        }))
    }
    if (takesIdempotencyKey(row)) {
      const keyed = (key: string): Request => ({ ...samples()[id], headers: { 'idempotency-key': key } })
      test(`${id} under a key that is none, in use, or of another request`, async () => {
        await useKey(world(), asker(row), `${id} another`)
        await unchanged(async () => {
          await refused(id, asker(row), keyed('x'.repeat(256)), 'idempotency_key_malformed')
          await refused(id, asker(row), keyed(''), 'idempotency_key_malformed')
          await refused(id, asker(row), keyed(`${id} another`), 'idempotency_key_reused')
          await whileKeyIsHeld(world(), asker(row), `${id} held`, async () => {
            const answer = await refused(id, asker(row), keyed(`${id} held`), 'idempotency_key_running')
            assert.equal(answer.headers['retry-after'], '1')
          })
        })
      })
      test(`${id} again under its key is answered as it was, and does nothing`, async () => {
        const first = await ask(world(), asker(row), keyed(`${id} twice`))
        assert.ok(first.status < 500, JSON.stringify(first.body))
        assert.equal(first.headers['idempotent-replayed'], undefined)
        await unchanged(async () => {
          if (row.refusals.includes('idempotency_secret_shown')) {
            const answer = await refused(id, asker(row), keyed(`${id} twice`), 'idempotency_secret_shown')
            assert.doesNotMatch(JSON.stringify(answer.body), /[ap]+k_\w+\.|whsec_/)
            return
          }
          const again = await ask(world(), asker(row), keyed(`${id} twice`))
          assert.deepEqual([again.status, again.body], [first.status, first.body])
          assert.equal(again.headers['idempotent-replayed'], 'true')
          assert.equal(again.headers.etag, first.headers.etag)
          assert.equal(again.headers['x-request-id'], first.headers['x-request-id'])
        })
      })
    }
  }
  for (const [read, write] of [
    ['getAgent', 'updateAgent'],
    ['getVersion', 'updateVersion'],
  ] as const) {
    test(`what ${read} answers can be given to ${write} as it is`, async () => {
      const { path } = samples()[write]
      const { body, headers } = await ask(world(), 'admin', { method: 'GET', path })
      const answer = await ask(world(), 'admin', {
        method: 'PUT',
        path,
        body,
        headers: { 'if-match': String(headers.etag) },
      })
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
      const { updated_at: _then, ...before } = body as Record<string, unknown>
      const { updated_at: _now, ...after } = answer.body as Record<string, unknown>
      assert.partialDeepStrictEqual(before, after)
    })
  }
}
