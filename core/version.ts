/** A version of an agent: a draft that may change, or a published one that never does. The states are contract 1.4's table. */
import { areEmpty, readBuilderInputs } from '#core/builder-inputs.ts'
import type { Refusal } from '#core/refusal.ts'
import type { WrittenBy, WrittenInstructions } from '#core/writer.ts'

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
  /** Who wrote what was last generated. */
  readonly generated_by: WrittenBy | null
  readonly workflow_id: string | null
  readonly created_by: string | null
  readonly revision: number
  readonly created_at: string
  readonly updated_at: string
}

export type VersionSummary = Omit<Version, 'config' | 'instruction_builder_inputs'>

/** A version's number, or the newest one. */
export type VersionRef = number | 'latest'

/** What may not be published, and why (contract 1.5). Publishing a published version again is how it goes on more numbers. */
export const refusePublish = (version: Pick<Version, 'generating' | 'dirty' | 'manually_edited'>): Refusal | null => {
  if (version.generating) return { code: 'publish_generating' }
  if (version.dirty && !version.manually_edited) return { code: 'publish_stale' }
  return null
}

/** What may not be edited, and why. */
export const refuseUpdate = (version: Pick<Version, 'generating' | 'published'>): Refusal | null => {
  if (version.published) return { code: 'version_published' }
  if (version.generating) return { code: 'version_generating' }
  return null
}

/** What nothing may be generated for, and why (contract 1.4). */
export const refuseGenerate = (
  version: Pick<Version, 'generating' | 'published' | 'instruction_builder_inputs'>,
): Refusal | null => {
  const refusal = refuseUpdate(version)
  if (refusal) return refusal
  const inputs = version.instruction_builder_inputs
  return inputs === null || areEmpty(readBuilderInputs(inputs)) ? { code: 'builder_inputs_missing' } : null
}

/**
 * A config with what was generated in it. A greeting that is to be made up anew in each conversation stays: its text is not
 * said, but told to the model.
 */
export const withGenerated = (config: AgentConfig, written: WrittenInstructions): AgentConfig => {
  const { instructions, starting_message: text } = written
  const before = config.starting_message as string | JsonObject | undefined
  if (typeof before !== 'object') return { ...config, instructions, starting_message: text }
  const starting_message = before.type === 'generated' ? before : { ...before, type: 'static', text }
  return { ...config, instructions, starting_message }
}

export type DraftState = {
  readonly config: AgentConfig
  readonly instruction_builder_inputs: JsonObject | null
  readonly generated_from: JsonObject | null
  readonly dirty: boolean
  readonly manually_edited: boolean
}
export type DraftEdit = { readonly config?: AgentConfig; readonly instruction_builder_inputs?: JsonObject | null }

/**
 * A draft after an edit. `same` compares two JSON values (by canonical text).
 * Inputs that differ from those last generated from make it dirty; instructions that differ make it manually edited.
 */
export const editDraft = (
  draft: DraftState,
  edit: DraftEdit,
  same: (a: unknown, b: unknown) => boolean,
): Pick<DraftState, 'config' | 'instruction_builder_inputs' | 'dirty' | 'manually_edited'> => {
  const config = edit.config ?? draft.config
  const inputs =
    edit.instruction_builder_inputs === undefined ? draft.instruction_builder_inputs : edit.instruction_builder_inputs
  const inputs_changed = edit.instruction_builder_inputs !== undefined && !same(inputs, draft.generated_from)
  const instructions_changed = edit.config !== undefined && !same(config.instructions, draft.config.instructions)
  return {
    config,
    instruction_builder_inputs: inputs,
    dirty: draft.dirty || inputs_changed,
    manually_edited: draft.manually_edited || instructions_changed,
  }
}
