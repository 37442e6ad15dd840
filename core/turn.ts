/** Whose words are these: a new message, one that came before, or one whose turn broke off. Pure. */
import type { ConversationItem } from '#core/conversation.ts'
import type { Refusal } from '#core/refusal.ts'
import type { TurnMessage } from '#core/writer.ts'

export type UserMessage = { readonly text: string; readonly message_id: string | null }

/** What is stored of a conversation, in order. */
export type StoredItem = ConversationItem & { readonly position: number }

export type TurnDecision =
  /** Never seen: stored as the next item. */
  | { readonly kind: 'new' }
  /** Stored, and its turn broke off: taken up again behind what has been done in it. */
  | { readonly kind: 'resumed'; readonly position: number }
  /** Answered before: the same answer. */
  | { readonly kind: 'replayed'; readonly position: number }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

const isUsers = (item: StoredItem): boolean => item.who === 'user' && item.kind === 'text'

/**
 * A message is known by its id, or, where the last one went unanswered, by being that one again: whoever heard nothing
 * says it once more. An id that came with other words is a mistake worth stopping.
 */
export const decideTurn = (items: readonly StoredItem[], { text, message_id }: UserMessage): TurnDecision => {
  const said = items.filter(isUsers)
  const last = said.at(-1)
  const known =
    message_id === null
      ? said.find(item => item === last && item.replied_at === null && item.text === text && item.message_id === null)
      : said.find(item => item.message_id === message_id)
  if (known === undefined) return { kind: 'new' }
  if (known.text !== text) return { kind: 'refused', refusal: { code: 'message_id_reused' } }
  if (known.replied_at !== null) return { kind: 'replayed', position: known.position }
  // Something was said since: its time is over, and what followed answers it as far as anything does.
  return { kind: known === last ? 'resumed' : 'replayed', position: known.position }
}

/** What the agent said and did from a message of the user to the next. */
export const replyTo = (items: readonly StoredItem[], position: number): readonly StoredItem[] => {
  const later = items.filter(item => item.position > position)
  const end = later.findIndex(isUsers)
  return (end < 0 ? later : later.slice(0, end)).filter(item => item.who === 'agent')
}

/** A conversation as a model remembers it. */
export const toMessages = (items: readonly StoredItem[]): readonly TurnMessage[] =>
  items.flatMap((item): readonly TurnMessage[] => {
    if (item.tool !== null) {
      const { id, name, arguments: given, result } = item.tool
      return [
        { role: 'assistant', content: '', tool_calls: [{ id, name, arguments: given }] },
        { role: 'tool', content: result, tool_call_id: id },
      ]
    }
    return item.text === '' ? [] : [{ role: item.who === 'user' ? 'user' : 'assistant', content: item.text }]
  })
