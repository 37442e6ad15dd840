/** The operations on agents, their versions and their SIP address. */
import { Type as T } from 'typebox'
import { AgentConfigSchema } from '#wire/agent-config.ts'
import { BuilderInputsSchema } from '#wire/builder-inputs.ts'
import { AgentAnswer, AgentDetailAnswer, SipEndpointAnswer } from '#wire/core-agent.ts'
import { PhoneNumberAnswer } from '#wire/core-number.ts'
import { VersionAnswer, VersionSummaryAnswer } from '#wire/core-version.ts'
import { operation } from '#wire/operation.ts'
import { ById, ByVersion, changedBetween, numberOrExtension, paged, VERSION_NUMBER } from '#wire/parameters.ts'
import { anyObject, closed, ignored, nullable, word } from '#wire/schema.ts'

const NewAgent = closed(
  {
    name: T.String({
      description: 'What people call it.',
      minLength: 1,
      maxLength: 200,
      examples: ['Riverside Dental Scheduler'],
    }),
    description: T.Optional(nullable(T.String({ maxLength: 5000 }))),
    active: T.Optional(
      nullable(T.Boolean(), { description: 'An agent that is not active answers no calls.', default: true }),
    ),
    is_demo: T.Optional(nullable(T.Boolean(), { default: false })),
    metadata: T.Optional(
      nullable(anyObject({ maxProperties: 1000 }), { description: 'Whatever you want to keep with the agent.' }),
    ),
  },
  { title: 'NewAgent' },
)

const AgentEdit = closed(
  {
    name: T.Optional(nullable(T.String({ minLength: 1, maxLength: 200 }), { description: 'What people call it.' })),
    description: T.Optional(nullable(T.String({ maxLength: 5000 }))),
    active: T.Optional(nullable(T.Boolean(), { description: 'An agent that is not active answers no calls.' })),
    is_demo: T.Optional(nullable(T.Boolean())),
    metadata: T.Optional(nullable(anyObject({ maxProperties: 1000 }), { description: 'Replaces the metadata whole.' })),
    id: ignored(),
    agent_id: ignored(),
    organization_id: ignored(),
    versions: ignored(),
    phone_numbers: ignored(),
    widgets: ignored(),
    sip_endpoint: ignored(),
    conversation_stats: ignored(),
    created_at: ignored(),
    updated_at: ignored(),
  },
  {
    title: 'AgentEdit',
    examples: [{ active: false }],
    description: 'What is given is changed, the rest stays; null is not given. An agent’s other fields are ignored.',
  },
)

const AgentFilters = paged({
  name: T.Optional(T.String({ description: 'The whole name.', minLength: 1, maxLength: 200 })),
  name_contains: T.Optional(
    T.String({ description: 'A part of the name, in either case.', minLength: 1, maxLength: 200 }),
  ),
  active: T.Optional(T.Boolean()),
  is_demo: T.Optional(T.Boolean()),
  metadata: T.Optional(
    T.String({
      description: 'What the metadata contains: a JSON object.',
      minLength: 2,
      maxLength: 5000,
      examples: ['{"region":"eu"}'],
    }),
  ),
  ...changedBetween,
})

const NewVersion = closed(
  {
    config: T.Optional(T.Union([AgentConfigSchema, T.Null()])),
    base_version: T.Optional(nullable(T.Integer(VERSION_NUMBER), { description: 'The version to copy.' })),
  },
  { title: 'NewVersion', description: 'Exactly one of the two.' },
)

const VersionFilters = paged({
  version: T.Optional(T.Integer({ ...VERSION_NUMBER, description: 'Its number.' })),
  published: T.Optional(T.Boolean()),
  ...changedBetween,
})

const DraftEdit = closed(
  {
    config: T.Optional(T.Union([AgentConfigSchema, T.Null()], { description: 'Replaces the config whole.' })),
    instruction_builder_inputs: T.Optional(
      T.Union([BuilderInputsSchema, T.Null()], { description: 'What the instructions are generated from.' }),
    ),
    id: ignored(),
    agent_id: ignored(),
    version: ignored(),
    published: ignored(),
    published_at: ignored(),
    digest: ignored(),
    base_version: ignored(),
    generating: ignored(),
    dirty: ignored(),
    manually_edited: ignored(),
    generation_error: ignored(),
    generated_by: ignored(),
    workflow_id: ignored(),
    created_by: ignored(),
    created_at: ignored(),
    updated_at: ignored(),
  },
  {
    title: 'DraftEdit',
    description: 'At least one of `config` and `instruction_builder_inputs`; a version’s other fields are ignored.',
  },
)

/** Twice what a publish in earnest names; 4 MiB hold no more than about 300,000 numbers. */
const NUMBERS_LIMIT = 300_000
const numbers = (description: string) =>
  T.Optional(
    nullable(T.Array(numberOrExtension(), { maxItems: NUMBERS_LIMIT }), {
      description,
      default: null,
      examples: [['+15551234567']],
    }),
  )

const Publish = closed(
  {
    phone_numbers: numbers('Numbers to put this version on.'),
    unassign_phone_numbers: numbers('Numbers to take this agent off.'),
    direction: T.Optional(
      nullable(word(['inbound', 'outbound', 'both']), {
        description: 'Which slots are written or cleared.',
        default: 'inbound',
      }),
    ),
    keep_split: T.Optional(
      nullable(T.Boolean(), {
        description:
          'Puts this version in the place of the agent’s entries in those slots; weights, arms and the other agents stay.',
        default: false,
      }),
    ),
  },
  { title: 'Publish', examples: [{ phone_numbers: ['+14155551234'], direction: 'inbound' }] },
)

