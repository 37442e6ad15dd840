/** Organizations: who owns everything else. */
import { keyRow, newCredential } from '#app/api-keys.ts'
import { by } from '#app/audit.ts'
import { type App, beyondOrganization, type Caller, newId, transact } from '#app/context.ts'
import { refuse } from '#app/refused.ts'
import type { Organization } from '#core/organization.ts'
import { SCOPES } from '#core/scopes.ts'
import { TRUNK_TRANSPORTS } from '#core/trunk.ts'
import { insertApiKey } from '#store/api-keys.ts'
import { insertAudit } from '#store/audit.ts'
import type { Tx } from '#store/database.ts'
import type { Listed, Page } from '#store/keyset.ts'
import { insertMembership } from '#store/members.ts'
import { findOrganization, insertOrganization, listOrganizationsOf } from '#store/organizations.ts'
import { insertTrunk } from '#store/trunks.ts'

export const getOrganization = async (app: App, caller: Caller): Promise<Organization> => {
  const organization = await findOrganization(app.db, caller.organization_id)
  if (!organization) throw new Error('a credential names an organization that does not exist')
  return organization
}

export type NewOrganization = {
  readonly name: string
  readonly slug: string
  /** Who the default trunk accepts: addresses or CIDR ranges; none: nobody. */
  readonly allowed_addresses: readonly string[]
  /** A whole `ak_<id>.<secret>`, taken as given; absent: one is made. */
  readonly credential?: string
}

const insertWhole = async (
  tx: Tx,
  input: NewOrganization,
): Promise<{ organization: Organization; trunk_id: string }> => {
  const organization =
    (await insertOrganization(tx, { id: newId(), name: input.name, slug: input.slug })) ??
    refuse('slug_taken', [input.slug])
  const trunk = await insertTrunk(tx, {
    id: newId(),
    organization_id: organization.id,
    name: 'Default trunk',
    is_default: true,
    inbound_config: {
      allowed_addresses: input.allowed_addresses,
      auth_username: null,
      transports: TRUNK_TRANSPORTS,
    },
    outbound_config: { address: null, auth_username: null, transport: 'UDP', media_encryption: 'NONE' },
    inbound_secret: null,
    outbound_secret: null,
  })
  return { organization, trunk_id: trunk.id }
}

const insertFirstKey = (tx: Tx, organization_id: string, id: string, credential: string) =>
  insertApiKey(
    tx,
    keyRow(credential, {
      ...{ id, organization_id, name: 'First key', scopes: SCOPES },
      ...{ created_by: null, expires_at: null },
    }),
  )

/** An organization, its default trunk, and a first key that may do everything. The credential is in the answer only. */
export const createOrganization = async (
  app: App,
  input: NewOrganization,
): Promise<{ readonly organization: Organization; readonly caller: Caller; readonly credential: string }> => {
  const made = newCredential()
  const credential = input.credential ?? made.credential
  const key_id = input.credential?.slice(3).split('.')[0] ?? made.id
  const organization = await transact(app, async (tx, touch) => {
    const { organization, trunk_id } = await insertWhole(tx, input)
    await insertFirstKey(tx, organization.id, key_id, credential)
    touch({ trunk_ids: [trunk_id] })
    return organization
  })
  return {
    organization,
    credential,
    caller: { organization_id: organization.id, key_id, user_id: null, scopes: SCOPES },
  }
}

export type FoundedOrganization = {
  readonly organization: Organization
  /** Null when a person founded it, who is its admin. */
  readonly first_key: { readonly id: string; readonly credential: string } | null
}

/** Another organization beside the caller's: a person becomes its admin, for a key it gets a first key. Its trunk accepts nobody. */
export const foundOrganization = async (
  app: App,
  caller: Caller,
  input: { readonly name: string; readonly slug: string },
): Promise<FoundedOrganization> =>
  transact(app, (tx, touch) =>
    beyondOrganization(app, tx, async () => {
      const { organization, trunk_id } = await insertWhole(tx, { ...input, allowed_addresses: [] })
      const organization_id = organization.id
      const first_key = caller.user_id === null ? newCredential() : null
      if (first_key) await insertFirstKey(tx, organization_id, first_key.id, first_key.credential)
      if (caller.user_id !== null)
        await insertMembership(tx, { organization_id, user_id: caller.user_id, role: 'admin' })
      const entry = { ...by(caller), action: 'organization.create', subject: organization_id, after: input }
      await insertAudit(tx, entry)
      await insertAudit(tx, { ...entry, organization_id })
      touch({ trunk_ids: [trunk_id] })
      return { organization, first_key }
    }),
  )

/** Those that the person is a member of; for a key, the one it belongs to. */
export const listOrganizations = async (app: App, caller: Caller, page: Page): Promise<Listed<Organization>> =>
  caller.user_id === null
    ? { items: page.after === null ? [await getOrganization(app, caller)] : [], next: null }
    : listOrganizationsOf(app.system, caller.user_id, page)
