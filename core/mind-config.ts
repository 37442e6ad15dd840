/** What a mind needs of a config, read out of the stored form; what one channel overrides is settled here. */
import type { JsonObject } from '#core/version.ts'

/** One thing a tool does; its texts are templates. */
export type Action = JsonObject & { readonly type: string }

export type Tool = {
  readonly name: string
  readonly description: string
  /** JSON Schemas by parameter. */
  readonly properties: Readonly<Record<string, JsonObject>>
  readonly required: readonly string[]
  readonly actions: readonly Action[]
  readonly actions_on_error: readonly Action[]
  /** A template; null: the results of the actions. */
  readonly output: string | null
}

export type Greeting = { readonly kind: 'none' | 'static' | 'generated'; readonly text: string }

export type MindConfig = {
  /** BCP 47. */
  readonly language: string
  readonly instructions: string
  readonly greeting: Greeting
  /** Tool calls after the user's words before the agent has to speak. */
  readonly max_tool_steps: number
  readonly tools: readonly Tool[]
  readonly knowledge_bases: readonly { readonly id: string; readonly top_n: number }[]
  /** Defaults by name. */
  readonly variables: Readonly<Record<string, string>>
  readonly success_criteria: readonly { readonly name: string; readonly description: string }[]
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const objectAt = (parent: JsonObject, key: string): JsonObject => {
  const value = parent[key]
  return isObject(value) ? value : {}
}

const listAt = (parent: JsonObject, key: string): readonly JsonObject[] => {
  const value = parent[key]
  return Array.isArray(value) ? value.filter(isObject) : []
}

const textAt = (parent: JsonObject, key: string, otherwise = ''): string => {
  const value = parent[key]
  return typeof value === 'string' ? value : otherwise
}

const numberAt = (parent: JsonObject, key: string, otherwise: number): number => {
  const value = parent[key]
  return typeof value === 'number' ? value : otherwise
}

const greetingOf = (message: unknown): Greeting => {
  if (typeof message === 'string') return { kind: message.trim() === '' ? 'none' : 'static', text: message }
  if (!isObject(message)) return { kind: 'none', text: '' }
  const kind = message.type === 'static' || message.type === 'generated' ? message.type : 'none'
  return { kind, text: textAt(message, 'text') }
}

const actionsOf = (tool: JsonObject, key: string): readonly Action[] =>
  listAt(tool, key).map(action => ({ ...action, type: textAt(action, 'type') }))

/** The plain types of the config's parameters as a JSON Schema that every model understands. */
const schemaOf = (property: JsonObject): JsonObject => {
  const type = textAt(property, 'type', 'string')
  const words = Array.isArray(property.enum) ? property.enum : []
  return {
    type,
    ...(textAt(property, 'description') === '' ? {} : { description: property.description }),
    ...(words.length > 0 ? { enum: words } : {}),
    ...(type === 'array' ? { items: { type: textAt(property, 'items', 'string') } } : {}),
  }
}

const toolOf = (tool: JsonObject): Tool => ({
  name: textAt(tool, 'name'),
  description: textAt(tool, 'description'),
  properties: Object.fromEntries(
    Object.entries(objectAt(tool, 'properties')).map(([name, value]) => [name, schemaOf(isObject(value) ? value : {})]),
  ),
  required: Array.isArray(tool.required) ? tool.required.map(String) : [],
  actions: actionsOf(tool, 'actions'),
  actions_on_error: actionsOf(tool, 'actions_on_error'),
  output: typeof tool.output === 'string' ? tool.output : null,
})

/** `config` as stored, its defaults filled in; `channel` names whose overrides count. */
export const mindConfigOf = (config: JsonObject, channel: 'telephone' | 'webrtc' | 'text'): MindConfig => {
  const override = objectAt(objectAt(config, 'channel_overrides'), channel)
  const first = typeof override.starting_message === 'string' ? override.starting_message : config.starting_message
  return {
    language: textAt(override, 'language', textAt(config, 'language', 'en-US')),
    instructions: textAt(override, 'instructions', textAt(config, 'instructions')),
    greeting: greetingOf(first),
    max_tool_steps: numberAt(override, 'max_tool_steps', numberAt(config, 'max_tool_steps', 5)),
    tools: listAt(config, 'tools').map(toolOf),
    knowledge_bases: listAt(config, 'knowledge_bases').map(base => ({
      id: textAt(base, 'id'),
      top_n: numberAt(base, 'top_n', 5),
    })),
    variables: variablesOf(objectAt(config, 'dynamic_variables')),
    success_criteria: listAt(config, 'success_criteria').map(criterion => ({
      name: textAt(criterion, 'name'),
      description: textAt(criterion, 'description'),
    })),
  }
}

const VARIABLE = /^[A-Za-z_]\w{0,63}$/

/** What can stand in a template: names of variables with plain values, as text. */
export const variablesOf = (context: JsonObject): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(context).flatMap(([name, value]) =>
      VARIABLE.test(name) && ['string', 'number', 'boolean'].includes(typeof value) ? [[name, String(value)]] : [],
    ),
  )

/** The most that one reply may have on the text channel, in characters. */
export const replyLimitOf = (config: JsonObject): number =>
  numberAt(objectAt(objectAt(config, 'channel_properties'), 'text'), 'max_reply_characters', 4000)
