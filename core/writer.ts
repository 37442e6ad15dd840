/**
 * Who writes what people did not write themselves: a language model, or without one the offline writer, which is made of
 * rules. Every result says which of the two it was. What a model fails with is thrown as a refusal (`model_…`).
 */
import type { BuilderInputs } from '#core/builder-inputs.ts'
import type { ConfigDiff } from '#core/config-diff.ts'
import type { AgentConfig, JsonObject } from '#core/version.ts'

export type WrittenBy = 'model' | 'offline'

/** A tool that the model wants to be used. `id` is the model's own and goes back with the result. */
export type ToolRequest = { readonly id: string; readonly name: string; readonly arguments: JsonObject }

/** `tool_calls`: of an assistant's message; `tool_call_id`: of the result of one, role `tool`. */
export type TurnMessage = {
  readonly role: 'system' | 'user' | 'assistant' | 'tool'
  readonly content: string
  readonly tool_calls?: readonly ToolRequest[]
  readonly tool_call_id?: string
}

/** `parameters`: the JSON Schema of its arguments, an object's. */
export type ToolSpec = { readonly name: string; readonly description: string; readonly parameters: JsonObject }

/** Tokens as the model's server counts them; 0 where it does not say. `cost_usd` null: no prices were set. */
export type Usage = {
  readonly model: string
  readonly input_tokens: number
  readonly output_tokens: number
  readonly cost_usd: number | null
}

/** `end` comes last, once; a reply that breaks off throws in its place. */
export type ReplyPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'tool_call'; readonly call: ToolRequest }
  | { readonly kind: 'end'; readonly usage: Usage }

export type Written<T> = { readonly value: T; readonly written_by: WrittenBy; readonly usage: Usage | null }

export type WrittenInstructions = { readonly instructions: string; readonly starting_message: string }

export type TranscriptLine = { readonly who: 'agent' | 'user'; readonly text: string }
export type SuccessCriterion = { readonly name: string; readonly description: string }
export type WrittenSummary = {
  readonly summary: string
  /** One for each criterion, in their order. `met` null: nobody could say; `why` says why. */
  readonly criteria: readonly { readonly name: string; readonly met: boolean | null; readonly why: string }[]
}

export type Question = {
  readonly messages: readonly TurnMessage[]
  readonly tools: readonly ToolSpec[]
  /** Its `stt_llm_tts.llm` says how the model is asked. */
  readonly config: AgentConfig
}

export type Writer = {
  readonly written_by: WrittenBy
  instructions(inputs: BuilderInputs, signal: AbortSignal): Promise<Written<WrittenInstructions>>
  /** Prose about a diff, in pieces as they are written. */
  comparison(diff: ConfigDiff, signal: AbortSignal): AsyncIterable<string>
  /** Of a model only. */
  reply?(question: Question, signal: AbortSignal): AsyncIterable<ReplyPart>
  summary(
    transcript: readonly TranscriptLine[],
    success_criteria: readonly SuccessCriterion[],
    signal: AbortSignal,
  ): Promise<Written<WrittenSummary>>
}
