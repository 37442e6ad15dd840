/** A conversation's life, as a table: `from → to` (contract 1.9). Terminal states have no way out. */

export const CONVERSATION_STATUSES = [
  'token_created',
  'triggered',
  'ringing',
  'in_progress',
  'completed',
  'failed',
  'cancelled',
  'transferred',
  'unanswered',
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

export type ConversationItem = {
  /** RFC 3339 UTC. */
  readonly at: string
  readonly who: 'agent' | 'user'
  readonly kind: 'speech' | 'dtmf'
  readonly text: string
  readonly interrupted: boolean
}

/** A conversation as stored (contract 1.9). `routing` is the decision that was taken, with its trace. */
export type Conversation = {
  readonly id: string
  readonly organization_id: string
  readonly direction: 'inbound' | 'outbound'
  readonly channel: 'telephone' | 'webrtc' | 'text'
  readonly status: ConversationStatus
  readonly end_reason: string | null
  /** The caller, E.164 where it is one; null when anonymous. */
  readonly user_id: string | null
  readonly agent_id: string | null
  readonly agent_name: string | null
  readonly agent_version_id: string | null
  readonly version: number | null
  readonly agent_number: string | null
  readonly routing: Readonly<Record<string, unknown>>
  /** RTP counts once the call has ended. */
  readonly media: Readonly<Record<string, number>> | null
  /** Variables that the call came with; null: none. */
  readonly initial_context: Readonly<Record<string, unknown>> | null
  /** What a webhook told about the call, only kept. */
  readonly custom_metadata: Readonly<Record<string, unknown>> | null
  /** Seconds from answer to end; null before that. */
  readonly duration_seconds: number | null
  readonly user_turn_count: number
  readonly answered_at: string | null
  readonly ended_at: string | null
  readonly created_at: string
  readonly updated_at: string
}
