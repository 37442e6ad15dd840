/** The generated matrix: every operation, asked by everybody who may not, in every way not to. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RefusalCode } from '#core/refusal.ts'
import { ask, asker } from '#tests/harness/http.ts'
import type { Actor } from '#tests/harness/world.ts'
import type { Means } from '#tests/http/safe-writing.ts'
import { type Operation, refusalsOf } from '#wire/operation.ts'
import { operationList } from '#wire/operations.ts'

const strangerTo = (row: Operation): Actor => (asker(row) === 'person' ? 'stranger' : 'other')

const guarded = operationList().filter(([, row]) => row.scope !== null)

export const whoMayAsk = ({ world, samples, refused, unchanged }: Means): void => {
  const cases: readonly (readonly [Actor, RefusalCode])[] = [
    ['nobody', 'credential_missing'],
    ['malformed', 'credential_invalid'],
    ['expired', 'credential_invalid'],
    ['revoked', 'credential_invalid'],
    ['scopeless', 'scope_missing'],
  ]
  for (const [id, row] of guarded) {
    for (const [actor, code] of cases.filter(([, code]) => refusalsOf(row).includes(code))) {
      test(`${id} by ${actor}: ${code}`, () =>
        unchanged(async () => {
          await refused(id, actor, samples()[id], code)
        }))
    }
    test(`${id} under another organization's name: 403`, () =>
      unchanged(async () => {
        for (const header of ['x-anyreach-org', 'x-patchcord-org']) {
          const headers = { [header]: world().other.organization_id }
          await refused(id, 'admin', { ...samples()[id], headers }, 'organization_mismatch')
        }
      }))
    test(`${id} by a token without an organization: 401`, () =>
      unchanged(async () => {
        const headers = { authorization: `Bearer ${world().credentials.person}` }
        const answer = await refused(id, 'nobody', { ...samples()[id], headers }, 'organization_missing')
        assert.equal((answer.body as { detail: string }).detail, 'Token is missing organization claim.')
      }))
    test(`${id} by a token of somebody who is no member: 403, whether or not there is such an organization`, () =>
      unchanged(async () => {
        const said = new Set<string>()
        for (const organization of [world().other.organization_id, '0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d', 'x']) {
          const request = { ...samples()[id], headers: { 'x-anyreach-org': organization } }
          const { body } = await refused(id, 'person', request, 'not_a_member')
          said.add(JSON.stringify({ ...(body as object), request_id: '' }))
        }
        assert.equal(said.size, 1)
      }))
    if (row.refusals.includes('person_required')) {
      test(`${id} by an organization's key: 403`, () =>
        unchanged(async () => {
          await refused(id, 'admin', samples()[id], 'person_required')
        }))
    }
    if (row.scope?.endsWith(':manage')) {
      test(`${id} with read scopes only: 403`, () =>
        unchanged(async () => {
          await refused(id, 'reader', samples()[id], 'scope_missing')
          await refused(id, 'viewer', samples()[id], 'scope_missing')
        }))
    }
    if (row.path.includes('{')) {
      test(`${id} of another organization: 404, as if it were not there`, () =>
        unchanged(async () => {
          assert.equal((await ask(world(), strangerTo(row), samples()[id])).status, 404)
        }))
    } else {
      test(`${id} by another organization shows nothing of ours`, async () => {
        const { body } = await ask(world(), strangerTo(row), samples()[id])
        assert.ok(!JSON.stringify(body).includes(world().admin.organization_id))
      })
    }
  }
  test('the organization’s own name beside its key is fine', async () => {
    const headers = { 'x-anyreach-org': world().admin.organization_id.toUpperCase() }
    assert.equal((await ask(world(), 'admin', { ...samples().listTrunks, headers })).status, 200)
  })
  for (const authorization of ['', 'Basic abc', 'Bearer', 'Bearer a b', `Bearer ${'x'.repeat(5000)}`, 'Bearer é']) {
    test(`Authorization: “${authorization.slice(0, 20)}” is 401`, async () => {
      const answer = await ask(world(), 'nobody', { ...samples().listTrunks, headers: { authorization } })
      assert.equal(answer.status, 401)
    })
  }
}
