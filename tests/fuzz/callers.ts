/** Who sends the fuzzed requests: an organization's key and a person's token, made anew when a request has deleted them. */
import { createOrganization } from '#app/organizations.ts'
import { pick, type Random } from '#tests/fuzz/mutate.ts'
import { ask } from '#tests/harness/http.ts'
import type { World } from '#tests/harness/world.ts'

export type CallerHeaders = Readonly<Record<string, string>>

export type Callers = { any(): CallerHeaders; renew(): Promise<void> }

type Key = { readonly organization_id: string; readonly authorization: string }

const addPerson = async (world: World, key: Key, email: string): Promise<CallerHeaders | null> => {
  const answer = await ask(world, 'nobody', {
    method: 'POST',
    path: '/admin/members',
    body: { email, name: 'Ann', role: 'admin' },
    headers: { authorization: key.authorization },
  })
  if (answer.status !== 200) return null
  const { pat_key } = answer.body as { pat_key: string }
  return { authorization: `Bearer ${pat_key}`, 'x-anyreach-org': key.organization_id }
}

export const openCallers = async (world: World, random: Random): Promise<Callers> => {
  let key: Key = {
    organization_id: world.admin.organization_id,
    authorization: `Bearer ${world.credentials.admin}`,
  }
  let renewals = 0
  const found = async (): Promise<Key> => {
    const input = { name: 'Fuzz', slug: `fuzz-${renewals}`, allowed_addresses: ['127.0.0.0/8'] }
    const { organization, credential } = await createOrganization(world.app, input)
    return { organization_id: organization.id, authorization: `Bearer ${credential}` }
  }
  const both = async (): Promise<readonly CallerHeaders[]> => {
    const email = `ann${renewals++}@example.com`
    let person = await addPerson(world, key, email)
    if (person === null) {
      key = await found()
      person = await addPerson(world, key, email)
    }
    return [{ authorization: key.authorization }, ...(person === null ? [] : [person])]
  }
  let callers = await both()
  let renewing: Promise<void> | null = null
  return {
    any: () => pick(random, callers),
    renew: () => {
      renewing ??= both().then(fresh => {
        callers = fresh
        renewing = null
      })
      return renewing
    },
  }
}
