import * as numbers from '#app/phone-numbers.ts'
import { refuse } from '#app/refused.ts'
import { type Handler, ok } from '#http/call.ts'
import { filtersFrom, listed, pageFrom } from '#http/paging.ts'
import { toPhoneNumberAnswer } from '#wire/core-number.ts'
import { isPossibleNumber } from '#wire/possible-number.ts'

export const registerNumber: Handler<'registerNumber'> = async ({ app, caller, body }) => {
  const { phone_number, trunk_id = null } = body
  if (!isPossibleNumber(phone_number)) refuse('number_malformed', [phone_number])
  return ok(toPhoneNumberAnswer(await numbers.registerNumber(app, caller, { phone_number, trunk_id })))
}

export const getNumber: Handler<'getNumber'> = async ({ app, caller, path }) =>
  ok(toPhoneNumberAnswer(await numbers.getNumber(app, caller, path.phone_number)))

export const listNumbers: Handler<'listNumbers'> = async ({ app, caller, query, url }) =>
  listed(url, await numbers.listNumbers(app, caller, pageFrom(query, 'uuid'), filtersFrom(query)), toPhoneNumberAnswer)
