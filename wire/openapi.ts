/** The OpenAPI 3.1 document, made from the table of operations. */
import type { TSchema } from 'typebox'
import { REFUSALS, type RefusalCode } from '#core/refusal.ts'
import { AgentConfigSchema } from '#wire/agent-config.ts'
import { BuilderInputsSchema } from '#wire/builder-inputs.ts'
import { AgentAnswer, AgentDetailAnswer, SipEndpointAnswer } from '#wire/core-agent.ts'
import { AuditAnswer } from '#wire/core-audit.ts'
import { ComparisonAnswer } from '#wire/core-comparison.ts'
import { ConversationAnswer } from '#wire/core-conversation.ts'
import { CoreError, CoreFaults } from '#wire/core-errors.ts'
import { LanguageModelAnswer } from '#wire/core-language-model.ts'
import { MemberAnswer, NewMemberAnswer, NewPersonalTokenAnswer, PersonalTokenAnswer } from '#wire/core-member.ts'
import { PhoneNumberAnswer } from '#wire/core-number.ts'
import { ApiKeyAnswer, NewApiKeyAnswer, NewOrganizationAnswer, OrganizationAnswer } from '#wire/core-organization.ts'
import { TrunkAnswer } from '#wire/core-trunk.ts'
import { VersionAnswer, VersionSummaryAnswer } from '#wire/core-version.ts'
import { WorkflowAnswer } from '#wire/core-workflow.ts'
import { exampleOf, refusalExamples } from '#wire/openapi-examples.ts'
import {
  type Dialect,
  dialectOf,
  type Operation,
  refusalStatuses,
  scopesOf,
  takesIdempotencyKey,
  takesIfMatch,
} from '#wire/operation.ts'
import { operationList } from '#wire/operations.ts'
import { UponaiAssignment } from '#wire/uponai-assignment.ts'
import { UponaiError, uponaiRefusalAnswer } from '#wire/uponai-errors.ts'
import { UponaiAssignmentAnswer, UponaiNumberAnswer, UponaiNumbersAnswer } from '#wire/uponai-number.ts'

type Json = Record<string, unknown>

/** Schemas that are named once and referred to; found by identity. */
const COMPONENTS = {
  AgentConfig: AgentConfigSchema,
  Agent: AgentAnswer,
  AgentDetail: AgentDetailAnswer,
  SipEndpoint: SipEndpointAnswer,
  VersionSummary: VersionSummaryAnswer,
  Version: VersionAnswer,
  PhoneNumber: PhoneNumberAnswer,
  Trunk: TrunkAnswer,
  AuditEntry: AuditAnswer,
  Conversation: ConversationAnswer,
  Comparison: ComparisonAnswer,
  LanguageModel: LanguageModelAnswer,
  InstructionBuilderInputs: BuilderInputsSchema,
  Workflow: WorkflowAnswer,
  Organization: OrganizationAnswer,
  NewOrganization: NewOrganizationAnswer,
  Member: MemberAnswer,
  NewMember: NewMemberAnswer,
  PersonalToken: PersonalTokenAnswer,
  NewPersonalToken: NewPersonalTokenAnswer,
  ApiKey: ApiKeyAnswer,
  NewApiKey: NewApiKeyAnswer,
  Error: CoreError,
  Faults: CoreFaults,
  UponaiUpdate: UponaiAssignment,
  UponaiAssignment: UponaiAssignmentAnswer,
  UponaiNumbers: UponaiNumbersAnswer,
  UponaiPhoneNumber: UponaiNumberAnswer,
  UponaiError,
} as const

const NAMES = new Map<unknown, string>(Object.entries(COMPONENTS).map(([name, schema]) => [schema, name]))

const mapValues = (value: object, change: (item: unknown) => unknown): Json =>
  Object.fromEntries(Object.entries(value).map(([key, item]) => [key, change(item)]))

/** The schema with every named one inside it, but not itself, replaced by a reference. */
const inside = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(outside)
  return typeof value === 'object' && value !== null ? mapValues(value, outside) : value
}

const outside = (value: unknown): unknown => {
  const name = NAMES.get(value)
  return name === undefined ? inside(value) : { $ref: `#/components/schemas/${name}` }
}

const parametersIn = (place: 'path' | 'query', schema: TSchema | undefined): Json[] => {
  if (schema === undefined || !('properties' in schema)) return []
  const required: readonly unknown[] = 'required' in schema && Array.isArray(schema.required) ? schema.required : []
  return Object.entries(schema.properties as Record<string, Json>).map(([name, property]) => {
    const { description, ...rest } = property
    return {
      name,
      in: place,
      required: place === 'path' || required.includes(name),
      ...(description ? { description } : {}),
      schema: inside(rest),
    }
  })
}

const REQUEST_ID = { 'X-Request-Id': { description: 'Finds the request in the log.', schema: { type: 'string' } } }
const PAGE_HEADERS = {
  'X-Next-Cursor': { description: 'The cursor of the next page; absent on the last.', schema: { type: 'string' } },
  Link: { description: 'The next page, as rel="next"; absent on the last.', schema: { type: 'string' } },
}
const ETAG_HEADER = {
  ETag: { description: 'The revision of what is answered; send it in If-Match.', schema: { type: 'string' } },
}
const REPLAYED_HEADER = {
  'Idempotent-Replayed': {
    description:
      '`true`: this is the answer of the first request with this Idempotency-Key, which alone had an effect.',
    schema: { type: 'string', const: 'true' },
  },
}
const ERROR_HEADERS: Readonly<Record<number, Json>> = {
  401: { 'WWW-Authenticate': { description: 'Bearer', schema: { type: 'string' } } },
  429: { 'Retry-After': { description: 'Seconds.', schema: { type: 'integer' } } },
  503: { 'Retry-After': { description: 'Seconds.', schema: { type: 'integer' } } },
}

