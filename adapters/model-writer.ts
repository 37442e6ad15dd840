/** What is written by a language model, read out of its answers and held to what was asked for. */
import type { LanguageModel, Prompt } from '#adapters/language-model.ts'
import { modelFault } from '#adapters/model-fault.ts'
import { comparisonPrompt, instructionsPrompt, summaryPrompt } from '#adapters/model-prompts.ts'
import type { BuilderInputs } from '#core/builder-inputs.ts'
import { startingMessageFrom, toInstructions } from '#core/offline-instructions.ts'
import type { JsonObject } from '#core/version.ts'
import type {
  Question,
  SuccessCriterion,
  Usage,
  Writer,
  Written,
  WrittenInstructions,
  WrittenSummary,
} from '#core/writer.ts'

const WRITING = { temperature: 0.3, max_output_tokens: 8000 } as const

type Answer = { readonly text: string; readonly usage: Usage }

const askWhole = async (model: LanguageModel, prompt: Prompt, signal: AbortSignal): Promise<Answer> => {
  let text = ''
  for await (const part of model.ask(prompt, signal)) {
    if (part.kind === 'text') text += part.text
    if (part.kind === 'end') return { text, usage: part.usage }
  }
  throw modelFault('model_broken_stream')
}

/** The object in an answer, also where the model put words or a fence of backticks around it; null: there is none. */
const objectIn = (text: string): JsonObject | null => {
  const [from, to] = [text.indexOf('{'), text.lastIndexOf('}')]
  if (from < 0 || to < from) return null
  try {
    const value: unknown = JSON.parse(text.slice(from, to + 1))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null
  } catch {
    return null
  }
}

const unusable = (): never => {
  throw modelFault('model_broken_stream', ['it did not write what it was asked for'])
}

const textAt = (object: JsonObject, key: string): string => {
  const value = object[key]
  return typeof value === 'string' ? value.trim() : ''
}

/** A model that writes instructions as plain text, without the object around them, has written them all the same. */
const readInstructions = (text: string, inputs: BuilderInputs): WrittenInstructions => {
  const object = objectIn(text)
  const instructions = toInstructions(object ? textAt(object, 'instructions') : text.includes('{') ? '' : text)
  if (instructions === '') return unusable()
  return {
    instructions,
    starting_message: startingMessageFrom(inputs, object ? textAt(object, 'starting_message') : ''),
  }
}

/** Nothing is taken for met that the model did not say so of. */
const readSummary = (text: string, success_criteria: readonly SuccessCriterion[]): WrittenSummary => {
  const object = objectIn(text) ?? unusable()
  const summary = toInstructions(textAt(object, 'summary'))
  if (summary === '') return unusable()
  const judged: readonly JsonObject[] = Array.isArray(object.criteria) ? object.criteria.filter(Boolean) : []
  const criteria = success_criteria.map(({ name }) => {
    const found = judged.find(criterion => criterion.name === name)
    const met = typeof found?.met === 'boolean' ? found.met : null
    return { name, met, why: (found && toInstructions(textAt(found, 'why'))) || 'The model did not say.' }
  })
  return { summary, criteria }
}

type LlmConfig = { readonly model: string | null; readonly temperature: number; readonly max_output_tokens: number }

/** A config that names a provider of its own names a model of that provider's, which is not this one's. */
const llmOf = ({ config }: Question): LlmConfig => {
  const llm = ((config.stt_llm_tts as JsonObject | undefined)?.llm ?? {}) as JsonObject
  return {
    model: llm.provider === 'auto' && typeof llm.model === 'string' ? llm.model : null,
    temperature: typeof llm.temperature === 'number' ? llm.temperature : 0.3,
    max_output_tokens: typeof llm.max_output_tokens === 'number' ? llm.max_output_tokens : 1000,
  }
}

export const modelWriter = (model: LanguageModel): Writer => {
  const write = async <T>(
    messages: Prompt['messages'],
    read: (text: string) => T,
    signal: AbortSignal,
  ): Promise<Written<T>> => {
    const { text, usage } = await askWhole(model, { messages, ...WRITING }, signal)
    return { value: read(text), written_by: 'model', usage }
  }
  return {
    written_by: 'model',
    instructions: (inputs, signal) => write(instructionsPrompt(inputs), text => readInstructions(text, inputs), signal),
    async *comparison(diff, signal) {
      for await (const part of model.ask({ messages: comparisonPrompt(diff), ...WRITING }, signal))
        if (part.kind === 'text') yield part.text
    },
    reply: (question, signal) =>
      model.ask({ messages: question.messages, tools: question.tools, ...llmOf(question) }, signal),
    summary: (transcript, success_criteria, signal) =>
      write(summaryPrompt(transcript, success_criteria), text => readSummary(text, success_criteria), signal),
  }
}
