import * as keys from '#app/api-keys.ts'
import { type Handler, NO_CONTENT, ok } from '#http/call.ts'
import { listed, pageFrom } from '#http/paging.ts'
import { toApiKeyAnswer } from '#wire/core-organization.ts'

export const createApiKey: Handler<'createApiKey'> = async ({ app, caller, body }) => {
  const { key, secret } = await keys.createApiKey(app, caller, {
    name: body.name,
    expires_at_ms: body.expires_at ?? null,
    ...(body.scopes ? { scopes: body.scopes } : {}),
  })
  return { ...ok({ ...toApiKeyAnswer(key), pat_key: secret }), secret_of: key.key_id }
}

export const listApiKeys: Handler<'listApiKeys'> = async ({ app, caller, query, url }) =>
  listed(url, await keys.listApiKeys(app, caller, pageFrom(query, 'text')), toApiKeyAnswer)

export const deleteApiKey: Handler<'deleteApiKey'> = async ({ app, caller, path }) => {
  await keys.deleteApiKey(app, caller, path.key_id)
  return NO_CONTENT
}
