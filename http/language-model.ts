import * as models from '#app/language-model.ts'
import { BadInput } from '#http/bad-input.ts'
import { type Handler, NO_CONTENT, ok } from '#http/call.ts'
import { toLanguageModelAnswer } from '#wire/core-language-model.ts'

export const getLanguageModel: Handler<'getLanguageModel'> = async ({ app, caller }) => {
  const state = await models.getLanguageModel(app, caller)
  return ok(toLanguageModelAnswer(state), { id: caller.organization_id, revision: state.revision })
}

const pricesFrom = (input: number | null, output: number | null) => {
  if (input !== null && output !== null) return { input_usd_per_mtok: input, output_usd_per_mtok: output }
  if (input === null && output === null) return null
  const path = [input === null ? 'input_usd_per_mtok' : 'output_usd_per_mtok']
  throw new BadInput('body', [{ path, type: 'required', message: 'give both prices, or neither' }])
}

export const putLanguageModel: Handler<'putLanguageModel'> = async ({ app, caller, body }) => {
  const { base_url, model, api_key } = body
  const state = await models.putLanguageModel(app, caller, {
    base_url,
    model,
    prices: pricesFrom(body.input_usd_per_mtok ?? null, body.output_usd_per_mtok ?? null),
    ...(api_key === undefined ? {} : { api_key }),
  })
  return ok(toLanguageModelAnswer(state), { id: caller.organization_id, revision: state.revision })
}

export const deleteLanguageModel: Handler<'deleteLanguageModel'> = async ({ app, caller }) => {
  await models.deleteLanguageModel(app, caller)
  return NO_CONTENT
}