const DeployAsSip = closed(
  {
    version: T.Optional(
      nullable(T.Integer(VERSION_NUMBER), {
        description: 'The published version to pin; null follows the latest published one.',
        default: null,
      }),
    ),
  },
  { title: 'DeployAsSip' },
)

const tag = 'agents'

export const agentOperations = {
  listAgents: operation({
    method: 'GET',
    path: '/core/agents',
    tag,
    summary: 'The agents, newest first.',
    scope: 'agents:read',
    query: AgentFilters,
    answers: { 200: T.Array(AgentAnswer) },
    listed: true,
    refusals: [],
  }),
  createAgent: operation({
    method: 'POST',
    path: '/core/agents',
    tag,
    summary: 'Make an agent: a stub, without a version.',
    scope: 'agents:manage',
    body: NewAgent,
    answers: { 200: AgentAnswer },
    tagged: true,
    refusals: ['agent_exists'],
  }),
  getAgent: operation({
    method: 'GET',
    path: '/core/agents/{id}',
    tag,
    summary: 'An agent with its versions, numbers, SIP address and statistics.',
    scope: 'agents:read',
    path_parameters: ById,
    answers: { 200: AgentDetailAnswer },
    tagged: true,
    refusals: ['agent_not_found'],
  }),
  updateAgent: operation({
    method: 'PUT',
    path: '/core/agents/{id}',
    tag,
    summary: 'Change an agent.',
    scope: 'agents:manage',
    path_parameters: ById,
    body: AgentEdit,
    answers: { 200: AgentAnswer },
    tagged: true,
    refusals: ['agent_not_found', 'precondition_failed'],
  }),
  deleteAgent: operation({
    method: 'DELETE',
    path: '/core/agents/{id}',
    tag,
    summary: 'Delete an agent: its slots and its SIP address are cleared, its conversations stay.',
    scope: 'agents:manage',
    path_parameters: ById,
    answers: { 204: null },
    refusals: ['agent_not_found', 'precondition_failed'],
  }),
  listVersions: operation({
    method: 'GET',
    path: '/core/agents/{id}/versions',
    tag,
    summary: 'The versions of an agent, newest first, without their configs.',
    scope: 'agents:read',
    path_parameters: ById,
    query: VersionFilters,
    answers: { 200: T.Array(VersionSummaryAnswer) },
    listed: true,
    refusals: ['agent_not_found'],
  }),
  createVersion: operation({
    method: 'POST',
    path: '/core/agents/{id}/versions',
    tag,
    summary: 'Make a draft, from a config or as a copy.',
    scope: 'agents:manage',
    path_parameters: ById,
    body: NewVersion,
    answers: { 200: VersionAnswer },
    tagged: true,
    refusals: ['agent_not_found', 'base_version_not_found'],
  }),
  getVersion: operation({
    method: 'GET',
    path: '/core/agents/{id}/versions/{version}',
    tag,
    summary: 'A version; `latest` makes sure that there is a draft.',
    scope: 'agents:read',
    path_parameters: ByVersion,
    answers: { 200: VersionAnswer },
    tagged: true,
    refusals: ['agent_not_found', 'version_not_found'],
  }),
  updateVersion: operation({
    method: 'PUT',
    path: '/core/agents/{id}/versions/{version}',
    tag,
    summary: 'Change a draft.',
    scope: 'agents:manage',
    path_parameters: ByVersion,
    body: DraftEdit,
    answers: { 200: VersionAnswer },
    tagged: true,
    refusals: [
      'agent_not_found',
      'version_not_found',
      'version_published',
      'version_generating',
      'precondition_failed',
    ],
  }),
  publishVersion: operation({
    method: 'POST',
    path: '/core/agents/{id}/versions/{version}/publish',
    tag,
    summary: 'Publish a version and put it on numbers: all of it or nothing.',
    scope: 'agents:manage',
    path_parameters: ByVersion,
    body: Publish,
    body_optional: true,
    body_limit_bytes: 4 * 1024 * 1024,
    answers: { 200: T.Array(PhoneNumberAnswer) },
    refusals: [
      'knowledge_base_missing',
      'agent_not_found',
      'version_not_found',
      'publish_generating',
      'publish_stale',
      'number_not_found',
      'number_in_both_lists',
      'slot_without_agent',
      'precondition_failed',
    ],
  }),
  deployAsSip: operation({
    method: 'POST',
    path: '/core/agents/{id}/deploy-as-sip',
    tag,
    summary: 'Let the agent answer at its own SIP address.',
    scope: 'agents:manage',
    path_parameters: ById,
    body: DeployAsSip,
    body_optional: true,
    answers: { 200: SipEndpointAnswer },
    tagged: true,
    refusals: [
      'agent_not_found',
      'version_not_found',
      'no_published_version',
      'version_not_published',
      'precondition_failed',
    ],
  }),
  removeSipEndpoint: operation({
    method: 'DELETE',
    path: '/core/agents/{id}/deploy-as-sip',
    tag,
    summary: 'Take the agent off its SIP address.',
    scope: 'agents:manage',
    path_parameters: ById,
    answers: { 204: null },
    refusals: ['agent_not_found', 'precondition_failed'],
  }),
  getAgentConfigSchema: operation({
    method: 'GET',
    path: '/core/agent-config-schema',
    tag,
    summary: 'The JSON Schema of a version’s config.',
    scope: 'agents:read',
    answers: { 200: anyObject({ description: 'JSON Schema 2020-12.' }) },
    refusals: [],
  }),
} as const
