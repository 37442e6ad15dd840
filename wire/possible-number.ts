import { isPossiblePhoneNumber } from 'libphonenumber-js/min'
import { isE164 } from '#core/e164.ts'

/**
 * E.164, and of a length that its country has. Not `isValid`: +15551234567, the documents' own example, is not a number
 * that anybody was ever given.
 */
export const isPossibleNumber = (text: string): boolean => isE164(text) && isPossiblePhoneNumber(text)
