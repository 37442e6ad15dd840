/** A tool at work: its actions in order, and when one fails those for that case. Pure; the actions are done elsewhere. */
import type { Action, Tool } from '#core/mind-config.ts'
import { fillTemplate } from '#core/script.ts'
import type { JsonObject } from '#core/version.ts'
import type { ToolRequest } from '#core/writer.ts'

export type Values = Readonly<Record<string, string>>

/** What became of an action: a text that a language model can read. */
export type ActionOutcome =
  | { readonly ok: true; readonly result: string }
  | { readonly ok: false; readonly error: string }

export type ToolRun = {
  readonly call: ToolRequest
  readonly tool: Tool
  readonly phase: 'actions' | 'actions_on_error'
  readonly index: number
  readonly results: readonly { readonly action: string; readonly result?: string; readonly error?: string }[]
  /** What the first action that failed said. */
  readonly error: string | null
}

/** Characters of a result that a model is told. */
const RESULT_LENGTH = 16_000

const typeOf = (value: unknown): string => {
  if (Array.isArray(value)) return 'array'
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value
}

const fits = (value: unknown, type: unknown): boolean => {
  const found = typeOf(value)
  return found === type || (found === 'integer' && type === 'number')
}

/** Why a call's arguments are not what the tool asks for; null: they are. */
export const refuseArguments = (tool: Tool, given: JsonObject): string | null => {
  const missing = tool.required.filter(name => given[name] === undefined || given[name] === null)
  if (missing.length > 0) return `these parameters are missing: ${missing.join(', ')}`
  for (const [name, value] of Object.entries(given)) {
    const schema = Object.hasOwn(tool.properties, name) ? tool.properties[name] : undefined
    if (schema === undefined) return `there is no parameter ${name.slice(0, 64)}`
    if (value === null) continue
    if (!fits(value, schema.type)) return `${name} must be of type ${String(schema.type)}`
    if (Array.isArray(schema.enum) && !schema.enum.map(String).includes(String(value)))
      return `${name} must be one of ${schema.enum.join(', ')}`
  }
  return null
}

export const beginRun = (tool: Tool, call: ToolRequest): ToolRun => ({
  ...{ call, tool, phase: 'actions', index: 0, results: [], error: null },
})

/** undefined: the tool has done what it does. */
export const currentAction = (run: ToolRun): Action | undefined => run.tool[run.phase][run.index]

/** The run after its current action. The first failure leads to `actions_on_error`; one among those ends the run. */
export const afterAction = (run: ToolRun, outcome: ActionOutcome): ToolRun => {
  const action = currentAction(run)?.type ?? ''
  const results = [...run.results, outcome.ok ? { action, result: outcome.result } : { action, error: outcome.error }]
  if (outcome.ok) return { ...run, results, index: run.index + 1 }
  if (run.phase === 'actions') return { ...run, results, phase: 'actions_on_error', index: 0, error: outcome.error }
  return { ...run, results, index: run.tool.actions_on_error.length }
}

/** Whether an action happens: what its condition looks at is what it must be, and not what it must not be. */
export const isDue = (action: Action, values: Values): boolean => {
  const { condition } = action
  if (typeof condition !== 'object' || condition === null) return true
  const { value, is, is_not } = condition as { value?: unknown; is?: unknown; is_not?: unknown }
  const text = fillTemplate(String(value ?? ''), values).trim()
  if (typeof is_not === 'string' && text === is_not.trim()) return false
  return typeof is === 'string' ? text === is.trim() : text !== '' || typeof is_not === 'string'
}

/** What the model is told when the tool is done. */
export const resultOf = (run: ToolRun, values: Values): string => {
  const text =
    run.error === null && run.tool.output !== null
      ? fillTemplate(run.tool.output, values)
      : JSON.stringify({ ok: run.error === null, ...(run.error ? { error: run.error } : {}), results: run.results })
  return text.length > RESULT_LENGTH ? `${text.slice(0, RESULT_LENGTH).toWellFormed()}…` : text
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** What stands for a name within a tool: its arguments, the conversation's variables, and `result`, the last action's. */
export const valuesOf = (variables: Values, { call, results }: ToolRun): Values => ({
  result: results.at(-1)?.result ?? '',
  ...variables,
  ...Object.fromEntries(Object.entries(call.arguments).map(([name, value]) => [name, asText(value ?? '')])),
})

const mapValues = (values: Values, change: (value: string) => string): Values =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]))

const fillDeep = (value: unknown, values: Values): unknown => {
  if (typeof value === 'string') return fillTemplate(value, values)
  if (Array.isArray(value)) return value.map(item => fillDeep(item, values))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillDeep(item, values)]))
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A body that is JSON stays the JSON it is: what a value holds cannot become a member of it. */
const fillBody = (template: string, values: Values): string => {
  const json = parseJson(template)
  return typeof json === 'object' && json !== null
    ? JSON.stringify(fillDeep(json, values))
    : fillTemplate(template, values)
}

const dotSegments = (url: string): number =>
  (url.split(/[?#]/, 1)[0] ?? '').split('/').filter(segment => /^(\.|%2e){1,2}$/i.test(segment)).length

/** null: a value would lead to another path (`.` and `..` cannot be escaped, WHATWG URL 4.4). */
const fillUrl = (template: string, values: Values): string | null => {
  const url = fillTemplate(
    template,
    mapValues(values, value => encodeURIComponent(value.toWellFormed())),
  )
  return dotSegments(url) > dotSegments(template) ? null : url
}

/**
 * An action with its templates filled. In a URL a value is one component, or there is none (null); in a header it has no
 * control characters. A request without a body of its own, other than GET, sends the call's arguments as JSON.
 */
export const fillAction = (action: Action, values: Values, call: ToolRequest): Action => {
  if (action.type !== 'http_request') return fillDeep(action, values) as Action
  const headers = fillDeep(
    action.headers ?? {},
    mapValues(values, value => value.replace(/[\u0000-\u001f\u007f]/g, ' ')),
  )
  const body = typeof action.body === 'string' ? fillBody(action.body, values) : JSON.stringify(call.arguments)
  return {
    ...action,
    url: fillUrl(String(action.url), values),
    headers,
    body: action.method === 'GET' ? null : body,
  }
}
