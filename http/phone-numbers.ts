import * as numbers from '#app/phone-numbers.ts'
import { refuse } from '#app/refused.ts'
import { BadInput } from '#http/bad-input.ts'
import { type Handler, NO_CONTENT, ok } from '#http/call.ts'
import { filtersFrom, listed, pageFrom } from '#http/paging.ts'
import { toPhoneNumberAnswer } from '#wire/core-number.ts'
import { isPossibleNumber } from '#wire/possible-number.ts'

const choose = (): never => {
  throw new BadInput('body', [
    { path: ['phone_number'], type: 'choice', message: 'give either phone_number, or extension and base_number' },
  ])
}

export const registerNumber: Handler<'registerNumber'> = async ({ app, caller, body }) => {
  const { phone_number, extension, base_number, trunk_id = null } = body
  if (phone_number === undefined) {
    if (extension === undefined || base_number === undefined) return choose()
    const input = { phone_number: extension, base_number, trunk_id }
    const number = await numbers.registerNumber(app, caller, input)
    return ok(toPhoneNumberAnswer(number), number)
  }
  if (extension !== undefined || base_number !== undefined) choose()
  if (!isPossibleNumber(phone_number)) refuse('number_malformed', [phone_number])
  const number = await numbers.registerNumber(app, caller, { phone_number, base_number: null, trunk_id })
  return ok(toPhoneNumberAnswer(number), number)
}

export const updateNumber: Handler<'updateNumber'> = async ({ app, caller, path, body }) => {
  const { outbound_shareable, label } = body
  const change = {
    ...(typeof outbound_shareable === 'boolean' ? { outbound_shareable } : {}),
    ...(label === undefined ? {} : { label }),
  }
  const number = await numbers.updateNumber(app, caller, path.phone_number, change)
  return ok(toPhoneNumberAnswer(number), number)
}

export const deleteNumber: Handler<'deleteNumber'> = async ({ app, caller, path }) => {
  await numbers.deleteNumber(app, caller, path.phone_number)
  return NO_CONTENT
}

export const getNumber: Handler<'getNumber'> = async ({ app, caller, path }) => {
  const number = await numbers.getNumber(app, caller, path.phone_number)
  return ok(toPhoneNumberAnswer(number), number)
}

export const listNumbers: Handler<'listNumbers'> = async ({ app, caller, query, url }) =>
  listed(url, await numbers.listNumbers(app, caller, pageFrom(query, 'uuid'), filtersFrom(query)), toPhoneNumberAnswer)
