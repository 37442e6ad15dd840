/** Who may ask in UponAI's dialect, and what else is refused in its words. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createApiKey } from '#app/api-keys.ts'
import type { Scope } from '#core/scopes.ts'
import { buildHttpServer } from '#http/server.ts'
import { effectsBetween, snapshot } from '#tests/harness/effects.ts'
import { type Answer, ask, codeOf, type Request } from '#tests/harness/http.ts'
import { type Actor, startWorld, type World } from '#tests/harness/world.ts'

let world: World
const NUMBER = '+15551230001'

before(async () => {
  world = await startWorld()
  await ask(world, 'admin', { method: 'POST', path: '/core/phone-numbers', body: { phone_number: NUMBER } })
})
after(() => world.close())

const request = (body: object): Request => ({
  method: 'PUT',
  path: `/api/numbers/${NUMBER}/agent`,
  body: { accountSid: world.admin.organization_id, workspaceId: 1, ...body },
})

const unchanged = async (work: () => Promise<void>): Promise<void> => {
  const then = await snapshot(world.app.db)
  await work()
  assert.deepEqual(effectsBetween(then, await snapshot(world.app.db)), {})
}

const list = (): Request => ({ method: 'GET', path: `/api/numbers/${world.admin.organization_id}` })

describe('who may', () => {
  const withKey = async (scopes: readonly Scope[], what: Request): Promise<Answer> => {
    const { secret } = await createApiKey(world.app, world.admin, { name: 'x', scopes, expires_at_ms: null })
    return ask(world, 'nobody', { ...what, headers: { authorization: `Bearer ${secret}` } })
  }
  for (const scope of ['phone_numbers:manage', 'agents:manage'] as const)
    test(`${scope} alone is enough for both`, async () => {
      assert.equal((await withKey([scope], request({}))).status, 200)
      assert.equal((await withKey([scope], list())).status, 200)
    })
  for (const scope of ['phone_numbers:read', 'agents:read'] as const)
    test(`${scope} alone is enough to read`, async () => {
      assert.equal((await withKey([scope], list())).status, 200)
      const answer = await withKey([scope], request({}))
      assert.deepEqual(
        [answer.status, (answer.body as { error: string }).error],
        [
          403,
          'This credential does not hold the scope that this operation needs. (phone_numbers:manage or agents:manage)',
        ],
      )
    })
  test('trunks:manage is not', async () => {
    for (const what of [request({}), list()])
      assert.equal(codeOf(await withKey(['trunks:manage'], what)), 'scope_missing')
  })
  test('a viewer may read and not assign, asking without a header', async () => {
    const headers = { 'x-anyreach-org': '' }
    assert.equal((await ask(world, 'viewer', { ...list(), headers })).status, 200)
    assert.equal(codeOf(await ask(world, 'viewer', { ...request({}), headers })), 'scope_missing')
  })
  test('a body is not read from somebody without a credential', async () => {
    for (const authorization of [
      '',
      'Bearer x',
      `Bearer ${world.credentials.revoked}`,
      'Bearer pat_abcd.0123456789abcdef',
    ]) {
      const headers = { authorization, 'content-type': 'application/json' }
      assert.equal((await ask(world, 'nobody', { ...request({}), raw: '{', headers })).status, 401)
    }
  })
  test('a header that names another organization than the account is a mistake worth stopping', () =>
    unchanged(async () => {
      const headers = { 'x-patchcord-org': world.other.organization_id }
      for (const actor of ['admin', 'person'] as const)
        assert.equal(codeOf(await ask(world, actor, { ...request({}), headers })), 'organization_mismatch')
    }))
})

describe('who asks too often', () => {
  let limited: World
  before(async () => {
    const server = await buildHttpServer({
      app: world.app,
      database_answers: async () => true,
      rate_limit_rps: 1,
      log: world.log,
      ready: () => ({ ready: true, roles: {} }),
    })
    limited = { ...world, server }
  })
  after(() => limited.server.close())
  const times = async (count: number, actor: Actor, what: Request): Promise<ReadonlySet<number>> => {
    const statuses = new Set<number>()
    for (let time = 0; time < count; time++) statuses.add((await ask(limited, actor, what)).status)
    return statuses
  }
  for (const actor of ['admin', 'person'] as const) {
    test(`is told so in this dialect (${actor})`, async () => {
      assert.deepEqual(await times(5, actor, request({})), new Set([200, 429]))
    })
    test(`is counted also when the body is no JSON (${actor})`, async () => {
      world.clock.advance(10_000)
      const broken = { ...request({}), raw: '{', headers: { 'content-type': 'application/json' } }
      assert.deepEqual(await times(5, actor, broken), new Set([400, 429]))
    })
  }
  test('is told so when reading', async () => {
    assert.deepEqual(await times(5, 'reader', list()), new Set([200, 429]))
  })
  test('who fails is not listened to; who was accepted from there before still is', async () => {
    world.clock.advance(10_000)
    for (const actor of ['admin', 'person'] as const) await times(1, actor, request({}))
    assert.deepEqual(await times(5, 'revoked', request({})), new Set([401, 429]))
    for (const actor of ['admin', 'person'] as const)
      assert.deepEqual(await times(1, actor, request({})), new Set([200]), actor)
  })
})

describe('beside its operations', () => {
  test('a path that leads nowhere is refused in this dialect', async () => {
    for (const path of ['/api/numbers', '/api/numbers/', '/api/x', `/api/numbers/${NUMBER}/agents`])
      assert.equal((await ask(world, 'admin', { method: 'GET', path })).status, 404)
  })
  test('another method is, too', async () => {
    for (const method of ['POST', 'DELETE', 'PATCH'] as const) {
      const answer = await ask(world, 'admin', { ...request({}), method })
      assert.deepEqual([answer.status, answer.headers.allow], [405, 'PUT'])
    }
  })
})
