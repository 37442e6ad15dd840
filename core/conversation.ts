/** A conversation's life, as a table: `from → to` (contract 1.9). Terminal states have no way out. */
import type { JsonObject } from '#core/version.ts'
import type { WrittenBy } from '#core/writer.ts'

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

/** What a tool was asked, and what came of it. */
export type ToolRecord = {
  /** The model's own. */
  readonly id: string
  readonly name: string
  readonly arguments: JsonObject
  readonly result: string
  readonly error: string | null
}

export const ITEM_KINDS = ['speech', 'dtmf', 'text', 'tool_call'] as const

export type ConversationItem = {
  /** RFC 3339 UTC. */
  readonly at: string
  readonly who: 'agent' | 'user'
  readonly kind: (typeof ITEM_KINDS)[number]
  readonly text: string
  readonly interrupted: boolean
  /** Of a tool call. */
  readonly tool: ToolRecord | null
  readonly message_id: string | null
  /** Of a written message of the user: when the reply was complete. */
  readonly replied_at: string | null
  readonly written_by: WrittenBy | null
  /** From the user's words to the first word of the reply, and to its last; of a tool call how long it took. */
  readonly first_word_ms: number | null
  readonly took_ms: number | null
}

export type CriterionRecord = { readonly name: string; readonly met: boolean | null; readonly why: string }

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
  /** Variables that it came with; null: none. */
  readonly initial_context: JsonObject | null
  /** What its client or a webhook told about it, only kept. */
  readonly custom_metadata: JsonObject | null
  /** Seconds from answer to end; null before that. */
  readonly duration_seconds: number | null
  readonly user_turn_count: number
  /** With a draft, or with a config that is no version: not counted among the agent's conversations. */
  readonly is_test: boolean
  readonly summary: string | null
  /** How the version's success criteria were met. */
  readonly criteria: readonly CriterionRecord[] | null
  readonly summarized_by: WrittenBy | null
  /** When what the user said was erased. */
  readonly erased_at: string | null
  readonly answered_at: string | null
  readonly ended_at: string | null
  readonly created_at: string
  readonly updated_at: string
}
