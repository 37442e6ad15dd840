/** What paths and queries carry, in several operations alike. */
import { Type as T, type TProperties } from 'typebox'
import { E164_PATTERN, EXTENSION_PATTERN } from '#core/e164.ts'
import { closed, time, uuid } from '#wire/schema.ts'

export const phoneNumber = () =>
  T.String({ description: 'E.164: a plus sign and 7 to 15 digits.', pattern: E164_PATTERN, examples: ['+15551234567'] })

export const extension = () =>
  T.String({
    description: 'An extension: 2 to 8 digits, unique in the organization.',
    pattern: EXTENSION_PATTERN,
    examples: ['100'],
  })

export const numberOrExtension = () =>
  T.String({
    description: 'A phone number in E.164, or an extension of 2 to 8 digits.',
    pattern: `${E164_PATTERN}|${EXTENSION_PATTERN}`,
    examples: ['+15551234567', '100'],
  })

export const VERSION_NUMBER = { minimum: 1, maximum: 999_999_999 } as const

export const ById = closed({ id: uuid({ description: 'The id.' }) })

export const ByNumber = closed({ phone_number: numberOrExtension() })

export const ByVersion = closed({
  id: uuid({ description: 'The agent’s id.' }),
  version: T.String({
    description: 'A version’s number, or `latest`.',
    pattern: '^(latest|[1-9][0-9]{0,8})$',
    examples: ['3', 'latest'],
  }),
})

export const createdBetween = {
  created_after: T.Optional(time({ description: 'Made at this time or later.' })),
  created_before: T.Optional(time({ description: 'Made at this time or before.' })),
} as const

export const changedBetween = {
  ...createdBetween,
  updated_after: T.Optional(time({ description: 'Last changed at this time or later.' })),
  updated_before: T.Optional(time({ description: 'Last changed at this time or before.' })),
} as const

export const cursor = () =>
  T.Optional(
    T.String({
      description: 'Where to go on: X-Next-Cursor of the page before, or the Base64 of its last item’s `created_at`.',
      minLength: 1,
      maxLength: 500,
    }),
  )

/** A list's query: its filters, and which page. */
export const paged = <Filters extends TProperties>(filters: Filters) =>
  closed({
    ...filters,
    limit: T.Optional(T.Integer({ description: 'How many at most.', minimum: 1, maximum: 100, default: 20 })),
    cursor: cursor(),
  })
