/** Phone numbers as people and trunks write them, and the one form in which they are stored: E.164, `+` and 7–15 digits. */
import { printable } from '#core/printable.ts'

export const E164_PATTERN = '^\\+[1-9]\\d{6,14}$'
const E164 = new RegExp(E164_PATTERN)
/** RFC 3966 visual separators, and the blanks that trunks leave in. */
const SEPARATORS = /[\s().-]/g

export const isE164 = (text: string): boolean => E164.test(text)

/**
 * The user part of a SIP or tel URI as E.164: with or without `+`, with `00`, separators or `;` parameters.
 * null when it is not a telephone number (a name, an agent id, too few or too many digits).
 */
export const toE164 = (user: string): string | null => {
  if (isE164(user)) return user
  const bare = (user.split(';', 1)[0] ?? '').replace(/^tel:/i, '').replace(SEPARATORS, '')
  const digits = bare.startsWith('+') ? bare.slice(1) : bare.startsWith('00') ? bare.slice(2) : bare
  const number = `+${digits}`
  return isE164(number) ? number : null
}

export const EXTENSION_PATTERN = '^\\d{2,8}$'
const EXTENSION = new RegExp(EXTENSION_PATTERN)

/** The user part of a URI as an extension, 2–8 digits; null when it is none. Some of 7 and 8 digits are numbers as well. */
export const toExtension = (user: string): string | null => {
  if (user.startsWith('+')) return null
  if (EXTENSION.test(user)) return user
  const bare = (user.split(';', 1)[0] ?? '').replace(/^tel:/i, '').replace(SEPARATORS, '')
  return EXTENSION.test(bare) ? bare : null
}

/** RFC 3323 and what phones send instead. */
const ANONYMOUS = new Set(['', 'anonymous', 'unknown', 'unavailable', 'restricted', 'private', 'withheld'])

/** The caller as stored: E.164 where it is one, else as given; null when there is none. */
export const callerOf = (user: string | null): string | null =>
  user === null || ANONYMOUS.has(user.toLowerCase()) ? null : (toE164(user) ?? printable(user))
