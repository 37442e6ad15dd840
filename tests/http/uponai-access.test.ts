/** Who may ask in UponAI's dialect, and what else is refused in its words. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createApiKey } from '#app/api-keys.ts'
import type { Scope } from '#core/scopes.ts'
import { buildHttpServer } from '#http/server.ts'
import { effectsBetween, snapshot } from '#tests/harness/effects.ts'
import { type Answer, ask, codeOf, type Request } from '#tests/harness/http.ts'
import { startWorld, type World } from '#tests/harness/world.ts'

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

describe('who may', () => {
  const withKey = async (scopes: readonly Scope[], what: Request): Promise<Answer> => {
    const { secret } = await createApiKey(world.app, world.admin, { name: 'x', scopes, expires_at_ms: null })
    return ask(world, 'nobody', { ...what, headers: { authorization: `Bearer ${secret}` } })
  }
  const list = (): Request => ({ method: 'GET', path: `/api/numbers/${world.admin.organization_id}` })
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
  test('who asks too often is told so in this dialect', async () => {
    const server = await buildHttpServer({
      app: world.app,
      database_answers: async () => true,
      rate_limit_rps: 1,
      log: world.log,
      ready: () => ({ ready: true, roles: {} }),
    })
    try {
      for (const [actor, what] of [
        ['admin', request({})],
        ['person', request({})],
        ['reader', list()],
      ] as const) {
        const statuses = new Set<number>()
        for (let times = 0; times < 10; times++) statuses.add((await ask({ ...world, server }, actor, what)).status)
        assert.deepEqual(statuses, new Set([200, 429]), actor)
      }
    } finally {
      await server.close()
    }
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
