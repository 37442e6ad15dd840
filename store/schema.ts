/** The tables as Kysely sees them; sql/ is their definition. Timestamps arrive as RFC 3339 UTC with microseconds. */
import type { Generated, GeneratedAlways, JSONColumnType } from 'kysely'
import type { ConversationItem, ConversationStatus, CriterionRecord, ToolRecord } from '#core/conversation.ts'
import type { SourceKind, SourceState } from '#core/knowledge.ts'
import type { MemberRole } from '#core/member.ts'
import type { ScheduleRules } from '#core/schedule.ts'
import type { AfterHoursTarget } from '#core/schedule-record.ts'
import type { Scope } from '#core/scopes.ts'
import type { SourceFailure } from '#core/source-failure.ts'
import type { Trunk } from '#core/trunk.ts'
import type { JsonObject } from '#core/version.ts'
import type { WorkflowError, WorkflowResult, WorkflowStatus } from '#core/workflow.ts'
import type { Usage, WrittenBy } from '#core/writer.ts'

type Json<T extends object> = JSONColumnType<T, string, string>
type NullableJson<T extends object> = JSONColumnType<T | null, string | null, string | null>

export type Database = {
  organizations: {
    id: string
    workspace_id: GeneratedAlways<number>
    name: string
    slug: string
    created_at: Generated<string>
  }
  api_keys: {
    id: string
    organization_id: string
    name: string
    secret_sha256: Buffer
    scopes: Scope[]
    created_by: string | null
    expires_at: string | null
    deleted_at: string | null
    last_used_at: string | null
    created_at: Generated<string>
  }
  users: { id: string; email: string; name: string; created_at: Generated<string> }
  memberships: {
    organization_id: string
    user_id: string
    role: MemberRole
    revision: Generated<number>
    created_at: Generated<string>
    updated_at: Generated<string>
  }
  personal_tokens: {
    id: string
    user_id: string
    name: string
    secret_sha256: Buffer
    scopes: Scope[]
    expires_at: string | null
    deleted_at: string | null
    last_used_at: string | null
    created_at: Generated<string>
  }
  audit_log: {
    id: string
    organization_id: string
    actor: string
    action: string
    subject: string
    before: NullableJson<object>
    after: NullableJson<object>
    request_id: string | null
    address: string | null
    created_at: Generated<string>
  }
  idempotency_keys: {
    organization_id: string
    credential_id: string
    key: string
    request_sha256: Buffer
    request_id: string
    status: number
    headers: Json<Record<string, string>>
    body: string | null
    secret_of: string | null
    created_at: Generated<string>
  }
  agents: {
    id: string
    organization_id: string
    name: string
    description: string | null
    active: boolean
    is_demo: boolean
    metadata: Json<JsonObject>
    revision: Generated<number>
    created_at: Generated<string>
    updated_at: Generated<string>
    deleted_at: string | null
  }
  agent_versions: {
    id: string
    organization_id: string
    agent_id: string
    version: number
    published: Generated<boolean>
    published_at: string | null
    config: Json<JsonObject>
    digest: string
    base_version: number | null
    instruction_builder_inputs: NullableJson<JsonObject>
    generated_from: NullableJson<JsonObject>
    generating: Generated<boolean>
    dirty: Generated<boolean>
    manually_edited: Generated<boolean>
    generation_error: string | null
    generated_by: WrittenBy | null
    workflow_id: string | null
    created_by: string | null
    revision: Generated<number>
    created_at: Generated<string>
    updated_at: Generated<string>
  }
  sip_endpoints: {
    agent_id: string
    organization_id: string
    version: number | null
    revision: Generated<number>
    created_at: Generated<string>
  }
  trunks: {
    id: string
    organization_id: string
    name: string
    is_default: boolean
    inbound_config: Json<Trunk['inbound_config']>
    outbound_config: Json<Trunk['outbound_config']>
    inbound_secret: string | null
    outbound_secret: string | null
    revision: Generated<number>
    created_at: Generated<string>
    updated_at: Generated<string>
  }
  assignments: {
    id: string
    organization_id: string
    key: string
    created_at: Generated<string>
  }
  slot_entries: {
    organization_id: string
    assignment_id: string
    position: number
    agent_id: string
    version: number | null
    weight_bp: number
    arm: string
  }
  phone_numbers: {
    id: string
    number_id: GeneratedAlways<number>
    organization_id: string
    phone_number: string
    base_number: string | null
    trunk_id: string
    inbound_assignment_id: string | null
    outbound_assignment_id: string | null
    outbound_shareable: Generated<boolean>
    label: string | null
    stickiness: Generated<'caller' | 'call'>
    time_routing_enabled: Generated<boolean>
    schedule_id: string | null
    webhook_url: string | null
    webhook_timeout_ms: number | null
    webhook_secret: string | null
    default_agent_id: string | null
    forward: string | null
    message: string | null
    revision: Generated<number>
    created_at: Generated<string>
    updated_at: Generated<string>
  }
  schedules: {
    id: string
    organization_id: string
    name: string
    timezone: string
    weekly: Json<ScheduleRules['weekly']>
    dates: Json<ScheduleRules['dates']>
    after_hours: NullableJson<AfterHoursTarget>
    revision: Generated<number>
    created_at: Generated<string>
    updated_at: Generated<string>
  }
  inbound_routing: {
    organization_id: string
    enabled: boolean
    webhook_url: string | null
    webhook_secret: string | null
    fallback_agent_id: string | null
    revision: Generated<number>
    created_at: Generated<string>
    updated_at: Generated<string>
  }
  language_models: {
    organization_id: string
    base_url: string | null
    model: string | null
    api_key: string | null
    input_usd_per_mtok: number | null
    output_usd_per_mtok: number | null
    revision: number
    created_at: Generated<string>
    updated_at: Generated<string>
  }
  routing_changes: {
    id: GeneratedAlways<number>
    xid: GeneratedAlways<string>
    number_ids: string[]
    agent_ids: string[]
    trunk_ids: string[]
    schedule_ids: string[]
    organization_ids: string[]
    created_at: Generated<string>
  }
  voice_edges: { id: string; started_at: Generated<string>; seen_at: Generated<string> }
  conversations: {
    id: string
    organization_id: string
    edge_id: string | null
    direction: 'inbound' | 'outbound'
    channel: 'telephone' | 'webrtc' | 'text'
    status: ConversationStatus
    end_reason: string | null
    user_id: string | null
    agent_id: string | null
    agent_version_id: string | null
    agent_number: string | null
    routing: Json<JsonObject>
    media: NullableJson<Record<string, number>>
    initial_context: NullableJson<object>
    custom_metadata: NullableJson<object>
    user_turn_count: Generated<number>
    is_test: Generated<boolean>
    config: NullableJson<JsonObject>
    summary: string | null
    criteria: NullableJson<readonly CriterionRecord[]>
    summarized_by: WrittenBy | null
    erased_at: string | null
    answered_at: string | null
    ended_at: string | null
    created_at: string
    updated_at: string
  }
  conversation_items: {
    conversation_id: string
    position: number
    who: 'agent' | 'user'
    kind: ConversationItem['kind']
    text: string
    interrupted: boolean
    message_id: string | null
    replied_at: string | null
    tool: NullableJson<ToolRecord>
    written_by: WrittenBy | null
    first_word_ms: number | null
    took_ms: number | null
    usage: NullableJson<Usage>
    created_at: string
  }
  conversation_turns: { conversation_id: string; organization_id: string; turn_id: string; held_until: string }
  knowledge_bases: {
    id: string
    organization_id: string
    name: string
    description: string | null
    language: string
    search_configuration: string
    chunk_count: Generated<number>
    revision: Generated<number>
    created_at: Generated<string>
    updated_at: Generated<string>
  }
  knowledge_sources: {
    id: string
    organization_id: string
    knowledge_base_id: string
    kind: SourceKind
    title: string
    url: string | null
    file_name: string | null
    media_type: string | null
    content: Buffer | null
    state: SourceState
    failure: NullableJson<SourceFailure>
    digest: string | null
    chunk_count: Generated<number>
    workflow_id: string | null
    read_at: string | null
    revision: Generated<number>
    created_at: Generated<string>
    updated_at: Generated<string>
  }
  knowledge_chunks: {
    id: string
    organization_id: string
    knowledge_base_id: string
    source_id: string
    position: number
    body: string
    heading: string
    page: number | null
    start_offset: number
    search_configuration: string
    search: GeneratedAlways<string>
  }
  knowledge_words: {
    organization_id: string
    knowledge_base_id: string
    word: string
    lexeme: string
    chunk_count: number
  }
  workflows: {
    id: string
    organization_id: string
    type: string
    status: Generated<WorkflowStatus>
    input: Json<JsonObject>
    result: NullableJson<WorkflowResult>
    error: NullableJson<WorkflowError>
    created_by: string | null
    claim: Generated<number>
    job_id: string
    revision: Generated<number>
    started_at: string | null
    finished_at: string | null
    created_at: Generated<string>
    updated_at: Generated<string>
  }
  workflow_steps: {
    organization_id: string
    workflow_id: string
    position: number
    name: string
    status: Generated<WorkflowStatus>
    attempts: Generated<number>
    progress: Generated<number>
    detail: string | null
    output: NullableJson<JsonObject>
    started_at: string | null
    finished_at: string | null
  }
  schema_migrations: { version: number; name: string; applied_at: Generated<string> }
}
