/** How many requests are served: per credential, and of refused ones per address. Time stands until the test moves it. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { createRateLimit } from '#http/rate-limit.ts'
import { buildHttpServer } from '#http/server.ts'
import { type Answer, ask, codeOf } from '#tests/harness/http.ts'
import { type Actor, startWorld, type World } from '#tests/harness/world.ts'
import { refusalsOf } from '#wire/operation.ts'
import { operationList } from '#wire/operations.ts'

describe('a steady rate with bursts', () => {
  const countTaken = (limit: ReturnType<typeof createRateLimit>, key: string, now_ms: number, tries: number) =>
    Array.from({ length: tries }, () => limit.take(key, now_ms)).filter(Boolean).length
  test('a burst, then the rate, then after a rest the burst again', () => {
    const limit = createRateLimit(10, 30)
    assert.equal(countTaken(limit, 'a', 0, 100), 30)
    assert.equal(limit.allows('a', 99), false)
    assert.equal(countTaken(limit, 'a', 100, 100), 1)
    assert.equal(countTaken(limit, 'a', 1100, 100), 10)
    assert.equal(countTaken(limit, 'a', 60_000, 100), 30)
  })
  test('one key does not use up another’s', () => {
    const limit = createRateLimit(1, 3)
    assert.equal(countTaken(limit, 'a', 0, 10), 3)
    assert.equal(countTaken(limit, 'b', 0, 10), 3)
  })
  test('a clock that is set back shuts nobody out until it is where it was', () => {
    const limit = createRateLimit(10, 30)
    assert.equal(countTaken(limit, 'a', 3_600_000, 100), 30)
    assert.equal(countTaken(limit, 'a', 0, 100), 30)
    assert.equal(countTaken(limit, 'a', 100, 100), 1)
  })
  test('asking whether it may happen takes nothing', () => {
    const limit = createRateLimit(1, 1)
    for (let n = 0; n < 10; n++) assert.equal(limit.allows('a', 0), true)
    assert.equal(limit.take('a', 0), true)
    assert.equal(limit.allows('a', 0), false)
  })
  test('no limit is no limit', () => {
    assert.equal(countTaken(createRateLimit(0, 0), 'a', 0, 1000), 1000)
  })
  test('of ever more keys the one longest quiet is forgotten, the busy one is not', () => {
    const limit = createRateLimit(1, 1)
    limit.take('quiet', 0)
    limit.take('busy', 0)
    for (let n = 0; n < 9_999; n++) {
      limit.take(`other ${n}`, 0)
      if (n === 5000) assert.equal(limit.take('busy', 1000), true)
    }
    assert.equal(limit.allows('busy', 1000), false)
    assert.equal(limit.allows('quiet', 0), true)
  })
})

describe('a server that serves ten requests a second', () => {
  let world: World
  let server: FastifyInstance
  before(async () => {
    world = await startWorld()
  })
  after(() => world.close())
  beforeEach(async () => {
    await server?.close()
    const { app, log } = world
    const ready = () => ({ ready: true, roles: {} })
    server = await buildHttpServer({ app, log, database_answers: async () => true, rate_limit_rps: 10, ready })
    world = { ...world, server }
    world.clock.advance(60_000)
  })
  after(() => server.close())
  const times = async (count: number, actor: Actor, headers: Record<string, string> = {}): Promise<Answer[]> => {
    const answers: Answer[] = []
    for (let n = 0; n < count; n++)
      answers.push(await ask(world, actor, { method: 'GET', path: '/admin/members/me/scopes', headers }))
    return answers
  }
  const statuses = (answers: readonly Answer[]) => answers.map(answer => answer.status)
  const like = (status: number, count: number) => new Array<number>(count).fill(status)

  test('a credential has its burst, is told to wait a second, and after that is served', async () => {
    assert.deepEqual(statuses(await times(30, 'admin')), like(200, 30))
    const [refused] = await times(1, 'admin')
    assert.ok(refused)
    assert.deepEqual([refused.status, codeOf(refused)], [429, 'rate_limited'])
    assert.equal(refused.headers['retry-after'], '1')
    assert.deepEqual(statuses(await times(2, 'reader')), like(200, 2))
    world.clock.advance(1000)
    assert.deepEqual(statuses(await times(11, 'admin')), [...like(200, 10), 429])
  })

  test('a person’s token is one credential in all organizations', async () => {
    await times(30, 'stranger')
    assert.deepEqual(statuses(await times(1, 'stranger')), [429])
  })

  test('who guesses is soon not listened to; who is known there still is', async () => {
    assert.deepEqual(statuses(await times(1, 'admin')), [200])
    assert.deepEqual(statuses(await times(4, 'revoked')), [401, 401, 401, 429])
    assert.deepEqual(statuses(await times(1, 'malformed')), [429])
    assert.deepEqual(statuses(await times(2, 'admin')), [200, 200])
    world.clock.advance(1000)
    assert.deepEqual(statuses(await times(2, 'expired')), [401, 429])
  })

  test('having no credential at all is not guessing', async () => {
    assert.deepEqual(statuses(await times(20, 'nobody')), like(401, 20))
    assert.deepEqual(statuses(await times(1, 'keeper')), [200])
  })

  test('organizations are not guessed either', async () => {
    const elsewhere = { 'x-anyreach-org': world.other.organization_id }
    assert.deepEqual(statuses(await times(4, 'person', elsewhere)), [403, 403, 403, 429])
  })
})

test('every operation that asks for a credential may say so', () => {
  for (const [id, row] of operationList())
    assert.equal(refusalsOf(row).includes('rate_limited'), row.scope !== null, id)
})
