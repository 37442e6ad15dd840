/**
 * Every way a rule says no: a closed registry of code → public sentence. A refusal may name what it is about (public:
 * numbers, ids the caller sent) and carry a private detail for the log. Each dialect has one translator to its statuses;
 * docs/errors.md lists the same codes.
 */
export const REFUSALS = {
  credential_missing: 'Send a credential: Authorization: Bearer <key>.',
  credential_invalid: 'This credential is unknown, malformed, expired or deleted.',
  scope_missing: 'This credential does not hold the scope that this operation needs.',
  organization_mismatch: 'This key belongs to another organization than the one named in the header.',
  organization_missing: 'Token is missing organization claim.',
  not_a_member: 'The person whose token this is does not belong to the organization named in the header.',
  person_required: 'Only a person can do this: use a personal token. An organization’s key speaks for nobody.',
  role_exceeds_caller: 'A role can only be given by somebody who holds all of its scopes.',
  scopes_exceed_creator: 'A key can only be given scopes that its creator holds.',
  expiry_in_past: 'expires_at lies in the past; give a later time in milliseconds since 1970, or null.',
  key_not_found: 'There is no key with this id in this organization.',
  member_not_found: 'There is no member with this id in this organization.',
  member_exists: 'This person is a member already.',
  user_not_found: 'There is no person with this id.',
  last_admin: 'An organization keeps its last admin.',
  token_not_found: 'You have no token with this id.',
  slug_taken: 'This slug is taken by another organization.',
  agent_not_found: 'There is no agent with this id in this organization.',
  version_not_found: 'This agent has no such version.',
  base_version_not_found: 'The base version does not exist on this agent.',
  version_published: 'A published version cannot be changed; create a new version to make further changes.',
  version_generating: 'Instructions are being generated for this version; wait until that has ended.',
  publish_generating: 'Instructions are being generated for this version; publish it when that has ended.',
  publish_stale:
    'The instructions are older than the builder inputs and were not edited by hand; generate them again first.',
  no_published_version: 'Publish a version of this agent first.',
  version_not_published: 'Only a published version can answer calls; publish it first.',
  number_not_found: 'These phone numbers are not registered in this organization.',
  number_malformed: 'Phone numbers are written in E.164: a plus sign and 7 to 15 digits.',
  number_in_both_lists: 'A number cannot be in phone_numbers and in unassign_phone_numbers at once.',
  slot_without_agent: 'There is no split to keep: this agent stands in no entry of these numbers’ slots.',
  website_refused: 'This company_website is none that can be read.',
  number_none_free: 'No phone number of this organization is free: register one, or unassign one.',
  number_exists: 'This phone number is already registered.',
  number_has_extensions: 'Extensions hang under this phone number; delete them first.',
  trunk_has_numbers: 'Phone numbers are registered on this trunk; delete them first.',
  trunk_is_default: 'The default trunk of an organization cannot be deleted.',
  trunk_credentials_incomplete: 'auth_username and auth_password belong together; a new name needs its password.',
  trunk_not_found: 'There is no trunk with this id in this organization.',
  schedule_not_found: 'There is no schedule with this id in this organization.',
  schedule_missing: 'Time routing needs a schedule: name one in schedule_id, or turn it off.',
  schedule_in_use: 'Phone numbers are routed by this schedule; give them another one first.',
  time_zone_unknown: 'This is no time zone of the IANA database; write one such as Europe/Berlin or America/New_York.',
  preview_range_invalid: 'A preview reaches from one time, of 1970 at the earliest, to a later one, at most 366 days.',
  webhook_url_refused: 'This webhook_url is none that can be asked.',
  workspace_not_found: 'The account has no workspace of this number.',
  builder_inputs_missing: 'This version has no instruction_builder_inputs; save them on the draft first.',
  model_url_refused: 'This base_url cannot be asked.',
  model_key_needed: 'With another base_url, give api_key too: its key, or null when it needs none.',
  model_not_set: 'This organization has set no language model of its own.',
  model_unreachable: 'The language model cannot be reached; check its base_url, and that its server runs.',
  model_refused: 'The language model refused the request; check its key, its name and its base_url.',
  model_overloaded: 'The language model is overloaded, or its limit is used up; try again later.',
  model_broken_stream: 'The language model broke off, or answered something that cannot be read; try again.',
  model_timeout: 'The language model did not answer in time; try again, or choose a faster one.',
  conversation_not_found: 'There is no conversation with this id in this organization.',
  conversation_not_text: 'Only a text conversation takes messages; this one is spoken.',
  conversation_ended: 'This conversation has ended; begin another one.',
  conversation_busy: 'The agent is still answering the message before; send this one again when it has.',
  message_id_reused: 'This message_id came with another text before; use a new one for a new message.',
  channel_unavailable: 'Conversations can be begun on the channel text only; calls are not placed yet.',
  agent_inactive: 'This agent is not active.',
  knowledge_base_not_found: 'There is no dataset with this id in this organization.',
  knowledge_base_in_use: 'Published versions that can answer calls look things up in this dataset.',
  knowledge_base_missing: 'The config names datasets that do not exist in this organization.',
  source_not_found: 'There is no source with this id in this dataset.',
  source_exists: 'This page is a source of the dataset already.',
  source_being_read: 'This source is being read; wait until that has ended.',
  source_not_refreshable: 'This source is a text that was given; there is nothing to read again.',
  source_content_malformed: 'content_base64 is not Base64 (RFC 4648), or holds nothing.',
  source_type_unknown: 'This kind of file cannot be read: give .txt, .md, .html or .pdf, or a media_type of these.',
  source_url_refused: 'This URL cannot be read.',
  source_text_too_large: 'The text is too large: two million characters and 5,000 passages are the most.',
  source_text_empty: 'There is no text in it.',
  workflow_not_found: 'There is no workflow with this id in this organization.',
  workflow_over: 'This workflow has ended already.',
  too_many_streams: 'This credential follows as many streams as one may; close some first.',
  agent_exists: 'An agent of this name exists already.',
  precondition_failed: 'The resource has changed since the revision that If-Match names.',
  idempotency_key_malformed: 'An Idempotency-Key has 1 to 255 characters.',
  idempotency_key_reused: 'This Idempotency-Key came with another request before; use a new key for a new request.',
  idempotency_key_running: 'The request that came first with this Idempotency-Key is still being served.',
  idempotency_secret_shown: 'This request was served, and the secret in its answer is not shown again.',
  invalid_request: 'The request does not match its schema.',
  malformed_json: 'The body is not valid JSON.',
  cursor_invalid: 'The cursor is not one that this list gave out.',
  not_found: 'There is nothing at this path.',
  method_not_allowed: 'This path does not answer that method.',
  unsupported_media_type: 'Send the body as application/json.',
  body_too_large: 'The body is larger than this endpoint accepts.',
  rate_limited: 'Too many requests; slow down.',
  database_unavailable: 'The database does not answer; try again shortly.',
  internal: 'Something failed on our side; the request id finds it in the log.',
} as const

export type RefusalCode = keyof typeof REFUSALS

/** What lies outside may answer otherwise in a moment: background work is tried again. */
export const PASSING: ReadonlySet<RefusalCode> = new Set([
  'model_unreachable',
  'model_overloaded',
  'model_broken_stream',
  'model_timeout',
])

export type Refusal = {
  readonly code: RefusalCode
  /** Public: the numbers or ids the refusal is about. */
  readonly about?: readonly string[]
  /** Private: for the log only. */
  readonly detail?: string
}

/** The public sentence, or a dialect's own in its place, with what it is about; at most five subjects are named. */
export const sentenceOf = (refusal: Refusal, sentence: string = REFUSALS[refusal.code]): string => {
  const about = refusal.about ?? []
  if (about.length === 0) return sentence
  const named = about.slice(0, 5).join(', ')
  return `${sentence} (${named}${about.length > 5 ? `, and ${about.length - 5} more` : ''})`
}
