/** Organizations and their keys in the `/core` dialect. */

import { type Static, Type as T } from 'typebox'
import type { ApiKey } from '#core/api-key.ts'
import type { Organization } from '#core/organization.ts'
import { SCOPES } from '#core/scopes.ts'
import { closed, nullable, time, uuid, word } from '#wire/schema.ts'

const organization = {
  id: uuid(),
  name: T.String(),
  slug: T.String(),
  workspace_id: T.Integer({ description: 'The organization’s integer in the /api/numbers dialect.' }),
  created_at: time(),
} as const

export const OrganizationAnswer = closed(organization, {
  title: 'Organization',
  description: 'Who owns everything else.',
})

export const NewOrganizationAnswer = closed(
  {
    ...organization,
    key_id: nullable(T.String(), { description: 'Its first key; null when a person founded it, who is its admin.' }),
    pat_key: nullable(T.String(), {
      description: 'The key’s credential. It is shown this once.',
      examples: ['ak_<id>.<secret>'],
    }),
  },
  { title: 'NewOrganization', description: 'An organization, and its first key.' },
)

const key = {
  key_id: T.String(),
  name: T.String(),
  scopes: T.Array(word(SCOPES)),
  expires_at: nullable(T.Integer(), {
    description:
      'Milliseconds since 1970: as it was given, or when the credential it was made with ends, if that is sooner; null: never.',
  }),
  last_used_at: nullable(time()),
  created_at: time(),
} as const

export const ApiKeyAnswer = closed(key, { title: 'ApiKey', description: 'An organization’s key, without its secret.' })

export const NewApiKeyAnswer = closed(
  {
    ...key,
    pat_key: T.String({ description: 'The credential. It is shown this once.', examples: ['ak_<id>.<secret>'] }),
  },
  { title: 'NewApiKey', description: 'A key and its credential.' },
)

export const toOrganizationAnswer = (organization: Organization): Static<typeof OrganizationAnswer> => ({
  id: organization.id,
  name: organization.name,
  slug: organization.slug,
  workspace_id: organization.workspace_id,
  created_at: organization.created_at,
})

export const toApiKeyAnswer = (row: ApiKey): Static<typeof ApiKeyAnswer> => ({
  key_id: row.key_id,
  name: row.name,
  scopes: [...row.scopes],
  expires_at: row.expires_at === null ? null : Date.parse(row.expires_at),
  last_used_at: row.last_used_at,
  created_at: row.created_at,
})
