/** The operations on the organization and its keys, and those that anybody may ask for. */
import { Type as T } from 'typebox'
import { AuditAnswer } from '#wire/core-audit.ts'
import { ApiKeyAnswer, NewApiKeyAnswer, NewOrganizationAnswer, OrganizationAnswer } from '#wire/core-organization.ts'
import { NewCredential } from '#wire/new-credential.ts'
import { operation } from '#wire/operation.ts'
import { createdBetween, paged } from '#wire/parameters.ts'
import { anyObject, closed, word } from '#wire/schema.ts'

const NewOrganization = closed(
  {
    name: T.String({ minLength: 1, maxLength: 200, examples: ['Riverside Dental'] }),
    slug: T.String({
      description: 'A short name that no other organization has.',
      pattern: '^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$',
      examples: ['riverside-dental'],
    }),
  },
  { title: 'NewOrganizationRequest' },
)

const AuditFilters = paged({
  actor: T.Optional(
    T.String({
      description: 'The id of the key that acted, or of the person whose token did.',
      minLength: 1,
      maxLength: 100,
    }),
  ),
  action: T.Optional(T.String({ minLength: 1, maxLength: 100, examples: ['version.publish'] })),
  subject: T.Optional(T.String({ description: 'The id of what it was done to.', minLength: 1, maxLength: 100 })),
  ...createdBetween,
})

const Health = closed({
  status: word(['live']),
})

const Readiness = closed(
  {
    status: word(['ready', 'not_ready']),
    roles: T.Unsafe<Readonly<Record<string, { readonly ready: boolean; readonly detail: string }>>>({
      type: 'object',
      description: 'By role of this process.',
      additionalProperties: closed({ ready: T.Boolean(), detail: T.String() }),
    }),
  },
  { title: 'Readiness' },
)

const tag = 'organization'

export const adminOperations = {
  getOrganization: operation({
    method: 'GET',
    path: '/admin/organizations/me',
    tag,
    summary: 'The organization that the credential belongs to.',
    scope: 'organizations:read',
    answers: { 200: OrganizationAnswer },
    refusals: [],
  }),
  listOrganizations: operation({
    method: 'GET',
    path: '/admin/organizations',
    tag,
    summary: 'The organizations of the person whose token it is; for a key, its own.',
    scope: 'organizations:read',
    query: paged({}),
    answers: { 200: T.Array(OrganizationAnswer) },
    listed: true,
    refusals: [],
  }),
  createOrganization: operation({
    method: 'POST',
    path: '/admin/organizations',
    tag,
    summary: 'Found another organization: you become its admin, or, for a key, it gets a first key, shown this once.',
    scope: 'organizations:manage',
    body: NewOrganization,
    answers: { 200: NewOrganizationAnswer },
    refusals: ['slug_taken', 'idempotency_secret_shown'],
  }),
  createApiKey: operation({
    method: 'POST',
    path: '/admin/organization-pats',
    tag,
    summary: 'Make a key; its credential is shown this once.',
    scope: 'members:manage',
    body: NewCredential,
    answers: { 200: NewApiKeyAnswer },
    refusals: ['scopes_exceed_creator', 'expiry_in_past', 'idempotency_secret_shown'],
  }),
  listApiKeys: operation({
    method: 'GET',
    path: '/admin/organization-pats',
    tag,
    summary: 'The keys, newest first, without their secrets.',
    scope: 'members:read',
    query: paged({}),
    answers: { 200: T.Array(ApiKeyAnswer) },
    listed: true,
    refusals: [],
  }),
  listAuditLog: operation({
    method: 'GET',
    path: '/core/audit-log',
    tag,
    summary: 'Who changed what, newest first.',
    scope: 'organizations:read',
    query: AuditFilters,
    answers: { 200: T.Array(AuditAnswer) },
    listed: true,
    refusals: [],
  }),
  deleteApiKey: operation({
    method: 'DELETE',
    path: '/admin/organization-pats/{key_id}',
    tag,
    summary: 'Delete a key; it is refused from then on.',
    scope: 'members:manage',
    path_parameters: closed({ key_id: T.String({ minLength: 1, maxLength: 100 }) }),
    answers: { 204: null },
    refusals: ['key_not_found'],
  }),
} as const

export const processOperations = {
  getLiveness: operation({
    method: 'GET',
    path: '/health/live',
    tag: 'process',
    summary: 'Whether the process runs.',
    scope: null,
    answers: { 200: Health },
    refusals: [],
  }),
  getReadiness: operation({
    method: 'GET',
    path: '/health/ready',
    tag: 'process',
    summary: 'Whether every role of the process serves.',
    scope: null,
    answers: { 200: Readiness, 503: Readiness },
    refusals: [],
  }),
  getOpenApi: operation({
    method: 'GET',
    path: '/openapi.json',
    tag: 'process',
    summary: 'This document.',
    scope: null,
    answers: { 200: anyObject({ description: 'OpenAPI 3.1.' }) },
    refusals: [],
  }),
} as const
