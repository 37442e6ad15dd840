/** What a refusal is in the `/core` dialect: a status and a body. Total: a new refusal does not compile until it has a status. */

import { type Static, Type as T } from 'typebox'
import { type Refusal, type RefusalCode, sentenceOf } from '#core/refusal.ts'
import type { Fault } from '#wire/faults.ts'
import { closed } from '#wire/schema.ts'

export const CORE_STATUS = {
  credential_missing: 401,
  credential_invalid: 401,
  scope_missing: 403,
  organization_mismatch: 403,
  organization_missing: 401,
  not_a_member: 403,
  person_required: 403,
  role_exceeds_caller: 403,
  scopes_exceed_creator: 403,
  expiry_in_past: 400,
  key_not_found: 404,
  member_not_found: 404,
  member_exists: 409,
  user_not_found: 404,
  last_admin: 409,
  token_not_found: 404,
  slug_taken: 409,
  agent_not_found: 404,
  version_not_found: 404,
  base_version_not_found: 404,
  version_published: 400,
  version_generating: 409,
  publish_generating: 400,
  publish_stale: 400,
  no_published_version: 409,
  version_not_published: 409,
  number_not_found: 404,
  number_malformed: 422,
  number_in_both_lists: 422,
  slot_without_agent: 409,
  website_refused: 422,
  number_none_free: 409,
  number_exists: 409,
  number_has_extensions: 409,
  trunk_has_numbers: 409,
  trunk_is_default: 409,
  trunk_credentials_incomplete: 422,
  trunk_not_found: 404,
  schedule_not_found: 404,
  schedule_missing: 400,
  schedule_in_use: 409,
  time_zone_unknown: 422,
  preview_range_invalid: 422,
  webhook_url_refused: 422,
  workspace_not_found: 404,
  builder_inputs_missing: 400,
  model_url_refused: 422,
  model_key_needed: 422,
  model_not_set: 404,
  model_unreachable: 502,
  model_refused: 502,
  model_overloaded: 502,
  model_broken_stream: 502,
  model_timeout: 502,
  conversation_not_found: 404,
  conversation_not_text: 409,
  conversation_ended: 409,
  conversation_busy: 409,
  message_id_reused: 422,
  channel_unavailable: 400,
  agent_inactive: 409,
  knowledge_base_not_found: 404,
  knowledge_base_in_use: 409,
  knowledge_base_missing: 400,
  source_not_found: 404,
  source_exists: 409,
  source_being_read: 409,
  source_not_refreshable: 409,
  source_content_malformed: 422,
  source_type_unknown: 422,
  source_url_refused: 422,
  source_text_too_large: 422,
  source_text_empty: 422,
  workflow_not_found: 404,
  workflow_over: 409,
  too_many_streams: 429,
  agent_exists: 412,
  precondition_failed: 412,
  idempotency_key_malformed: 422,
  idempotency_key_reused: 422,
  idempotency_key_running: 409,
  idempotency_secret_shown: 409,
  invalid_request: 422,
  malformed_json: 400,
  cursor_invalid: 422,
  not_found: 404,
  method_not_allowed: 405,
  unsupported_media_type: 415,
  body_too_large: 413,
  rate_limited: 429,
  database_unavailable: 503,
  internal: 500,
} as const satisfies Record<RefusalCode, number>

const ErrorCode = T.String({ description: 'From the closed list in docs/errors.md.', examples: ['agent_not_found'] })
const RequestId = T.String({ description: 'Also in X-Request-Id; finds the request in the log.' })

export const CoreError = closed(
  { detail: T.String({ description: 'What is wrong, in one sentence.' }), code: ErrorCode, request_id: RequestId },
  { title: 'Error', description: 'Why a request was refused.' },
)

export const FaultAnswer = closed(
  {
    loc: T.Array(T.Unsafe<string | number>({ type: ['string', 'integer'] }), {
      description: 'Where: `body`, `query`, `path` or `header`, then the way to the value.',
      examples: [['body', 'config', 'limits']],
    }),
    msg: T.String({ description: 'What is wrong there.' }),
    type: T.String({ description: 'The schema keyword or the rule that it breaks.' }),
  },
  { title: 'Fault' },
)

export const CoreFaults = closed(
  { detail: T.Array(FaultAnswer), code: ErrorCode, request_id: RequestId },
  { title: 'Faults', description: 'Where a request does not match its schema.' },
)

/** What the refusal is about, when it was found by a rule and not by a schema. */
const LOCATIONS: Partial<Record<RefusalCode, readonly string[]>> = {
  cursor_invalid: ['query', 'cursor'],
  message_id_reused: ['body', 'message_id'],
  idempotency_key_malformed: ['header', 'Idempotency-Key'],
  idempotency_key_reused: ['header', 'Idempotency-Key'],
  model_url_refused: ['body', 'base_url'],
  model_key_needed: ['body', 'api_key'],
  website_refused: ['body', 'company_website'],
  number_malformed: ['body', 'phone_number'],
  source_content_malformed: ['body', 'content_base64'],
  source_url_refused: ['body', 'url'],
  source_text_too_large: ['body', 'text'],
  source_text_empty: ['body', 'text'],
  number_in_both_lists: ['body', 'unassign_phone_numbers'],
  time_zone_unknown: ['body', 'timezone'],
  preview_range_invalid: ['query', 'to'],
  webhook_url_refused: ['body', 'webhook_url'],
}

export type ErrorAnswer = {
  readonly status: number
  readonly body: Static<typeof CoreError> | Static<typeof CoreFaults>
}

export const refusalAnswer = (refusal: Refusal, request_id: string): ErrorAnswer => {
  const { code } = refusal
  const status = CORE_STATUS[code]
  const sentence = sentenceOf(refusal)
  const detail = status === 422 ? [{ loc: [...(LOCATIONS[code] ?? ['body'])], msg: sentence, type: code }] : sentence
  return { status, body: { detail, code, request_id } as ErrorAnswer['body'] }
}

/** `part` is where the checked value came from. */
export const faultsAnswer = (
  part: 'body' | 'query' | 'path',
  faults: readonly Fault[],
  request_id: string,
): ErrorAnswer => ({
  status: CORE_STATUS.invalid_request,
  body: {
    detail: faults.map(({ path, message, type }) => ({ loc: [part, ...path], msg: message, type })),
    code: 'invalid_request',
    request_id,
  },
})
