/**
 * A language model behind an OpenAI-compatible endpoint, streamed. Everything that goes wrong is thrown as a refusal
 * (`model_…`), before the first part where it happens before it.
 */
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { type LanguageModelUsage, streamText, type TextStreamPart, type ToolSet } from 'ai'
import { modelFault, toModelFault } from '#adapters/model-fault.ts'
import { toModelMessages, toToolSet } from '#adapters/model-messages.ts'
import { costOf, type ModelSettings } from '#core/language-model.ts'
import type { JsonObject } from '#core/version.ts'
import type { ReplyPart, ToolSpec, TurnMessage, Usage } from '#core/writer.ts'

export type Prompt = {
  readonly messages: readonly TurnMessage[]
  readonly tools?: readonly ToolSpec[]
  /** null: the settings' model. */
  readonly model?: string | null
  readonly temperature: number
  readonly max_output_tokens: number
}

export type ModelTimeouts = {
  /** To the first part of an answer, retries included. */
  readonly first_ms: number
  /** Between one part and the next. */
  readonly stall_ms: number
  readonly whole_ms: number
}
export const MODEL_TIMEOUTS: ModelTimeouts = { first_ms: 30_000, stall_ms: 30_000, whole_ms: 120_000 }

export type LanguageModel = {
  /** Parts as they arrive; the last one is `end`. Throws a refusal, or the signal's reason. */
  ask(prompt: Prompt, signal: AbortSignal): AsyncGenerator<ReplyPart, void>
}

export type LanguageModelOptions = {
  readonly settings: ModelSettings
  readonly fetch: typeof fetch
  readonly timeouts: ModelTimeouts
  /** Told of every answer that came to its end. */
  readonly used: (usage: Usage) => void
}

// It would print prompts.
globalThis.AI_SDK_LOG_WARNINGS = false

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

type Limits = { readonly signal: AbortSignal; alive(): void; stop(): void }

/** Aborts with `model_timeout` when the first part, the next one, or the whole takes too long. */
const startLimits = (timeouts: ModelTimeouts, outer: AbortSignal): Limits => {
  const over = new AbortController()
  const end = (what: string): void => over.abort(modelFault('model_timeout', [what]))
  const whole = setTimeout(end, timeouts.whole_ms, `${timeouts.whole_ms} ms in all`)
  let next = setTimeout(end, timeouts.first_ms, `${timeouts.first_ms} ms to the first word`)
  return {
    signal: AbortSignal.any([outer, over.signal]),
    alive: () => {
      clearTimeout(next)
      next = setTimeout(end, timeouts.stall_ms, `${timeouts.stall_ms} ms between words`)
    },
    stop: () => {
      clearTimeout(whole)
      clearTimeout(next)
      over.abort()
    },
  }
}

const SIGNS_OF_LIFE = new Set(['text-delta', 'reasoning-delta', 'tool-input-delta', 'tool-call'])

/** PostgreSQL keeps no NUL, and in JSON no half surrogate. */
const storable = (text: string): string => text.replaceAll('\u0000', '\ufffd').toWellFormed()

const storableDeep = (value: unknown): unknown => {
  if (typeof value === 'string') return storable(value)
  if (Array.isArray(value)) return value.map(storableDeep)
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [storable(key), storableDeep(item)]))
}

/** What a part says to whoever asked; null: nothing. */
const toReplyPart = (part: TextStreamPart<ToolSet>): ReplyPart | null => {
  if (part.type === 'text-delta')
    return part.text === '' ? null : { kind: 'text', text: part.text.replaceAll('\u0000', '\ufffd') }
  if (part.type === 'error') throw part.error
  if (part.type !== 'tool-call') return null
  const { toolCallId, toolName, input } = part
  // Arguments that are no JSON object: the model may be told so, as with any that do not fit.
  const given = isObject(input) ? (storableDeep(input) as JsonObject) : {}
  return { kind: 'tool_call', call: { id: storable(toolCallId), name: storable(toolName), arguments: given } }
}

export const createLanguageModel = ({ settings, fetch, timeouts, used }: LanguageModelOptions): LanguageModel => {
  const { base_url, api_key } = settings
  const provider = createOpenAICompatible({
    name: 'model',
    baseURL: base_url.replace(/\/+$/, ''),
    fetch,
    includeUsage: true,
    ...(api_key === null ? {} : { apiKey: api_key }),
  })
  const usageOf = (model: string, { inputTokens = 0, outputTokens = 0 }: LanguageModelUsage): Usage => ({
    ...{ model, input_tokens: inputTokens, output_tokens: outputTokens },
    // The prices are those of the model that was set up, not of another that a version names.
    cost_usd: costOf(model === settings.model ? settings.prices : null, inputTokens, outputTokens),
  })
  return {
    async *ask(prompt, outer) {
      outer.throwIfAborted()
      const limits = startLimits(timeouts, outer)
      const model = prompt.model ?? settings.model
      try {
        const { fullStream } = streamText({
          model: provider(model),
          messages: toModelMessages(prompt.messages),
          allowSystemInMessages: true,
          tools: toToolSet(prompt.tools ?? []),
          temperature: prompt.temperature,
          maxOutputTokens: prompt.max_output_tokens,
          // Our fetch does, within the time for the first word.
          maxRetries: 0,
          abortSignal: limits.signal,
          // Errors are read from the stream; by default they are printed.
          onError: () => {},
        })
        for await (const part of fullStream) {
          if (part.type === 'abort') break
          if (SIGNS_OF_LIFE.has(part.type)) limits.alive()
          const reply = toReplyPart(part)
          if (reply) yield reply
          if (part.type !== 'finish') continue
          if (part.finishReason === 'content-filter') throw modelFault('model_refused', ['its content filter'])
          const usage = usageOf(model, part.totalUsage)
          used(usage)
          yield { kind: 'end', usage }
          return
        }
        limits.signal.throwIfAborted()
        throw modelFault('model_broken_stream')
      } catch (error) {
        throw limits.signal.aborted ? limits.signal.reason : toModelFault(error)
      } finally {
        limits.stop()
      }
    },
  }
}
