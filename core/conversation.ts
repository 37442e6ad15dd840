/** A conversation's life, as a table: `from → to` (contract 1.9). Terminal states have no way out. */

export const CONVERSATION_STATUSES = [
  'token_created', 'triggered', 'ringing', 'in_progress', 'completed', 'failed', 'cancelled', 'transferred', 'unanswered',
] as const
export type ConversationStatus = (typeof CONVERSATION_STATUSES)[number]

export const NEXT_STATUSES: Readonly<Record<ConversationStatus, readonly ConversationStatus[]>> = {
  token_created: ['triggered', 'ringing', 'in_progress', 'failed', 'cancelled'],
  triggered: ['ringing', 'in_progress', 'failed', 'cancelled', 'unanswered'],
  ringing: ['in_progress', 'failed', 'cancelled', 'unanswered', 'transferred'],
  in_progress: ['completed', 'failed', 'transferred'],
  completed: [],
  failed: [],
  cancelled: [],
  transferred: [],
  unanswered: [],
}

export const isTerminal = (status: ConversationStatus): boolean => NEXT_STATUSES[status].length === 0
