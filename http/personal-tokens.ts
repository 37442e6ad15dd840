import * as tokens from '#app/personal-tokens.ts'
import { type Handler, NO_CONTENT, ok } from '#http/call.ts'
import { listed, pageFrom } from '#http/paging.ts'
import { toPersonalTokenAnswer } from '#wire/core-member.ts'

export const createPersonalToken: Handler<'createPersonalToken'> = async ({ app, caller, body }) => {
  const { token, secret } = await tokens.createPersonalToken(app, caller, {
    name: body.name,
    expires_at_ms: body.expires_at ?? null,
    ...(body.scopes ? { scopes: body.scopes } : {}),
  })
  return { ...ok({ ...toPersonalTokenAnswer(token), pat_key: secret }), secret_of: token.key_id }
}

export const listPersonalTokens: Handler<'listPersonalTokens'> = async ({ app, caller, query, url }) =>
  listed(url, await tokens.listPersonalTokens(app, caller, pageFrom(query, 'text')), toPersonalTokenAnswer)

export const deletePersonalToken: Handler<'deletePersonalToken'> = async ({ app, caller, path }) => {
  await tokens.deletePersonalToken(app, caller, path.key_id)
  return NO_CONTENT
}
