/** Conversations, as they were recorded. */
import type { App, Caller } from '#app/context.ts'
import { refuse } from '#app/refused.ts'
import type { Conversation, ConversationItem } from '#core/conversation.ts'
import {
  type ConversationFilters,
  findConversation,
  listConversationItems,
  listConversations as listRows,
} from '#store/conversations.ts'
import type { Listed, Page } from '#store/keyset.ts'

export type { ConversationFilters }

export const listConversations = async (
  app: App,
  caller: Caller,
  page: Page,
  filters: ConversationFilters,
): Promise<Listed<Conversation>> => listRows(app.db, caller.organization_id, page, filters)

export const getConversation = async (
  app: App,
  caller: Caller,
  id: string,
): Promise<{ readonly conversation: Conversation; readonly items: readonly ConversationItem[] }> => {
  const conversation =
    (await findConversation(app.db, caller.organization_id, id)) ?? refuse('conversation_not_found', [id])
  return { conversation, items: await listConversationItems(app.db, id) }
}
