import * as conversations from '#app/conversations.ts'
import { endConversation as end } from '#app/end-conversation.ts'
import { eraseUser as erase } from '#app/erase-user.ts'
import { refuse } from '#app/refused.ts'
import { holds } from '#core/scopes.ts'
import { BadInput } from '#http/bad-input.ts'
import { type Call, type Handler, ok } from '#http/call.ts'
import { filtersFrom, listed, pageFrom } from '#http/paging.ts'
import { toConversationAnswer } from '#wire/core-conversation.ts'
import { parseMetadata } from '#wire/parse-metadata.ts'

export const seesSensitive = ({ caller }: Pick<Call<'listConversations'>, 'caller'>): boolean =>
  holds(caller.scopes, 'conversations:read_sensitive')

const metadataFrom = (text: string) => {
  const { metadata, faults } = parseMetadata(text)
  if (faults.length > 0)
    throw new BadInput(
      'query',
      faults.map(fault => ({ ...fault, path: ['custom_metadata'] })),
    )
  return metadata
}

export const listConversations: Handler<'listConversations'> = async call => {
  const { app, caller, query, url } = call
  const { custom_metadata, ...filters } = filtersFrom(query)
  const sensitive = seesSensitive(call)
  // What may not be read may not be searched either: answers to guesses would tell it.
  if (custom_metadata !== undefined && !sensitive) refuse('scope_missing', ['conversations:read_sensitive'])
  const contained = custom_metadata === undefined ? {} : { custom_metadata: metadataFrom(custom_metadata) }
  return listed(
    url,
    await conversations.listConversations(app, caller, pageFrom(query, 'uuid'), { ...filters, ...contained }),
    conversation => toConversationAnswer(conversation, { sensitive, items: null }),
  )
}

export const getConversation: Handler<'getConversation'> = async call => {
  const { conversation, items } = await conversations.getConversation(call.app, call.caller, call.path.id)
  return ok(toConversationAnswer(conversation, { sensitive: seesSensitive(call), items }))
}

export const endConversation: Handler<'endConversation'> = async call => {
  const { id, status, duration_seconds, summary, summarized_by } = await end(call.app, call.caller, call.path.id)
  return ok({
    conversation_id: id,
    status,
    duration: duration_seconds,
    summary: seesSensitive(call) ? summary : null,
    summarized_by,
  })
}

export const eraseUser: Handler<'eraseUser'> = async ({ app, caller, body }) =>
  ok(await erase(app, caller, body.user_id))
