/** What a load balancer is told. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readinessOf } from '#server/readiness.ts'

const stateOf = (roles: readonly string[], database: boolean, draining = false) =>
  readinessOf({
    draining: () => draining,
    database_answers: async () => database,
    voice_alive: roles.includes('voice') ? () => true : null,
    roles,
  })()

test('a process that only answers calls stays ready while the database is away; one that serves HTTP does not', async () => {
  assert.equal((await stateOf(['voice'], false)).ready, true)
  for (const roles of [['api'], ['worker', 'voice'], ['api', 'worker', 'voice']]) {
    const state = await stateOf(roles, false)
    assert.equal(state.ready, false)
    assert.equal(state.roles.database?.ready, false)
    assert.equal((await stateOf(roles, true)).ready, true)
  }
})

test('a process that drains is not ready, whatever it does', async () => {
  for (const roles of [['voice'], ['api']]) assert.equal((await stateOf(roles, true, true)).ready, false)
})
