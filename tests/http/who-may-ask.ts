/** The generated matrix: every operation, asked by everybody who may not, in every way not to. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RefusalCode } from '#core/refusal.ts'
import { ask, asker, type Request } from '#tests/harness/http.ts'
import type { Actor } from '#tests/harness/world.ts'
import type { Means } from '#tests/http/safe-writing.ts'
import { type Operation, refusalsOf, scopesOf } from '#wire/operation.ts'
import { type OperationId, operationList } from '#wire/operations.ts'

const strangerTo = (row: Operation): Actor => (asker(row) === 'person' ? 'stranger' : 'other')

const guarded = operationList().filter(([, row]) => row.scope !== null)

/** The request, naming another organization where it names one. */
const inNameOf = (organization: string, row: Operation, request: Request): Request => {
  if (row.account_in === 'body')
    return { ...request, body: { ...(request.body as object), accountSid: organization }, headers: NO_HEADER }
  if (row.account_in === 'path')
    return { ...request, path: row.path.replace('{accountSid}', organization), headers: NO_HEADER }
  return { ...request, headers: { 'x-anyreach-org': organization } }
}

/** An empty header names none. */
const NO_HEADER = { 'x-anyreach-org': '' }

/** Operations that know organizations by a header alone. */
const byHeader = ({ world, samples, refused, unchanged }: Means, id: OperationId): void => {
  test(`${id} by a token without an organization: 401`, () =>
    unchanged(async () => {
      const headers = { authorization: `Bearer ${world().credentials.person}` }
      const answer = await refused(id, 'nobody', { ...samples()[id], headers }, 'organization_missing')
      assert.equal((answer.body as { detail: string }).detail, 'Token is missing organization claim.')
    }))
}

/** Operations that are told the organization as an account. */
const byAccount = ({ world, samples, refused, unchanged }: Means, id: OperationId, row: Operation): void => {
  test(`${id} by a key of another organization: 403, whether or not there is such an account`, () =>
    unchanged(async () => {
      const said = new Set<string>()
      for (const account of [world().other.organization_id, '0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d', 'x']) {
        const request = inNameOf(account, row, samples()[id])
        said.add(JSON.stringify((await refused(id, 'admin', request, 'organization_mismatch')).body))
        said.add(JSON.stringify((await refused(id, 'person', request, 'not_a_member')).body))
      }
      assert.equal(said.size, 1)
    }))
  test(`${id} by a token that names its organization as the account alone`, async () => {
    const request = inNameOf(world().admin.organization_id.toUpperCase(), row, samples()[id])
    assert.equal((await ask(world(), 'person', request)).status, 200)
  })
}

export const whoMayAsk = (means: Means): void => {
  const { world, samples, refused, unchanged } = means
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
    if (row.account_in) byAccount(means, id, row)
    else byHeader(means, id)
    test(`${id} by a token of somebody who is no member: 403, whether or not there is such an organization`, () =>
      unchanged(async () => {
        const said = new Set<string>()
        for (const organization of [world().other.organization_id, '0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d', 'x']) {
          const request = inNameOf(organization, row, samples()[id])
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
    if (scopesOf(row)?.every(scope => scope.endsWith(':manage'))) {
      test(`${id} with read scopes only: 403`, () =>
        unchanged(async () => {
          await refused(id, 'reader', samples()[id], 'scope_missing')
          await refused(id, 'viewer', samples()[id], 'scope_missing')
        }))
    }
    if (row.account_in) {
      test(`${id} of another organization: 403, as any account that is not one's own`, () =>
        unchanged(async () => {
          await refused(id, 'other', samples()[id], 'organization_mismatch')
        }))
    } else if (row.path.includes('{')) {
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
