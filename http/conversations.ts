import * as conversations from '#app/conversations.ts'
import { holds } from '#core/scopes.ts'
import { type Handler, ok } from '#http/call.ts'
import { filtersFrom, listed, pageFrom } from '#http/paging.ts'
import { toConversationAnswer } from '#wire/core-conversation.ts'

export const listConversations: Handler<'listConversations'> = async ({ app, caller, query, url }) =>
  listed(
    url,
    await conversations.listConversations(app, caller, pageFrom(query, 'uuid'), filtersFrom(query)),
    conversation => toConversationAnswer(conversation, null),
  )

export const getConversation: Handler<'getConversation'> = async ({ app, caller, path }) => {
  const { conversation, items } = await conversations.getConversation(app, caller, path.id)
  return ok(toConversationAnswer(conversation, holds(caller.scopes, 'conversations:read_sensitive') ? items : null))
}