const ERROR_CODE_HEADER = {
  'X-Error-Code': { description: 'From the closed list in docs/errors.md.', schema: { type: 'string' } },
}

const header = (name: string, description: string, schema: Json): Json => ({
  name,
  in: 'header',
  required: false,
  description,
  schema,
})

/** What makes a write safe, on the operations that take it. */
const headerParameters = (row: Operation): Json[] => [
  ...(takesIdempotencyKey(row)
    ? [
        header(
          'Idempotency-Key',
          'The same request with the same key is answered as it was before, for 24 hours, and does nothing.',
          { type: 'string', minLength: 1, maxLength: 255 },
        ),
      ]
    : []),
  ...(takesIfMatch(row)
    ? [header('If-Match', 'The ETag that was read: a newer revision is not overwritten.', { type: 'string' })]
    : []),
  ...(row.refusals.includes('agent_exists')
    ? [
        header('If-None-Match', '`*`: only if there is no agent of this name.', {
          type: 'string',
          enum: ['*'],
        }),
      ]
    : []),
]

const content = (schema: TSchema, media_type = 'application/json'): Json => ({
  [media_type]: { schema: outside(schema), example: exampleOf(schema) },
})

const coreRefusals = (status: number, codes: readonly RefusalCode[]): Json => ({
  schema: outside(status === 422 ? CoreFaults : CoreError),
  examples: Object.fromEntries(codes.map(code => [code, { $ref: `#/components/examples/${code}` }])),
})

const uponaiRefusals = (codes: readonly RefusalCode[]): Json => ({
  schema: outside(UponaiError),
  examples: Object.fromEntries(codes.map(code => [code, { value: uponaiRefusalAnswer({ code }).body }])),
})

const successes = (row: Operation): Json =>
  Object.fromEntries(
    Object.entries(row.answers).map(([status, schema]) => [
      status,
      {
        description: schema === null ? 'Done.' : row.summary,
        headers: {
          ...REQUEST_ID,
          ...(row.listed ? PAGE_HEADERS : {}),
          ...(row.tagged ? ETAG_HEADER : {}),
          ...(takesIdempotencyKey(row) ? REPLAYED_HEADER : {}),
        },
        ...(schema === null ? {} : { content: content(schema, row.streamed) }),
      },
    ]),
  )

const sentences = (dialect: Dialect, codes: readonly RefusalCode[]): string =>
  codes
    .map(code => `\`${code}\`: ${dialect === 'core' ? REFUSALS[code] : uponaiRefusalAnswer({ code }).body.error}`)
    .join('\n\n')

const failures = (row: Operation): Json => {
  const dialect = dialectOf(row.path)
  const ours = dialect === 'core'
  return Object.fromEntries(
    [...refusalStatuses(row)].map(([status, codes]) => [
      status,
      {
        description: sentences(dialect, codes),
        headers: { ...REQUEST_ID, ...ERROR_HEADERS[status], ...(ours ? {} : ERROR_CODE_HEADER) },
        content: { 'application/json': ours ? coreRefusals(status, codes) : uponaiRefusals(codes) },
      },
    ]),
  )
}

const securityOf = (row: Operation): Json => {
  if (row.scope === null) return { security: [] }
  const scopes = scopesOf(row)
  const needed =
    scopes === null ? 'Any credential will do.' : `Needs ${scopes.map(each => `\`${each}\``).join(' or ')}.`
  return { description: needed, ...(row.account_in ? { security: [{ bearer: [] }] } : {}) }
}

const operationObject = (id: string, row: Operation): Json => {
  const parameters = [
    ...parametersIn('path', row.path_parameters),
    ...parametersIn('query', row.query),
    ...headerParameters(row),
  ]
  return {
    operationId: id,
    tags: [row.tag],
    summary: row.summary,
    ...securityOf(row),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(row.body ? { requestBody: { required: row.body_optional !== true, content: content(row.body) } } : {}),
    responses: { ...failures(row), ...successes(row) },
  }
}

const paths = (): Json => {
  const all: Record<string, Json> = {}
  for (const [id, row] of operationList()) {
    all[row.path] = { ...all[row.path], [row.method.toLowerCase()]: operationObject(id, row) }
  }
  return all
}

/** Complete and self-contained. */
export const openApiDocument = (): Readonly<Json> => ({
  openapi: '3.1.1',
  info: {
    title: 'Patchcord',
    version: '0.1.0',
    summary: 'Release control for voice agents.',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  servers: [{ url: '/' }],
  security: [{ bearer: [] }, { bearer: [], organization: [] }],
  tags: [...new Set(operationList().map(([, row]) => row.tag))].map(name => ({ name })),
  paths: paths(),
  components: {
    securitySchemes: {
      bearer: {
        type: 'http',
        scheme: 'bearer',
        description: 'An organization’s key, `ak_<id>.<secret>`, or a person’s token, `pat_<id>.<secret>`.',
      },
      organization: {
        type: 'apiKey',
        in: 'header',
        name: 'X-Anyreach-Org',
        description: 'The organization’s id, which a person’s token needs. `X-Patchcord-Org` means the same.',
      },
    },
    schemas: mapValues(COMPONENTS, inside),
    examples: refusalExamples(),
  },
})
