/** Organizations: who owns everything else. */
import { keyRow, newCredential } from '#app/api-keys.ts'
import { type App, type Caller, newId, transact } from '#app/context.ts'
import type { Organization } from '#core/organization.ts'
import { SCOPES } from '#core/scopes.ts'
import { TRUNK_TRANSPORTS } from '#core/trunk.ts'
import { insertApiKey } from '#store/api-keys.ts'
import { findOrganization, insertOrganization } from '#store/organizations.ts'
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

/** An organization, its default trunk, and a first key that may do everything. The credential is in the answer only. */
export const createOrganization = async (
  app: App,
  input: NewOrganization,
): Promise<{ readonly organization: Organization; readonly caller: Caller; readonly credential: string }> => {
  const made = newCredential()
  const credential = input.credential ?? made.credential
  const key_id = input.credential?.slice(3).split('.')[0] ?? made.id
  const organization = await transact(app, async (tx, touch) => {
    const row = await insertOrganization(tx, { id: newId(), name: input.name, slug: input.slug })
    const trunk = await insertTrunk(tx, {
      id: newId(),
      organization_id: row.id,
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
    await insertApiKey(
      tx,
      keyRow(credential, {
        id: key_id,
        organization_id: row.id,
        name: 'First key',
        scopes: SCOPES,
        created_by: null,
        expires_at: null,
      }),
    )
    touch({ trunk_ids: [trunk.id] })
    return row
  })
  return {
    organization,
    credential,
    caller: { organization_id: organization.id, key_id, user_id: null, scopes: SCOPES },
  }
}
