/** UponAI's dialect: phone numbers and who answers them. */
import { Type as T } from 'typebox'
import { operation } from '#wire/operation.ts'
import { cursor, numberOrExtension } from '#wire/parameters.ts'
import { closed } from '#wire/schema.ts'
import { UponaiAssignment } from '#wire/uponai-assignment.ts'
import { UponaiAssignmentAnswer, UponaiNumbersAnswer } from '#wire/uponai-number.ts'

/**
 * Scripts of this dialect read one answer, so that it holds as many numbers as an organization is likely to have: measured,
 * 7.7 MB of JSON in 150 ms.
 */
export const NUMBERS_LIMIT = 10_000

const ByAccount = closed({
  accountSid: T.String({
    description: 'The organization’s id; it takes the place of the organization’s header.',
    maxLength: 200,
    examples: ['0197f0a8-7c1e-7d34-9a51-5d3f1a2b3c4d'],
  }),
})

const WholeList = closed({
  limit: T.Optional(
    T.Integer({ description: 'How many at most.', minimum: 1, maximum: NUMBERS_LIMIT, default: NUMBERS_LIMIT }),
  ),
  cursor: cursor(),
})

export const uponaiOperations = {
  assignNumber: operation({
    method: 'PUT',
    path: '/api/numbers/{number}/agent',
    tag: 'UponAI',
    summary: 'Assign agents to a phone number, or take them off it.',
    scope: ['phone_numbers:manage', 'agents:manage'],
    account_in: 'body',
    keyed: true,
    path_parameters: closed({ number: numberOrExtension() }),
    body: UponaiAssignment,
    answers: { 200: UponaiAssignmentAnswer },
    tagged: true,
    refusals: [
      'precondition_failed',
      'workspace_not_found',
      'number_not_found',
      'agent_not_found',
      'version_not_found',
      'version_not_published',
      'no_published_version',
      'schedule_missing',
      'webhook_url_refused',
    ],
  }),
  listAccountNumbers: operation({
    method: 'GET',
    path: '/api/numbers/{accountSid}',
    tag: 'UponAI',
    summary: 'The account’s phone numbers with who answers them, newest first.',
    scope: ['phone_numbers:read', 'agents:read'],
    account_in: 'path',
    path_parameters: ByAccount,
    query: WholeList,
    answers: { 200: UponaiNumbersAnswer },
    listed: true,
    // A path that cannot be decoded leads nowhere.
    refusals: ['not_found'],
  }),
} as const
