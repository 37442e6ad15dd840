/** What a call needs of a config at its start, read out of the stored form. */
import type { VersionScript } from '#core/routing-table.ts'
import type { JsonObject } from '#core/version.ts'

const objectAt = (parent: JsonObject, key: string): JsonObject => {
  const value = parent[key]
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}
}

const numberAt = (parent: JsonObject, key: string, otherwise: number): number => {
  const value = parent[key]
  return typeof value === 'number' ? value : otherwise
}

/** `{{name}}` by its value; an unknown name becomes nothing. Values are text, never templates themselves. */
export const fillTemplate = (template: string, values: Readonly<Record<string, string>>): string =>
  template.replace(/\{\{\s*([A-Za-z_]\w{0,63})\s*\}\}/g, (_, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? '') : '',
  )

const startingText = (config: JsonObject): string => {
  const message = config.starting_message
  if (typeof message === 'string') return message
  const { type, text } = objectAt(config, 'starting_message')
  return type !== 'none' && typeof text === 'string' ? text : ''
}

const variableDefaults = (config: JsonObject): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(objectAt(config, 'dynamic_variables')).map(([name, value]) => [name, String(value ?? '')]),
  )

/** `config` needs only `starting_message`, `limits`, `stt_llm_tts.tts` and `dynamic_variables`. */
export const scriptOf = (config: JsonObject): VersionScript => {
  const limits = objectAt(config, 'limits')
  const voice = objectAt(objectAt(config, 'stt_llm_tts'), 'tts').voice
  const starting_message = startingText(config).trim()
  return {
    starting_message: starting_message === '' ? null : starting_message,
    variables: variableDefaults(config),
    voice: typeof voice === 'string' ? voice : 'slt',
    silence_timeout_seconds: numberAt(limits, 'silence_timeout_seconds', 30),
    max_duration_seconds: numberAt(limits, 'max_duration_seconds', 3600),
  }
}

/** What is said first in one call: the template with that call's variables over the defaults; null: nothing. */
export const startingMessage = (
  { starting_message, variables }: VersionScript,
  of_call: Readonly<Record<string, string>>,
): string | null => {
  if (starting_message === null) return null
  const text = fillTemplate(starting_message, { ...variables, ...of_call }).trim()
  return text === '' ? null : text
}
