/** A version of an agent: a draft that may change, or a published one that never does. */
import type { Refusal } from '#core/refusal.ts'

export type JsonObject = Readonly<Record<string, unknown>>

/** A config as stored: valid by its schema, every default filled in. */
export type AgentConfig = JsonObject

export type Version = {
  readonly id: string
  readonly agent_id: string
  readonly version: number
  readonly published: boolean
  readonly published_at: string | null
  readonly config: AgentConfig
  /** SHA-256, hex, of the RFC 8785 form of `config`. */
  readonly digest: string
  readonly base_version: number | null
  readonly instruction_builder_inputs: JsonObject | null
  readonly generating: boolean
  readonly dirty: boolean
  readonly manually_edited: boolean
  readonly generation_error: string | null
  readonly workflow_id: string | null
  readonly created_by: string | null
  readonly created_at: string
  readonly updated_at: string
}

export type VersionRef = number | 'latest'
export type PublishState = Pick<Version, 'published' | 'generating' | 'dirty' | 'manually_edited'>
export type Refused = Refusal
