/** What a refusal is in UponAI's dialect: a status, and `{error}` in one sentence (seed: ErrorResponse). */
import { type Static, Type as T } from 'typebox'
import { type Refusal, type RefusalCode, sentenceOf } from '#core/refusal.ts'
import { CORE_STATUS } from '#wire/core-errors.ts'
import { type Fault, toPointer } from '#wire/faults.ts'

type Statuses = typeof CORE_STATUS
type Unprocessable = { [Code in RefusalCode]: Statuses[Code] extends 422 ? Code : never }[RefusalCode]

/**
 * Where this dialect differs: it documents 400, 403 and 404 and knows no 422, so that every code that is a 422 in `/core`
 * has to be named here before this compiles. What an assignment names and cannot have is a fault of the assignment.
 */
const OWN = {
  invalid_request: 400,
  number_malformed: 400,
  number_in_both_lists: 400,
  trunk_credentials_incomplete: 400,
  idempotency_key_malformed: 400,
  idempotency_key_reused: 400,
  cursor_invalid: 400,
  time_zone_unknown: 400,
  preview_range_invalid: 400,
  webhook_url_refused: 400,
  website_refused: 400,
  model_url_refused: 400,
  model_key_needed: 400,
  message_id_reused: 400,
  source_content_malformed: 400,
  source_type_unknown: 400,
  source_url_refused: 400,
  source_text_too_large: 400,
  source_text_empty: 400,
  agent_not_found: 400,
  version_not_found: 400,
  version_not_published: 400,
  no_published_version: 400,
} as const satisfies Record<Unprocessable, 400> & Partial<Record<RefusalCode, 400>>

export const UPONAI_STATUS: Readonly<Record<RefusalCode, number>> = { ...CORE_STATUS, ...OWN }

/** One sentence for every account that a credential may not act for: whether it exists is not said. */
const NO_ACCESS = 'This credential may not act for the account in accountSid.'

/** Where the registry's sentence speaks of what this dialect does not have, or by another name. */
const SENTENCES: Partial<Record<RefusalCode, string>> = {
  organization_mismatch: NO_ACCESS,
  not_a_member: NO_ACCESS,
  schedule_missing:
    'isTimeRoutingEnabled needs a schedule, and this number has none: attach one (PATCH /core/phone-numbers/{number}/routing), or send false.',
  webhook_url_refused: 'This inboundWebhookUrl is none that can be asked.',
}

/** Not closed, as in the seed. */
export const UponaiError = T.Object(
  { error: T.String({ description: 'What is wrong, in one sentence.', examples: ['There is no such phone number.'] }) },
  { title: 'UponaiError', description: 'Why a request was refused; the code is in X-Error-Code.' },
)

export type UponaiErrorAnswer = {
  readonly status: number
  readonly body: Static<typeof UponaiError>
  /** The body has no place for it. */
  readonly headers: { readonly 'x-error-code': RefusalCode }
}

const answer = (code: RefusalCode, error: string): UponaiErrorAnswer => ({
  status: UPONAI_STATUS[code],
  body: { error },
  headers: { 'x-error-code': code },
})

export const uponaiRefusalAnswer = (refusal: Refusal): UponaiErrorAnswer =>
  answer(refusal.code, sentenceOf(refusal, SENTENCES[refusal.code]))

/** More places than these nobody reads in one sentence. */
const NAMED_FAULTS = 5

/** `part` is where the checked value came from; each fault is named by its JSON pointer (RFC 6901). */
export const uponaiFaultsAnswer = (part: 'body' | 'query' | 'path', faults: readonly Fault[]): UponaiErrorAnswer => {
  const named = faults
    .slice(0, NAMED_FAULTS)
    .map(({ path, message }) => (path.length === 0 ? message : `${toPointer(path)}: ${message}`))
  const more = faults.length - named.length
  const rest = more > 0 ? `, and ${more} more` : ''
  return answer('invalid_request', `The ${part} is not valid: ${named.join('; ')}${rest}.`)
}
